/**
 * Builds what the miner loads, the kernels of `wasm/` and the worker, as `build/mining_assets.ts`, and
 * what hashes short messages, as `build/hash_kernel.ts`.
 *
 * ```text
 * wasm/scalar_kernel.ts ─────────────→ AssemblyScript ──→ scalar kernel ─┐
 * wasm/generate_simd_kernel.ts ──────→ AssemblyScript ──→ SIMD kernel ───┼→ build/mining_assets.ts
 * lib/miner/mining_worker.ts ────────→ deno bundle ─────→ source text ───┘
 * wasm/hash_kernel.ts ───────────────→ AssemblyScript ──→ hash kernel ───→ build/hash_kernel.ts
 * ```
 *
 * The results are plain modules with the kernels in base64 and the worker as text, so that source runs,
 * `deno bundle` and `deno compile` carry them in the same way, with nothing to find on disk. Their first
 * line is a digest of everything they were made from: when that is current, nothing is built.
 *
 * @module
 */
import { hash } from "node:crypto";
import asc from "assemblyscript/asc";
import { generateSimdKernel } from "../wasm/generate_simd_kernel.ts";

const ROOT = new URL("../", import.meta.url);
const MINING_OUTPUT = new URL("build/mining_assets.ts", ROOT);
const HASH_OUTPUT = new URL("build/hash_kernel.ts", ROOT);

/** Everything the outputs depend on, beside the versions of the tools. */
const SOURCES = [
  "scripts/build_kernel.ts",
  "wasm/generate_simd_kernel.ts",
  "wasm/hash_kernel.ts",
  "wasm/scalar_kernel.ts",
  "lib/miner/kernel.ts",
  "lib/miner/kernel_race.ts",
  "lib/miner/mining_channel.ts",
  "lib/miner/mining_worker.ts",
  "lib/miner/nonce_cursor.ts",
  "lib/miner/rate_limit.ts",
  "lib/result.ts",
];

const SCALAR_OPTIONS = ["--optimizeLevel", "3", "--converge"];

/** Not optimized: the generator has done it, and more of it costs a tenth of the speed. */
const SIMD_OPTIONS = ["--enable", "simd"];

if (import.meta.main) {
  const built = await buildKernel();
  const names = "build/mining_assets.ts and build/hash_kernel.ts";
  console.error(built ? `Built ${names}` : `${names} are up to date`);
}

/** Builds the kernels unless they are current; answers whether it had to. */
export async function buildKernel(): Promise<boolean> {
  const digestLine = `// ${await sourcesDigest()}`;
  const present = await Promise.all([MINING_OUTPUT, HASH_OUTPUT].map(readIfThere));
  if (present.every((text) => text.startsWith(digestLine))) return false;

  const scalarSource = await source("wasm/scalar_kernel.ts");
  const scalar = await compile(
    "scalar_kernel",
    { "scalar_kernel.ts": scalarSource },
    SCALAR_OPTIONS,
  );
  const [simd4, simd8] = await Promise.all(
    ([1, 2] as const).map((streamCount) =>
      compile("simd_kernel", {
        "scalar_kernel.ts": scalarSource,
        "simd_kernel.ts": generateSimdKernel(streamCount),
      }, SIMD_OPTIONS)
    ),
  );
  const hashKernel = await compile("hash_kernel", {
    "scalar_kernel.ts": scalarSource,
    "hash_kernel.ts": await source("wasm/hash_kernel.ts"),
  }, SCALAR_OPTIONS);
  const worker = await bundleWorker();

  await Deno.mkdir(new URL(".", MINING_OUTPUT), { recursive: true });
  await replaceFile(
    MINING_OUTPUT,
    `${digestLine}
// Made by scripts/build_kernel.ts: do not edit.
export const KERNELS_BASE64 = {
  scalar: ${JSON.stringify(scalar.toBase64())},
  simd4: ${JSON.stringify(simd4!.toBase64())},
  simd8: ${JSON.stringify(simd8!.toBase64())},
} as const;
export const WORKER_SOURCE = ${JSON.stringify(worker)};
`,
  );
  await replaceFile(
    HASH_OUTPUT,
    `${digestLine}
// Made by scripts/build_kernel.ts: do not edit.
export const HASH_KERNEL_BASE64 = ${JSON.stringify(hashKernel.toBase64())};
`,
  );
  return true;
}

async function sourcesDigest(): Promise<string> {
  const texts = await Promise.all(SOURCES.map(source));
  return hash("sha256", [asc.version, Deno.version.deno, ...texts].join("\0"), "hex");
}

/** Compiles one AssemblyScript module, from its source and those that it imports. */
async function compile(
  name: string,
  sources: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const stderr = asc.createMemoryStream();

  const { error } = await asc.main([
    `${name}.ts`,
    ...["--outFile", `${name}.wasm`],
    ...[
      "--runtime",
      "stub",
      "--memoryBase",
      "4096",
      "--initialMemory",
      "1",
      "--maximumMemory",
      "1",
    ],
    ...["--noAssert", "--use", "abort=", ...options],
  ], {
    stderr,
    readFile: (path) => sources[path] ?? null,
    writeFile: (path, contents) => {
      if (path.endsWith(".wasm")) binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });

  if (error !== null || binary === undefined) {
    throw new Error(`Cannot compile ${name}: got ${error?.message}\n${stderr.toString()}`);
  }
  return binary;
}

/** Bundles the mining worker, with everything it imports, into one text. */
async function bundleWorker(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "lib/miner/mining_worker.ts"],
    cwd: ROOT,
  }).output();

  if (!success) {
    throw new Error(`Cannot bundle the mining worker: got ${new TextDecoder().decode(stderr)}`);
  }
  return new TextDecoder().decode(stdout);
}

/** Writes a file so that a reader sees the old one or the new one, never half of it. */
async function replaceFile(url: URL, text: string): Promise<void> {
  const partUrl = new URL(`${url.href}.${Deno.pid}.part`);
  await Deno.writeTextFile(partUrl, text);
  await Deno.rename(partUrl, url);
}

function source(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

async function readIfThere(url: URL): Promise<string> {
  try {
    return await Deno.readTextFile(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
