/**
 * One instance of the mining kernel: the door from typed values to its fixed buffers.
 *
 * Owns the kernel's memory layout as the host sees it (`wasm/scalar_kernel.ts` has the whole table).
 * Knows nothing of jobs, time, threads or where the WebAssembly comes from. Both kernels, SIMD and
 * scalar, answer the same: the *first* passing nonce of a range, or none.
 *
 * Called by the mining worker, the tests and the benchmarks.
 *
 * @module
 */
import { invariant } from "../result.ts";

/** Size of the header that is hashed; the nonce is its last four bytes. */
export const KERNEL_HEADER_SIZE_BYTES = 116;

/** How many nonces one timestamp has. */
export const NONCE_COUNT = 2 ** 32;

const HEADER_OFFSET = 0;
const TARGET_OFFSET = 128;
const STATE_OFFSET = 192;

/** Size of a target. */
export const TARGET_SIZE_BYTES = 32;

/** What a kernel module exports. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly prepare: () => void;
  readonly search: (first: number, count: number) => number;
  readonly hash: (nonce: number) => void;
}

/** A kernel with a template loaded, or none yet. */
export interface Kernel {
  /** Loads a header (its nonce is ignored) and the highest passing hash, 32 bytes big endian. */
  readonly load: (header: Uint8Array, target: Uint8Array) => void;

  /** The first passing nonce of `first .. first + count - 1`; undefined when there is none. */
  readonly search: (first: number, count: number) => number | undefined;

  /** The hash of the loaded header with this nonce. */
  readonly hash: (nonce: number) => Uint8Array<ArrayBuffer>;
}

/** Instantiates a compiled kernel. */
export function openKernel(module: WebAssembly.Module): Kernel {
  const exports = new WebAssembly.Instance(module).exports as unknown as KernelExports;
  const memory = new Uint8Array(exports.memory.buffer);

  function load(header: Uint8Array, target: Uint8Array): void {
    invariant(header.length === KERNEL_HEADER_SIZE_BYTES, "A header must have 116 bytes");
    invariant(target.length === TARGET_SIZE_BYTES, "A target must have 32 bytes");

    memory.set(header, HEADER_OFFSET);
    memory.set(target, TARGET_OFFSET);
    exports.prepare();
  }

  function search(first: number, count: number): number | undefined {
    invariant(
      first >= 0 && count > 0 && first + count <= NONCE_COUNT && count < NONCE_COUNT,
      "A nonce range must not be empty and must end at 2^32 or below",
    );

    const nonce = exports.search(first, count);
    return nonce < 0 ? undefined : nonce;
  }

  function hash(nonce: number): Uint8Array<ArrayBuffer> {
    exports.hash(nonce);

    // The state holds native (little endian) words; a digest is their big endian form.
    const state = new DataView(exports.memory.buffer, STATE_OFFSET, 32);
    const digest = new DataView(new ArrayBuffer(32));
    for (let i = 0; i < 32; i += 4) digest.setUint32(i, state.getUint32(i, true));

    return new Uint8Array(digest.buffer);
  }

  return { load, search, hash };
}

/** The 32 bytes, big endian, in which the kernel reads a target. */
export function targetBytes(target: bigint): Uint8Array<ArrayBuffer> {
  invariant(target >= 0n && target < 1n << 256n, "A target must be a 256-bit number");

  const view = new DataView(new ArrayBuffer(TARGET_SIZE_BYTES));
  for (let i = 0; i < 4; i++) view.setBigUint64(8 * i, target >> BigInt(64 * (3 - i)));

  return new Uint8Array(view.buffer);
}
