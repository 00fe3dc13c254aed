/**
 * Builds what the program is made of, unless nothing has changed since; prints the engine's flags.
 *
 * `deno task noobcash` starts with it, so it costs what a look at the files costs and says nothing while
 * all is well. What was looked at is noted in `build/stamp.txt`: path, size and time of every file that a
 * build reads. The commit is looked at as well, since `--version` tells it.
 *
 * Run: `deno run -A scripts/build_when_needed.ts`
 *
 * @module
 */
import { hash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { writeBuildInfo } from "./build_info.ts";
import { engineFlags } from "./v8_flags.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STAMP_PATH = `${ROOT}build/stamp.txt`;

/** Where everything comes from that a build reads. */
const SOURCES = ["lib", "wasm", "scripts", "deno.json", "deno.lock"];

if (import.meta.main) {
  await buildWhenNeeded();
  console.log(engineFlags());
}

/** Builds when the sources are not those of the last build, or when a result is gone. */
async function buildWhenNeeded(): Promise<void> {
  const stamp = sourcesStamp();
  const isCurrent = await Deno.readTextFile(STAMP_PATH).catch(() => "") === stamp;
  if (isCurrent && hasResults()) return await writeBuildInfo();

  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "build"],
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (!success) {
    await Deno.stderr.write(stdout);
    await Deno.stderr.write(stderr);
    Deno.exit(1);
  }
  await Deno.writeTextFile(`${STAMP_PATH}.${Deno.pid}.part`, stamp);
  await Deno.rename(`${STAMP_PATH}.${Deno.pid}.part`, STAMP_PATH);
}

/** Every module that the program imports from `build/`; a missing one is made anew. */
function hasResults(): boolean {
  const task: string = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)).tasks.build;
  const names = new Set([...Deno.readDirSync(`${ROOT}build`)].map(({ name }) => name));
  const results = [...task.matchAll(/scripts\/(\w+)\.ts/g)].flatMap(([, script]) =>
    [...Deno.readTextFileSync(`${ROOT}scripts/${script}.ts`).matchAll(/build\/(\w+\.ts)/g)]
      .map(([, name]) => name as string)
  );
  return results.every((name) => names.has(name));
}

function sourcesStamp(): string {
  const lines: string[] = [Deno.version.deno];
  const visit = (path: string) => {
    const { isDirectory, size, mtime } = Deno.statSync(`${ROOT}${path}`);
    if (!isDirectory) return void lines.push(`${path} ${size} ${mtime?.getTime()}`);
    for (const { name } of Deno.readDirSync(`${ROOT}${path}`)) visit(`${path}/${name}`);
  };
  for (const path of SOURCES) visit(path);
  return hash("sha256", lines.sort().join("\n"), "hex");
}
