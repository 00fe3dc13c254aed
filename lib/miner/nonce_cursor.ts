/**
 * Where one thread stands in its share of a job's nonces.
 *
 * The 2^32 nonces of a timestamp are cut into one contiguous share per thread, so no two threads ever
 * try the same (timestamp, nonce). A thread that has used up its share moves the timestamp forward
 * itself and starts its share again: it need not ask the others, for its nonces are its own at every
 * timestamp. Pure: the time comes in.
 *
 * @module
 */

/** The next untried nonce of a thread. */
export interface NonceCursor {
  readonly timestampMs: number;
  readonly nonce: number;
}

/** One thread's nonces: `first .. end - 1`. */
export interface NonceShare {
  readonly first: number;
  readonly end: number;
}

/** The share of thread `index` of `threads`; all shares together are `0 .. nonceCount - 1`. */
export function nonceShare(index: number, threads: number, nonceCount: number): NonceShare {
  return {
    first: Math.floor(nonceCount * index / threads),
    end: Math.floor(nonceCount * (index + 1) / threads),
  };
}

/**
 * Moves a cursor past the nonces that were tried.
 *
 * At the end of the share the timestamp becomes the later of the next millisecond and now.
 *
 * @example
 * ```ts
 * import { advanceCursor } from "./nonce_cursor.ts";
 * import assert from "node:assert/strict";
 *
 * const share = { first: 100, end: 200 };
 * const next = advanceCursor({ timestampMs: 5, nonce: 190 }, 10, { share, nowMs: 3 });
 * assert.deepEqual(next, { timestampMs: 6, nonce: 100 });
 * ```
 */
export function advanceCursor(
  cursor: NonceCursor,
  tried: number,
  { share, nowMs }: { readonly share: NonceShare; readonly nowMs: number },
): NonceCursor {
  const nonce = cursor.nonce + tried;
  if (nonce < share.end) return { timestampMs: cursor.timestampMs, nonce };

  return { timestampMs: Math.max(cursor.timestampMs + 1, nowMs), nonce: share.first };
}
