import assert from "node:assert/strict";
import { draw, formatDistribution, parseDistribution } from "./distribution.ts";
import { randomStream } from "./random_stream.ts";
import { mean, percentile } from "../statistics/estimate.ts";

Deno.test("parseDistribution() reads what formatDistribution() writes", () => {
  const words = [
    "constant:50",
    "uniform:10-100",
    "exponential:200",
    "normal:100,20",
    "lognormal:6500,0.8",
    "pareto:1,1.5",
  ];
  for (const word of words) {
    const distribution = parseDistribution(word);
    assert(distribution.ok);
    assert.equal(formatDistribution(distribution.value), word);
  }
  assert.deepEqual(parseDistribution("50"), { ok: true, value: { kind: "constant", value: 50 } });
});

Deno.test("parseDistribution() refuses what it cannot read", () => {
  for (const word of ["", "gamma:1", "uniform:5", "uniform:9-2", "normal:1", "constant:x", "-5"]) {
    assert.deepEqual(parseDistribution(word), {
      ok: false,
      error: { code: "distribution-unreadable", text: word },
    });
  }
});

Deno.test("draw() has the mean or the median that the word says", () => {
  const drawn = (word: string) => {
    const distribution = parseDistribution(word);
    assert(distribution.ok);
    const stream = randomStream(1, word);
    return Array.from({ length: 50_000 }, () => draw(distribution.value, stream));
  };
  const isNear = (got: number, want: number) => Math.abs(got - want) < 0.03 * want;
  assert(drawn("constant:50").every((value) => value === 50));
  assert(isNear(mean(drawn("uniform:10-100")), 55));
  assert(isNear(mean(drawn("exponential:200")), 200));
  assert(isNear(mean(drawn("normal:100,20")), 100));
  assert(isNear(percentile(drawn("lognormal:6500,0.8"), 50), 6500));
  // A Pareto distribution's median is min * 2^(1 / alpha).
  assert(isNear(percentile(drawn("pareto:1,1.5"), 50), 2 ** (1 / 1.5)));
});
