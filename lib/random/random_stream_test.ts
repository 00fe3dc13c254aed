import assert from "node:assert/strict";
import fc from "fast-check";
import { RandomStream, randomStream } from "./random_stream.ts";

Deno.test("RandomStream gives the published outputs of xoshiro128** for the state 1, 2, 3, 4", () => {
  const stream = new RandomStream([1, 2, 3, 4]);
  // The authors' C code gives these; rand_xoshiro pins the same ten.
  assert.deepEqual(Array.from({ length: 10 }, () => stream.u32()), [
    11520,
    0,
    5927040,
    70819200,
    2031721883,
    1637235492,
    1287239034,
    3734860849,
    3729100597,
    4258142804,
  ]);
});

Deno.test("S01 a stream depends on the seed and on its name, and on no other stream", () => {
  const alone = randomStream(5, "node/1/mining");
  const first = Array.from({ length: 5 }, () => alone.u32());

  const other = randomStream(5, "node/2/mining");
  const again = randomStream(5, "node/1/mining");
  const interleaved = first.map(() => (other.u32(), again.u32()));

  assert.deepEqual(interleaved, first);
  assert.notEqual(randomStream(6, "node/1/mining").u32(), first[0]);
});

Deno.test("RandomStream's numbers stay in their ranges", () => {
  fc.assert(fc.property(fc.integer(), fc.integer({ min: 0, max: 1000 }), (seed, span) => {
    const stream = randomStream(seed, "range");
    for (let draw = 0; draw < 20; draw++) {
      const whole = stream.integer(-3, -3 + span);
      assert(Number.isInteger(whole) && whole >= -3 && whole <= -3 + span);
      const fraction = stream.float();
      assert(fraction >= 0 && fraction < 1);
      assert(stream.exponential(5) >= 0);
    }
  }));
});

Deno.test("RandomStream's distributions have their means and deviations", () => {
  const stream = randomStream(1, "moments");
  const draws = 200_000;
  let exponentialSum = 0;
  let normalSum = 0;
  let normalSquares = 0;
  for (let draw = 0; draw < draws; draw++) {
    exponentialSum += stream.exponential(3);
    const normal = stream.normal(10, 2);
    normalSum += normal;
    normalSquares += (normal - 10) ** 2;
  }
  // Four standard errors: 3 / sqrt(n), 2 / sqrt(n), and of a variance 4 sqrt(2 / n).
  assert(Math.abs(exponentialSum / draws - 3) < 4 * 3 / Math.sqrt(draws));
  assert(Math.abs(normalSum / draws - 10) < 4 * 2 / Math.sqrt(draws));
  assert(Math.abs(normalSquares / draws - 4) < 4 * 4 * Math.sqrt(2 / draws));
});

Deno.test("RandomStream.shuffle() keeps the items and reaches every order", () => {
  const stream = randomStream(2, "shuffle");
  const orders = new Set<string>();
  for (let round = 0; round < 200; round++) orders.add(stream.shuffle(["a", "b", "c"]).join(""));
  assert.deepEqual([...orders].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
});
