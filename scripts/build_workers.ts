/**
 * Builds what worker threads load: each worker, bundled into a string, as `build/<name>_source.ts`.
 *
 * So a worker starts in the same way from source, from a bundle and from a compiled program, with nothing
 * to find on disk. Bundling takes less than a tenth of a second and is done each time; a file is written
 * only when it changed.
 *
 * Run: `deno task build`
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const WORKER_PATHS = [
  "lib/runtime/verification/verification_worker.ts",
  "lib/sweep/sweep_worker.ts",
] as const;

if (import.meta.main) { for (const path of WORKER_PATHS) await buildWorker(path); }

async function buildWorker(path: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", path],
    cwd: ROOT,
  }).output();
  const [source, trouble] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`Cannot bundle "${path}": got ${trouble}`);

  const name = path.replace(/^.*\//, "").replace(/\.ts$/, "");
  const outputPath = `${ROOT}build/${name}_source.ts`;
  const text = `// Made by scripts/build_workers.ts: do not edit.
export const ${name.toUpperCase()}_SOURCE = ${JSON.stringify(source)};
`;
  if (await Deno.readTextFile(outputPath).catch(() => "") === text) return;
  await Deno.mkdir(`${ROOT}build`, { recursive: true });
  await Deno.writeTextFile(`${outputPath}.${Deno.pid}.part`, text);
  await Deno.rename(`${outputPath}.${Deno.pid}.part`, outputPath);
}
