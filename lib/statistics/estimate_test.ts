import assert from "node:assert/strict";
import { randomStream } from "../random/random_stream.ts";
import {
  deviation,
  estimate,
  estimateShare,
  kolmogorovSmirnov,
  mean,
  percentile,
} from "./estimate.ts";

Deno.test("mean(), deviation() and percentile() of small samples", () => {
  assert.equal(mean([2, 4, 4, 4, 5, 5, 7, 9]), 5);
  assert.equal(deviation([1, 3]), Math.SQRT2);
  assert.equal(percentile([4, 1, 3, 2], 50), 2.5);
  assert.equal(percentile([4, 1, 3, 2], 100), 4);
});

Deno.test("estimate() widens with few runs as Student's t does", () => {
  // Two values 1 apart: s = 0.7071, s / sqrt(2) = 0.5, t(1) = 12.7062.
  assert(Math.abs(estimate([0, 1]).halfWidth - 6.3531) < 1e-4);
  assert.equal(estimate([3]).halfWidth, Infinity);
  // t(60) = 2.0003 in the usual tables; s / sqrt(n) = 1 when the sample is scaled so.
  const values = Array.from({ length: 61 }, (_, index) => index);
  const standardError = deviation(values) / Math.sqrt(61);
  assert(Math.abs(estimate(values).halfWidth / standardError - 2.0003) < 1e-4);
});

Deno.test("estimateShare() covers the true share in about 95 of 100 samples", () => {
  const stream = randomStream(3, "share");
  let covered = 0;
  for (let sample = 0; sample < 1000; sample++) {
    let successes = 0;
    for (let trial = 0; trial < 200; trial++) if (stream.chance(0.1)) successes++;
    const { mean: share, halfWidth } = estimateShare(successes, 200);
    if (Math.abs(share - 0.1) <= halfWidth) covered++;
  }
  assert(covered > 920 && covered < 985, `covered ${covered}`);
});

Deno.test("kolmogorovSmirnov() tells an exponential sample from a uniform one", () => {
  const stream = randomStream(4, "ks");
  const exponential = Array.from({ length: 2000 }, () => stream.exponential(1));
  const uniform = Array.from({ length: 2000 }, () => stream.uniform(0, 2));
  const cumulative = (value: number) => 1 - Math.exp(-value);
  assert(kolmogorovSmirnov(exponential, cumulative) < 1.628);
  assert(kolmogorovSmirnov(uniform, cumulative) > 1.628);
});
