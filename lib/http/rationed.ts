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
/** The same of one that is computed in steps, which keeps nobody waiting. */
const STEPS_REST_FACTOR = 20;
/** What is computed in steps holds everybody else up for so long at a time, and then waits for so long. */
const PIECE_MS_MAX = 4;
const PIECE_PAUSE_MS = 16;
/** So much of a list is made at a time: a millisecond or two. */
const STEP_ITEMS = 64;

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
  { keyOf, nowMs = () => performance.now() }: RationOptions<Args>,
): (...args: Args) => T {
  const ration = new Ration<T>(REST_FACTOR);
  return (...args) => {
    const key = keyOf(...args);
    const startMs = nowMs();
    const kept = ration.at(key, startMs);
    if (kept !== undefined) return kept.value;
    const value = compute(...args);
    ration.keep({ key, value, nowMs: nowMs(), tookMs: nowMs() - startMs });
    return value;
  };
}

/**
 * The same of a computation in steps: between pieces of a few milliseconds everybody else has their turn.
 * Whoever asks meanwhile gets the same answer.
 */
export function rationedSteps<Args extends readonly unknown[], T>(
  compute: (...args: Args) => Iterator<void, T>,
  { keyOf, nowMs = () => performance.now() }: RationOptions<Args>,
): (...args: Args) => Promise<T> {
  const ration = new Ration<T>(STEPS_REST_FACTOR);
  let running: Promise<T> | undefined;
  return async (...args) => {
    const key = keyOf(...args);
    const kept = ration.at(key, nowMs());
    if (kept !== undefined) return kept.value;
    running ??= run(key, compute(...args)).finally(() => running = undefined);
    return await running;
  };

  async function run(key: unknown, steps: Iterator<void, T>): Promise<T> {
    let tookMs = 0;
    for (let startMs = nowMs();;) {
      const step = steps.next();
      const pieceMs = nowMs() - startMs;
      if (step.done !== true && pieceMs < PIECE_MS_MAX) continue;
      tookMs += pieceMs;
      if (step.done === true) {
        ration.keep({ key, value: step.value, nowMs: nowMs(), tookMs });
        return step.value;
      }
      await new Promise((resolve) => setTimeout(resolve, PIECE_PAUSE_MS));
      startMs = nowMs();
    }
  }
}

/** Maps a list, and lets everybody else have their turn every {@link STEP_ITEMS} items. */
export async function mapInSteps<Item, T>(
  items: readonly Item[],
  map: (item: Item, index: number) => T,
): Promise<T[]> {
  const mapped: T[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % STEP_ITEMS === 0) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    mapped.push(map(item, index));
  }
  return mapped;
}

interface RationOptions<Args extends readonly unknown[]> {
  readonly keyOf: (...args: Args) => unknown;
  readonly nowMs?: () => number;
}

/** The last answer, and how long it serves. */
class Ration<T> {
  readonly #restFactor: number;
  #last: { readonly key: unknown; readonly value: T; readonly freshUntilMs: number } | undefined;

  constructor(restFactor: number) {
    this.#restFactor = restFactor;
  }

  at(key: unknown, nowMs: number): { readonly value: T } | undefined {
    const isSame = key !== undefined && this.#last?.key === key;
    return this.#last !== undefined && (isSame || nowMs < this.#last.freshUntilMs)
      ? this.#last
      : undefined;
  }

  keep(
    { key, value, nowMs, tookMs }: {
      readonly key: unknown;
      readonly value: T;
      readonly nowMs: number;
      readonly tookMs: number;
    },
  ): void {
    const restMs = tookMs <= CHEAP_MS_MAX ? 0 : Math.min(this.#restFactor * tookMs, REST_MS_MAX);
    this.#last = { key, value, freshUntilMs: nowMs + restMs };
  }
}
