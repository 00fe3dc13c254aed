/**
 * Rations answers that walk a whole ledger: what was expensive is not computed again for a while, however
 * many ask, so that reads take a bounded share of the processor.
 *
 * The dearer an answer was, the longer it serves: {@link REST_FACTOR} times as long as it took. Cheap ones
 * are always fresh, so a small network never sees the difference.
 *
 * @module
 */

/** An answer that takes less time than this is made anew each time. */
const CHEAP_MS_MAX = 2;
/** An answer serves this many times as long as it took: at most one percent of the time goes to it. */
const REST_FACTOR = 100;
export const REST_MS_MAX = 60_000;

/**
 * Wraps a computation of which the last result serves for a while.
 *
 * @param keyOf the same key means the same answer, however old
 *
 * @example
 * ```ts
 * import { rationed } from "./rationed.ts";
 * import assert from "node:assert/strict";
 *
 * let nowMs = 0;
 * const count = rationed(() => (nowMs += 50, nowMs), { keyOf: () => undefined, nowMs: () => nowMs });
 * assert.deepEqual([count(), count()], [50, 50]);
 * nowMs += 6_000;
 * assert.equal(count(), 6_100);
 * ```
 */
export function rationed<Args extends readonly unknown[], T>(
  compute: (...args: Args) => T,
  { keyOf, nowMs = () => performance.now() }: {
    readonly keyOf: (...args: Args) => unknown;
    readonly nowMs?: () => number;
  },
): (...args: Args) => T {
  let last: { readonly key: unknown; readonly value: T; readonly freshUntilMs: number } | undefined;
  return (...args) => {
    const key = keyOf(...args);
    const startMs = nowMs();
    const isSame = key !== undefined && last?.key === key;
    if (last !== undefined && (isSame || startMs < last.freshUntilMs)) return last.value;
    const value = compute(...args);
    const endMs = nowMs();
    const tookMs = endMs - startMs;
    const restMs = tookMs <= CHEAP_MS_MAX ? 0 : Math.min(REST_FACTOR * tookMs, REST_MS_MAX);
    last = { key, value, freshUntilMs: endMs + restMs };
    return value;
  };
}
