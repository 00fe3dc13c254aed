/**
 * Builds the dashboard: bundles `lib/http/dashboard` for browsers and writes it, with its style, as
 * `build/dashboard_assets.ts`.
 *
 * The first line of the result is a digest of everything it was made from: when that is current, nothing
 * is built.
 *
 * Run: `deno task build`
 *
 * @module
 */
import { hash } from "node:crypto";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE_FOLDER = `${ROOT}lib/http/dashboard`;
const OUTPUT_PATH = `${ROOT}build/dashboard_assets.ts`;

/** What the script imports code from, beside its own folder; from elsewhere it imports types only. */
const SHARED_SOURCES = ["lib/translation.ts"];

if (import.meta.main) await writeDashboard();

async function writeDashboard(): Promise<void> {
  const firstLine = `// ${await sourcesDigest()}`;
  const old = await Deno.readTextFile(OUTPUT_PATH).catch(() => "");
  if (old.startsWith(`${firstLine}\n`)) return;

  const style = await Deno.readTextFile(`${SOURCE_FOLDER}/style.css`);
  const text = `${firstLine}
// Made by scripts/build_dashboard.ts: do not edit.
export const SCRIPT = ${JSON.stringify(await bundle())};
export const STYLE = ${JSON.stringify(style)};
`;
  await Deno.mkdir(`${ROOT}build`, { recursive: true });
  await Deno.writeTextFile(`${OUTPUT_PATH}.${Deno.pid}.part`, text);
  await Deno.rename(`${OUTPUT_PATH}.${Deno.pid}.part`, OUTPUT_PATH);
}

async function bundle(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "--platform", "browser", "lib/http/dashboard/app.tsx"],
    cwd: ROOT,
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle the dashboard: got ${new TextDecoder().decode(stderr)}`);
  }
  return new TextDecoder().decode(stdout);
}

async function sourcesDigest(): Promise<string> {
  const names = [...Deno.readDirSync(SOURCE_FOLDER)].map(({ name }) => name).sort();
  const paths = [
    ...names.map((name) => `${SOURCE_FOLDER}/${name}`),
    ...SHARED_SOURCES.map((path) => `${ROOT}${path}`),
    fileURLToPath(import.meta.url),
  ];
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  return hash("sha256", JSON.stringify([...names, Deno.version.deno, ...texts]));
}
