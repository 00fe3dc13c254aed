/**
 * Builds the API's page: the two files of Swagger UI, gzipped and in base64, as
 * `build/swagger_ui_assets.ts`.
 *
 * A node serves them as they are, so that its page works without a network and from a single file.
 *
 * Run: `deno task build`
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUTPUT_PATH = `${ROOT}build/swagger_ui_assets.ts`;
const SCRIPT_URL = import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js");
const STYLE_URL = import.meta.resolve("swagger-ui-dist/swagger-ui.css");

if (import.meta.main) await writeSwaggerUi();

/** Writes the module, unless it was made from the same version. */
async function writeSwaggerUi(): Promise<void> {
  const firstLine = `// Swagger UI ${await swaggerVersion()}`;
  const old = await Deno.readTextFile(OUTPUT_PATH).catch(() => "");
  if (old.startsWith(`${firstLine}\n`)) return;

  const text = `${firstLine}
// Made by scripts/build_swagger_ui.ts: do not edit.
export const SCRIPT_GZIP_BASE64 = "${await gzipBase64(SCRIPT_URL)}";
export const STYLE_GZIP_BASE64 = "${await gzipBase64(STYLE_URL)}";
`;
  await Deno.mkdir(`${ROOT}build`, { recursive: true });
  await Deno.writeTextFile(`${OUTPUT_PATH}.${Deno.pid}.part`, text);
  await Deno.rename(`${OUTPUT_PATH}.${Deno.pid}.part`, OUTPUT_PATH);
}

async function gzipBase64(url: string): Promise<string> {
  const bytes = await Deno.readFile(new URL(url));
  return gzipSync(bytes, { level: 9 }).toString("base64");
}

async function swaggerVersion(): Promise<string> {
  const url = import.meta.resolve("swagger-ui-dist/package.json");
  return JSON.parse(await Deno.readTextFile(new URL(url))).version;
}
