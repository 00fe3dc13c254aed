/**
 * SHA-256 (FIPS 180-4) for everything outside the mining kernel.
 *
 * Short messages, which is nearly all that a node hashes, go through a small WebAssembly kernel
 * (`wasm/hash_kernel.ts`), longer ones through node:crypto. Both are synchronous; `crypto.subtle.digest`
 * costs 75 us a call.
 *
 * node:crypto is a little faster from 100 bytes on, but each of its calls leaves an object outside
 * JavaScript's heap, of whose size the garbage collector knows nothing: 100,000 hashes left 16 MB that
 * stayed for minutes. The kernel leaves nothing.
 *
 * @module
 */
import { hash } from "node:crypto";
import { HASH_KERNEL_BASE64 } from "../../build/hash_kernel.ts";
import { bytesOfHex, formatHex } from "../bytes.ts";

/** The size of a SHA-256 digest in bytes. */
export const HASH_SIZE_BYTES = 32;

/** The longest message that the kernel's buffer takes. */
const KERNEL_MESSAGE_SIZE_BYTES_MAX = 503;

/** Where the kernel's buffers lie; `wasm/hash_kernel.ts` has the layout. */
const DIGEST_OFFSET = 192;
const MESSAGE_OFFSET = 1024;

/**
 * Hashes bytes; the digest as 64 lowercase hex characters.
 *
 * @example
 * ```ts
 * import { sha256Hex } from "./hash.ts";
 * import { utf8Bytes } from "../bytes.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   sha256Hex(utf8Bytes("abc")),
 *   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
 * );
 * ```
 */
export function sha256Hex(bytes: Uint8Array): string {
  if (bytes.length > KERNEL_MESSAGE_SIZE_BYTES_MAX) return hash("sha256", bytes, "hex");
  return formatHex(kernelDigest(bytes));
}

/** Hashes bytes; the digest as 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length > KERNEL_MESSAGE_SIZE_BYTES_MAX) return bytesOfHex(hash("sha256", bytes, "hex"));
  return kernelDigest(bytes).slice();
}

/** Hashes bytes into 32 bytes that are there already. */
export function sha256Into(bytes: Uint8Array, digest: Uint8Array): void {
  if (bytes.length > KERNEL_MESSAGE_SIZE_BYTES_MAX) digest.set(sha256(bytes));
  else digest.set(kernelDigest(bytes));
}

const kernel = openKernel();

/** The kernel's digest buffer: valid until the next call. */
function kernelDigest(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  kernel.message.set(bytes);
  kernel.hash(bytes.length);
  return kernel.digest;
}

function openKernel() {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(HASH_KERNEL_BASE64));
  const { exports } = new WebAssembly.Instance(module);
  const buffer = (exports["memory"] as WebAssembly.Memory).buffer as ArrayBuffer;
  return {
    message: new Uint8Array(buffer, MESSAGE_OFFSET, KERNEL_MESSAGE_SIZE_BYTES_MAX),
    digest: new Uint8Array(buffer, DIGEST_OFFSET, HASH_SIZE_BYTES),
    hash: exports["hash"] as (sizeBytes: number) => void,
  };
}
