/** How often L313's test of block times errs, both ways. */
import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../random/random_stream.ts";
import { EASY_BLOCKS, HARD_BLOCKS, LOOKS_MAX, RANK_Z_MIN, rankDistance } from "./block_times.ts";

const TRIALS = 3_000;

/** How many of the trials call the blocks of a miner longer. */
function calledLonger(random: RandomStream, hardMs: number): number {
  let longer = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    // What is around a block takes 50 to 400 ms; an easy block's own time is nothing beside it.
    const times = (count: number, blockMs: number) =>
      Array.from(
        { length: count },
        () => random.uniform(50, 400) + (blockMs === 0 ? 0 : random.exponential(blockMs)),
      );
    const easy = times(EASY_BLOCKS, 0);
    const hard: number[] = [];
    for (let look = 0; look < LOOKS_MAX; look++) {
      hard.push(...times(HARD_BLOCKS, hardMs));
      if (rankDistance(hard, easy) < RANK_Z_MIN) continue;
      longer++;
      break;
    }
  }
  return longer;
}

Deno.test("a miner whose block time does not depend on difficulty passes once in 1,000 times", () => {
  // Three are expected at most; more than twelve would come once in 10,000 times.
  assert(calledLonger(randomStream(1, "conform/block-times"), 0) <= 12);
});

Deno.test("a right miner fails less than once in 1,000 times on a busy machine", () => {
  assert.equal(calledLonger(randomStream(2, "conform/block-times"), 2_100), TRIALS);
});
