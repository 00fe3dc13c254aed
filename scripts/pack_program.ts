/**
 * Packs the program into one file that needs nothing beside it: `deno task pack`.
 *
 *     head (POSIX shell, pack_head.sh) | gzip(Deno runtime) | gzip(bundled program)
 *
 * Downloads nothing for the machine it runs on: the runtime is the one that runs this script. For
 * another machine (`--target`) the runtime comes from Deno's own package for that machine, or from a
 * file (`--runtime`). What the head does at start is written there.
 *
 * Run: `deno task pack [--output FILE] [--target linux-arm64] [--runtime FILE] [--entry FILE]`
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { packageVersion } from "./build_info.ts";
import { bundleProgram } from "./bundle_program.ts";
import { PERMISSION_FLAGS, VECTOR_FLAGS } from "./program_permissions.ts";
import { writeChecksums } from "./write_checksums.ts";

/** What to pack, and where to. */
export interface PackOptions {
  /** The program's main module. */
  readonly entryPath: string;
  readonly outputPath: string;

  /** A machine of `TARGETS`; the one this runs on when left out. */
  readonly target?: string;

  /** The Deno executable to put in; the one that runs this, or the target's package, when left out. */
  readonly runtimePath?: string;
}

/** What came of it. */
export interface Packed {
  readonly id: string;
  readonly sizeBytes: number;
  readonly appSizeBytes: number;
}

/** A kind of machine: how `uname` and Deno's packages name it. */
interface Target {
  readonly os: string;
  readonly arch: string;
  readonly runtimePackage: string;
}

const TARGETS: Readonly<Record<string, Target>> = {
  "linux-x64": { os: "Linux", arch: "x86_64", runtimePackage: "@deno/linux-x64-glibc" },
  "linux-arm64": { os: "Linux", arch: "aarch64", runtimePackage: "@deno/linux-arm64-glibc" },
  "darwin-x64": { os: "Darwin", arch: "x86_64", runtimePackage: "@deno/darwin-x64" },
  "darwin-arm64": { os: "Darwin", arch: "arm64", runtimePackage: "@deno/darwin-arm64" },
};

/** Self-contained means that nothing is looked for around the program: no configuration, no packages. */
const RUN_FLAGS = [
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  ...PERMISSION_FLAGS,
];

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const compress = promisify(gzip);

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      output: { type: "string", default: join(ROOT, "dist/noobcash") },
      entry: { type: "string", default: join(ROOT, "main.ts") },
      target: { type: "string" },
      runtime: { type: "string" },
    },
  });
  const packed = await packProgram({
    entryPath: values.entry,
    outputPath: values.output,
    ...(values.target === undefined ? {} : { target: values.target }),
    ...(values.runtime === undefined ? {} : { runtimePath: values.runtime }),
  });
  await writeChecksums(dirname(values.output));

  const megabytes = (packed.sizeBytes / 1e6).toFixed(1);
  console.error(`Packed ${values.output}: ${megabytes} MB, ${packed.id}`);
}

/** Packs the program; the output appears whole or not at all. */
export async function packProgram(options: PackOptions): Promise<Packed> {
  const targetName = options.target ?? hostTarget();
  const target = TARGETS[targetName];
  if (target === undefined) {
    const known = Object.keys(TARGETS).join(", ");
    throw new Error(`Cannot pack: got target "${targetName}", wanted one of ${known}`);
  }

  const app = await bundleProgram(options.entryPath);
  const runtime = await Deno.readFile(
    options.runtimePath ??
      (targetName === hostTarget() ? Deno.execPath() : await fetchRuntime(target)),
  );
  const packedRuntime = await compressRuntime(runtime);
  const packedApp = await compress(app, { level: constants.Z_BEST_COMPRESSION });

  const runFlags = [...RUN_FLAGS, ...(target.arch === "x86_64" ? VECTOR_FLAGS : [])].join(" ");
  const version = await packageVersion();
  const digest = createHash("sha256").update(packedRuntime).update(packedApp)
    .update(runFlags).digest("hex").slice(0, 12);
  const id = `noobcash-${version}-${digest}`;

  const head = await headText({
    VERSION: version,
    ID: id,
    OS: target.os,
    ARCH: target.arch,
    PACKED_RUNTIME_SIZE: packedRuntime.length,
    PACKED_APP_SIZE: packedApp.length,
    RUNTIME_SIZE: runtime.length,
    APP_SIZE: app.length,
    RUN_FLAGS: runFlags,
  });

  await Deno.mkdir(dirname(options.outputPath), { recursive: true });
  const partPath = `${options.outputPath}.${Deno.pid}.part`;
  await Deno.writeFile(partPath, Buffer.concat([head, packedRuntime, packedApp]), { mode: 0o755 });
  await Deno.chmod(partPath, 0o755);
  await Deno.rename(partPath, options.outputPath);

  return {
    id,
    sizeBytes: head.length + packedRuntime.length + packedApp.length,
    appSizeBytes: app.length,
  };
}

/** The machine this runs on, as `TARGETS` names it. */
function hostTarget(): string {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return `${Deno.build.os}-${arch}`;
}

/** Compresses a runtime, which takes ten seconds: what came of it is kept in the build folder. */
async function compressRuntime(runtime: Uint8Array): Promise<Uint8Array> {
  const digest = createHash("sha256").update(runtime).digest("hex").slice(0, 16);
  const path = join(ROOT, "build", `runtime-${digest}.gz`);
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }

  const packed = await compress(runtime, { level: constants.Z_BEST_COMPRESSION });
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(`${path}.${Deno.pid}.part`, packed);
  await Deno.rename(`${path}.${Deno.pid}.part`, path);
  return packed;
}

/** Gets another machine's runtime, of the version that runs this, from Deno's package for it. */
async function fetchRuntime(target: Target): Promise<string> {
  const folder = join(ROOT, "build", `${basename(target.runtimePackage)}-${Deno.version.deno}`);
  const path = join(folder, "package", "deno");
  try {
    await Deno.stat(path);
    return path;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }

  await Deno.mkdir(folder, { recursive: true });
  const name = `${target.runtimePackage}@${Deno.version.deno}`;
  try {
    const archive = (await run("npm", ["pack", "--loglevel=error", name], folder)).trim();
    await run("tar", ["-xzf", archive], folder);
    await Deno.remove(join(folder, archive));
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot get "${name}" (--runtime names a file instead): ${reason}`);
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd })
    .output();
  if (!success) {
    const reason = new TextDecoder().decode(stderr).trim();
    throw new Error(`Cannot run "${command} ${args.join(" ")}": got ${reason}`);
  }
  return new TextDecoder().decode(stdout);
}

/** Fills the head in; its own size, which it must know, is made fixed by padding. */
async function headText(values: Readonly<Record<string, string | number>>): Promise<Uint8Array> {
  const template = await Deno.readTextFile(join(ROOT, "scripts/pack_head.sh"));
  const fill = (headSize: string) =>
    template.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
      const value = name === "HEAD_SIZE" ? headSize : values[name];
      if (value === undefined) throw new Error(`Cannot fill in the head: got "@${name}@"`);
      return String(value);
    });

  // Six digits stand for the size while it is measured; shell reads leading zeros as octal, so the
  // number is followed by blanks instead.
  const size = new TextEncoder().encode(fill("000000")).length;
  return new TextEncoder().encode(fill(String(size).padEnd(6, " ")));
}
