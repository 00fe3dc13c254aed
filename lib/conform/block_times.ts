/**
 * How long blocks take, and whether one list of times is longer than another by more than chance.
 *
 * @module
 */
import type { TestSession } from "./test_session.ts";
import { NotApplicable } from "./trouble.ts";

/** Blocks timed at each difficulty. */
const TIMED_BLOCKS = 12;
const TIMED_BLOCKS_MIN = 8;
const TIMING_MS_MAX = 150_000;

/** How long each of a number of payments takes from yes to the balance. */
export async function timeBlocks(session: TestSession): Promise<readonly number[]> {
  await session.begin();
  const { net } = session;
  const times: number[] = [];
  const startedAtMs = performance.now();
  const isByChain = net.hasChain;
  if (!isByChain && net.adapter.balanceCounts === "pending") {
    throw new NotApplicable(
      "neither the chain nor a confirmed balance tells when a block is there",
    );
  }
  for (let turn = 0; turn < TIMED_BLOCKS; turn++) {
    const height = isByChain ? (await net.chain(0)).length : 0;
    const paidAtMs = performance.now();
    await session.pay(turn % 2, (turn + 1) % 2, 1);
    await net.until(async () => {
      const isThere = isByChain
        ? (await net.chain(0)).length > height
        : await net.balance((turn + 1) % 2) === session.expected[(turn + 1) % 2];
      return isThere ? undefined : "no block with the payment";
    }, { patienceMs: Math.max(60_000, net.patienceMs) });
    times.push(performance.now() - paidAtMs);
    await session.settle({ patienceMs: Math.max(60_000, net.patienceMs) });
    if (performance.now() - startedAtMs > TIMING_MS_MAX && times.length >= TIMED_BLOCKS_MIN) break;
  }
  return times;
}

/**
 * By how many standard deviations the ranks of the first list are above those of the second (Mann and
 * Whitney).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert(rankDistance([5, 6, 7, 8], [1, 2, 3, 4]) > 2);
 * assert.equal(rankDistance([1, 2], [1, 2]), 0);
 * ```
 */
export function rankDistance(first: readonly number[], second: readonly number[]): number {
  const wins = first.flatMap((a) => second.map((b) => a > b ? 1 : a === b ? 0.5 : 0)).reduce(
    (sum: number, win) => sum + win,
    0,
  );
  const [m, n] = [first.length, second.length];
  return (wins - m * n / 2) / Math.sqrt(m * n * (m + n + 1) / 12);
}
