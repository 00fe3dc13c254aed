/**
 * Bundles the program into one text that needs nothing but the runtime, and checks that it does not.
 *
 * What is packed and what is compiled are the same bundle. Workers, kernels and pages are inside as
 * strings, made by `deno task build`. {@link bundleProgram} fails if the bundle would look for anything
 * beside it; {@link missingAssets} tells which strings are not inside.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { concatBytes } from "../lib/bytes.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** How the source imports what `deno task build` makes. */
const ASSET_IMPORT_PATTERN = /(?:from|import\() ?"[.\/]+\/build\/([a-z_]+\.ts)"/g;

/** Shorter texts could occur by chance, and are not looked for: version and commit. */
const PLAIN_RUN_LENGTH_MIN = 24;

/** Packages in the older module format ask for parts of the runtime by this name; nothing else is there. */
const REQUIRE = 'import{getBuiltinModule as builtinModule}from"node:process";' +
  "const require=name=>{const found=builtinModule(name);" +
  'if(found===undefined)throw new Error(`Cannot load "${name}": it is no part of the runtime`);' +
  "return found};\n";

/** Bundles a main module and everything that it imports. */
export async function bundleProgram(entryPath: string): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "--keep-names", "--platform", "deno", entryPath],
    cwd: ROOT,
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle "${entryPath}": got ${new TextDecoder().decode(stderr)}`);
  }

  const outside = outsideImports(new TextDecoder().decode(stdout));
  if (outside.length > 0) {
    throw new Error(`Cannot bundle "${entryPath}": got imports of ${outside.join(", ")}`);
  }
  return concatBytes([new TextEncoder().encode(REQUIRE), stdout]);
}

/** What a bundle imports that the runtime does not have inside. */
export function outsideImports(bundle: string): string[] {
  const imports = [...bundle.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g)];
  return [...new Set(imports.map((match) => match[1] as string))]
    .filter((specifier) => /^(?:\.{0,2}\/|[a-z]+:)/.test(specifier))
    .filter((specifier) => !specifier.startsWith("node:"));
}

/** Strings of the program that a bundle does not hold, as `file: name`. */
export async function missingAssets(bundle: string): Promise<string[]> {
  const missing: string[] = [];
  for (const file of await assetModules(`${ROOT}lib`)) {
    const module: Record<string, unknown> = await import(`../build/${file}`);
    for (const [name, value] of Object.entries(module)) {
      const runs = stringsIn(value).map(longestPlainRun);
      const wanted = runs.filter((run) => run.length >= PLAIN_RUN_LENGTH_MIN);
      if (!wanted.every((run) => bundle.includes(run))) missing.push(`${file}: ${name}`);
    }
  }
  return missing;
}

/** The built modules that the source imports, by name. */
async function assetModules(folder: string, found = new Set<string>()): Promise<Set<string>> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await assetModules(path, found);
    if (!/(?<!_test)\.tsx?$/.test(entry.name)) continue;
    for (const [, file] of (await Deno.readTextFile(path)).matchAll(ASSET_IMPORT_PATTERN)) {
      found.add(file as string);
    }
  }
  return found;
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** The longest part of a text that is written the same within any quotes. */
function longestPlainRun(text: string): string {
  let longest = "";
  for (const [run] of text.matchAll(/[A-Za-z0-9+/=.,:;(){}[\] _-]+/g)) {
    if (run.length > longest.length) longest = run;
  }
  return longest;
}
