/**
 * Where the kernels and the worker come from.
 *
 * The only file of the room that knows how they are carried: as strings in `build/mining_assets.ts`,
 * which `deno task build` makes. The worker starts from a `blob:` URL and gets the compiled kernel in
 * its first message, so source runs, `deno bundle`, `deno compile` and the packed file need nothing
 * beside the program itself. Takes no decision about mining.
 *
 * @module
 */
import { KERNELS_BASE64, WORKER_SOURCE } from "../../build/mining_assets.ts";

/** The kernels: one nonce at a time, four, eight. */
export type KernelName = keyof typeof KERNELS_BASE64;

/** A kernel, compiled. */
export interface LoadedKernel {
  readonly name: KernelName;
  readonly module: WebAssembly.Module;
}

/** Compiles the kernels that may be the fastest in this engine; the miner finds out which is. */
export async function loadKernels(): Promise<readonly LoadedKernel[]> {
  const names: readonly KernelName[] = kernelFamily() === "simd" ? ["simd8", "simd4"] : ["scalar"];
  return await Promise.all(names.map(loadKernel));
}

/** What this engine can run, told without running it. */
export function kernelFamily(): "simd" | "scalar" {
  return WebAssembly.validate(Uint8Array.fromBase64(KERNELS_BASE64.simd4)) ? "simd" : "scalar";
}

/** Compiles one kernel. */
export async function loadKernel(name: KernelName): Promise<LoadedKernel> {
  return { name, module: await WebAssembly.compile(Uint8Array.fromBase64(KERNELS_BASE64[name])) };
}

/** Starts a mining worker, which waits for its setup. */
export function startWorker(name: string): Worker {
  // One URL for the life of the process: the worker's thread reads it after this call returns.
  workerUrl ??= URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));

  return new Worker(workerUrl, { type: "module", name });
}

let workerUrl: string | undefined;
