/**
 * Room for small pieces of bytes that come and go with their neighbours: many share one buffer.
 *
 * A buffer of its own costs a piece more outside of the engine's heap than its bytes do, and a heap of such
 * buffers, freed here and there, is memory that never goes back to the machine: after 60,000 payments 67 MB
 * of 95 were such holes. A piece keeps its whole slab alive, so slabs are small.
 *
 * @module
 */

/** What the longest-lived piece may keep alive. */
const SLAB_SIZE_BYTES = 8 * 1024;
/** A larger piece gets a buffer of its own. */
const PIECE_SIZE_BYTES_MAX = SLAB_SIZE_BYTES / 8;

let slab = new Uint8Array(0);
let usedBytes = 0;

/**
 * Gives a piece of bytes, all zero, that nobody else has, and so many more behind it in its buffer.
 *
 * @example
 * ```ts
 * import { pieceOf } from "./byte_slabs.ts";
 * import assert from "node:assert/strict";
 *
 * const [one, other] = [pieceOf(3).fill(1), pieceOf(2)];
 * assert.deepEqual([...one, ...other], [1, 1, 1, 0, 0]);
 * ```
 */
export function pieceOf(sizeBytes: number, behindSizeBytes = 0): Uint8Array<ArrayBuffer> {
  const wholeSizeBytes = sizeBytes + behindSizeBytes;
  if (wholeSizeBytes > PIECE_SIZE_BYTES_MAX) {
    return new Uint8Array(new ArrayBuffer(wholeSizeBytes), 0, sizeBytes);
  }
  if (usedBytes + wholeSizeBytes > slab.length) {
    slab = new Uint8Array(SLAB_SIZE_BYTES);
    usedBytes = 0;
  }
  const start = usedBytes;
  usedBytes += wholeSizeBytes;
  return new Uint8Array(slab.buffer, start, sizeBytes);
}
