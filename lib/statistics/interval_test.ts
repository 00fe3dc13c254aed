/** Intervals of any level against tables of Student's t and of the normal distribution. */
import assert from "node:assert/strict";
import { distanceOfMean, distanceOfShare, sidakLevel } from "./interval.ts";

const isNear = (got: number, want: number) => Math.abs(got - want) < 1e-3 * want;

Deno.test("half widths are those of the tables", () => {
  // Error 1: t(1) has 0.5 % above 63.657, t(4) above 4.604.
  assert(isNear(distanceOfMean([-1, 1], 0, 0.99).halfWidth, 63.657));
  const scale = Math.sqrt(2);
  assert(
    isNear(distanceOfMean([-2, -1, 0, 1, 2].map((each) => scale * each), 0, 0.99).halfWidth, 4.604),
  );
  assert(
    isNear(distanceOfShare({ successes: 50, trials: 100 }, 0.5, 0.95).halfWidth, 0.05 * 1.95996),
  );
  assert.equal(distanceOfMean([1], 1, 0.99).halfWidth, Infinity);
  assert.equal(distanceOfMean([1, 1], 1, 0.99).halfWidth, 0);
});

Deno.test("a value is inside exactly where it is nearer than half the width", () => {
  for (const values of [[0, 1], [0, 1, 2], [3, 1, 4, 1, 5, 9]]) {
    for (const count of [1, 30]) {
      const level = sidakLevel(0.99, count);
      const { halfWidth, errors } = distanceOfMean(values, 0, level);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert(Number.isFinite(errors));
      assert(distanceOfMean(values, mean + 0.999 * halfWidth, level).isInside);
      assert(!distanceOfMean(values, mean + 1.001 * halfWidth, level).isInside);
    }
  }
});

Deno.test("too wide is said of what many runs would exclude, and of nothing else", () => {
  assert(distanceOfMean([0.3, 0.302], 0.28, 0.99).isTooWide);
  assert(!distanceOfMean([0.3, 0.302], 0.299, 0.99).isTooWide);
  assert(!distanceOfMean([0.3, 0.302], 0.1, 0.99).isTooWide, "outside is outside");
});
