/**
 * Compiles the program into one executable with `deno compile`: `deno task compile`.
 *
 * The bundle goes in as the only file: workers, kernels and pages are inside it. `deno compile` puts it
 * behind a runtime without tools (`denort`), which it downloads for the target, unless `DENORT_BIN`
 * names one. Where neither is to be had, `deno task pack` makes a file that does the same.
 *
 * Run: `deno task compile [--target TRIPLE|all] [--output FILE]`
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundleProgram, missingAssets } from "./bundle_program.ts";
import { PERMISSION_FLAGS, VECTOR_FLAGS } from "./program_permissions.ts";
import { writeChecksums } from "./write_checksums.ts";

/** The machines that `deno compile` makes executables for. */
export const COMPILE_TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** What to compile, and where to. */
export interface CompileOptions {
  readonly entryPath: string;
  readonly outputPath: string;
  readonly target: string;
}

/** What came of it. */
export interface Compiled {
  /** Every file inside the executable, as `deno compile` lists them. */
  readonly embeddedFiles: readonly string[];
  readonly sizeBytes: number;
}

/** What the bundle is called inside; stack traces show it. */
const BUNDLE_NAME = "noobcash.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

if (import.meta.main) {
  const { values } = parseArgs({
    options: { target: { type: "string" }, output: { type: "string" } },
  });
  const targets = values.target === "all" ? COMPILE_TARGETS : [values.target ?? Deno.build.target];
  try {
    for (const target of targets) {
      const suffix = `${values.target === undefined ? "" : `-${target}`}${exeSuffix(target)}`;
      const outputPath = values.output ?? join(ROOT, `dist/noobcash${suffix}`);
      const { sizeBytes } = await compileProgram({
        entryPath: join(ROOT, "main.ts"),
        outputPath,
        target,
      });
      await writeChecksums(dirname(outputPath));
      console.error(`Compiled ${outputPath}: ${(sizeBytes / 1e6).toFixed(1)} MB`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}

/** Compiles the program; fails unless everything that it needs is inside, and nothing else. */
export async function compileProgram(options: CompileOptions): Promise<Compiled> {
  const { outputPath, target } = options;
  if (!COMPILE_TARGETS.includes(target)) {
    const known = COMPILE_TARGETS.join(", ");
    throw new Error(`Cannot compile: got target "${target}", wanted one of ${known}`);
  }

  // Beside the output: `deno compile` overwrites nothing that it did not make, a rename does.
  await Deno.mkdir(dirname(outputPath), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: dirname(outputPath), prefix: ".compile-" });
  try {
    const bundle = await bundleProgram(options.entryPath);
    await Deno.writeFile(join(folder, BUNDLE_NAME), bundle);

    const executable = `compiled${exeSuffix(target)}`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: compileArguments(target, executable),
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const report = new TextDecoder().decode(stderr);
    if (!success) throw new Error(reasonOf(report, target));

    const missing = await missingAssets(new TextDecoder().decode(bundle));
    if (missing.length > 0) throw new Error(`Cannot compile: got no ${missing.join(", ")} inside`);
    await Deno.rename(join(folder, executable), outputPath);
    return { embeddedFiles: embeddedFiles(report), sizeBytes: (await Deno.stat(outputPath)).size };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function compileArguments(target: string, output: string): string[] {
  return [
    ...["compile", "--no-check", "--no-config", "--no-lock"],
    ...["--target", target, "--output", output],
    ...PERMISSION_FLAGS,
    ...(target.startsWith("x86_64") ? VECTOR_FLAGS : []),
    BUNDLE_NAME,
  ];
}

/** Why `deno compile` failed, in one line. */
function reasonOf(report: string, target: string): string {
  if (/denort/.test(report)) {
    return `Cannot compile for "${target}": got no runtime for it from the network, wanted that or a ` +
      'file that DENORT_BIN names ("deno task pack" needs neither)';
  }
  return `Cannot compile for "${target}": got ${report.trim()}`;
}

/** Reads the names out of the tree that `deno compile` draws. */
function embeddedFiles(report: string): string[] {
  return [...report.matchAll(/^[│ ]*[├└][─┬]+ (.+?) \([0-9.]+ ?[KMG]?B.*\)$/gm)]
    .map((match) => match[1] as string);
}

function exeSuffix(target: string): string {
  return target.includes("windows") ? ".exe" : "";
}
