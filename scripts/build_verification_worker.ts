/**
 * Builds what the verification pool loads: its worker, bundled into a string, as
 * `build/verification_worker_source.ts`.
 *
 * So a worker starts in the same way from source, from a bundle and from a compiled program, with nothing
 * to find on disk. Bundling takes less than a tenth of a second and is done each time; the file is
 * written only when it changed.
 *
 * Run: `deno task build`
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WORKER_PATH = "lib/runtime/verification/verification_worker.ts";
const OUTPUT_PATH = `${ROOT}build/verification_worker_source.ts`;

if (import.meta.main) await buildVerificationWorker();

async function buildVerificationWorker(): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", WORKER_PATH],
    cwd: ROOT,
  }).output();
  const [source, trouble] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`Cannot bundle the verification worker: got ${trouble}`);

  const text = `// Made by scripts/build_verification_worker.ts: do not edit.
export const VERIFICATION_WORKER_SOURCE = ${JSON.stringify(source)};
`;
  if (await Deno.readTextFile(OUTPUT_PATH).catch(() => "") === text) return;
  await Deno.mkdir(`${ROOT}build`, { recursive: true });
  await Deno.writeTextFile(`${OUTPUT_PATH}.${Deno.pid}.part`, text);
  await Deno.rename(`${OUTPUT_PATH}.${Deno.pid}.part`, OUTPUT_PATH);
}
