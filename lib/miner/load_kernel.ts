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
import {
  SCALAR_KERNEL_BASE64,
  SIMD_KERNEL_BASE64,
  WORKER_SOURCE,
} from "../../build/mining_assets.ts";

/** A kernel, compiled. */
export interface LoadedKernel {
  readonly name: KernelName;
  readonly module: WebAssembly.Module;
}

export type KernelName = "simd" | "scalar";

/** Compiles the fastest kernel that this engine can run. */
export async function loadKernel(): Promise<LoadedKernel> {
  const name = WebAssembly.validate(Uint8Array.fromBase64(SIMD_KERNEL_BASE64)) ? "simd" : "scalar";
  return await loadKernelNamed(name);
}

/** Compiles one kernel. */
export async function loadKernelNamed(name: KernelName): Promise<LoadedKernel> {
  const base64 = name === "simd" ? SIMD_KERNEL_BASE64 : SCALAR_KERNEL_BASE64;
  return { name, module: await WebAssembly.compile(Uint8Array.fromBase64(base64)) };
}

/** Starts a mining worker, which waits for its setup. */
export function startWorker(name: string): Worker {
  // One URL for the life of the process: the worker's thread reads it after this call returns.
  workerUrl ??= URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));

  return new Worker(workerUrl, { type: "module", name });
}

let workerUrl: string | undefined;
