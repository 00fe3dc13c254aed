/**
 * How long blocks take, and whether one list of times is longer than another by more than chance.
 *
 * @module
 */
import { awakeMs } from "./awake_time.ts";
import type { TestSession } from "./test_session.ts";
import { NotApplicable } from "./trouble.ts";

/** Blocks timed at the easy difficulty, and at the hard one before each look at the two lists. */
export const EASY_BLOCKS = 24;
export const HARD_BLOCKS = 8;
export const LOOKS_MAX = 4;
const TIMED_BLOCKS_MIN = 8;
const TIMING_MS_MAX = 150_000;
/**
 * Standard deviations above which chance comes once in 4,000 times: with four looks, once in 1,000 at most.
 */
export const RANK_Z_MIN = 3.48;

/** How long each of a number of payments takes from yes to the block. */
export async function timeBlocks(session: TestSession, count: number): Promise<readonly number[]> {
  await session.begin();
  const { net } = session;
  const times: number[] = [];
  const startedAtMs = awakeMs();
  const isByChain = net.hasChain;
  if (!isByChain && net.adapter.balanceCounts === "pending") {
    throw new NotApplicable(
      "neither the chain nor a confirmed balance tells when a block is there",
    );
  }
  for (let turn = 0; turn < count; turn++) {
    const height = isByChain ? (await net.chain(0)).length : 0;
    const paidAtMs = awakeMs();
    await session.pay(turn % 2, (turn + 1) % 2, 1);
    await net.until(async () => {
      const isThere = isByChain
        ? (await net.chain(0)).length > height
        : await net.balance((turn + 1) % 2) === session.expected[(turn + 1) % 2];
      return isThere ? undefined : "no block with the payment";
    }, { patienceMs: Math.max(60_000, net.patienceMs) });
    times.push(awakeMs() - paidAtMs);
    await session.settle({ patienceMs: Math.max(60_000, net.patienceMs) });
    if (awakeMs() - startedAtMs > TIMING_MS_MAX && times.length >= TIMED_BLOCKS_MIN) break;
  }
  return times;
}

/** Times more and more blocks until they are longer than these, or there is no time left. */
export async function timeUntilLonger(
  session: TestSession,
  easy: readonly number[],
): Promise<{ readonly hard: readonly number[]; readonly z: number }> {
  const startedAtMs = awakeMs();
  const hard: number[] = [];
  let z = 0;
  for (let look = 0; look < LOOKS_MAX; look++) {
    hard.push(...await timeBlocks(session, HARD_BLOCKS));
    z = rankDistance(hard, easy);
    if (z >= RANK_Z_MIN || awakeMs() - startedAtMs > TIMING_MS_MAX) break;
  }
  return { hard, z };
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
