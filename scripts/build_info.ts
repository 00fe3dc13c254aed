/**
 * Writes down what is built: `build/build_info.ts`, which the program's `--version` reads.
 *
 * Nothing in it changes from one build of a commit to the next (no time, no machine), so that the same
 * commit gives the same bytes.
 *
 * Run: `deno task build`
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUTPUT_PATH = `${ROOT}build/build_info.ts`;

if (import.meta.main) await writeBuildInfo();

/** Writes the file, unless it says the same already. */
export async function writeBuildInfo(): Promise<void> {
  const text = `// Made by scripts/build_info.ts: do not edit.
export const VERSION = ${JSON.stringify(await packageVersion())};
export const COMMIT = ${JSON.stringify(await commit())};
`;
  const old = await Deno.readTextFile(OUTPUT_PATH).catch(() => "");
  if (old === text) return;

  await Deno.mkdir(`${ROOT}build`, { recursive: true });
  await Deno.writeTextFile(`${OUTPUT_PATH}.${Deno.pid}.part`, text);
  await Deno.rename(`${OUTPUT_PATH}.${Deno.pid}.part`, OUTPUT_PATH);
}

/** The version in `deno.json`. */
export async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  if (typeof version !== "string") throw new Error(`Cannot read the version: got ${version}`);
  return version;
}

/** The commit in hand; marked when a tracked file differs from it; "unknown" without git. */
async function commit(): Promise<string> {
  const hash = await git(["rev-parse", "--short=12", "HEAD"]);
  if (hash === undefined) return "unknown";

  const changes = await git(["status", "--porcelain", "--untracked-files=no"]);
  return changes === "" ? hash : `${hash}-changed`;
}

async function git(args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: [...args],
      cwd: ROOT,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}
