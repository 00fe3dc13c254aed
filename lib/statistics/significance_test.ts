import assert from "node:assert/strict";
import { normalTwoSided, studentTwoSided, welchTest } from "./significance.ts";

Deno.test("studentTwoSided() agrees with tables of Student's distribution", () => {
  for (
    const [t, degrees, p] of [
      [12.7062, 1, 0.05],
      [4.3027, 2, 0.05],
      [2.7764, 4, 0.05],
      [2.2281, 10, 0.05],
      [2.0423, 30, 0.05],
      [63.6567, 1, 0.01],
      [4.6041, 4, 0.01],
      [1.9623, 1000, 0.05],
      [0, 7, 1],
    ] as const
  ) {
    assert(Math.abs(studentTwoSided(t, degrees) - p) < 2e-5, `t ${t}, ${degrees} degrees`);
  }
});

Deno.test("normalTwoSided() agrees with the tables", () => {
  for (
    const [z, p] of [
      [0, 1],
      [1, 0.317311],
      [-1.959964, 0.05],
      [2.575829, 0.01],
      [3.290527, 0.001],
      [4.891638, 0.000001],
    ] as const
  ) {
    assert(Math.abs(normalTwoSided(z) - p) < 1e-6, `z ${z}`);
  }
});

Deno.test("welchTest() gives the values worked out by hand", () => {
  // Means 3 and 6; variances 2.5 and 10, five values each: error 0.5 + 2, t = 3 / sqrt(2.5),
  // degrees = 2.5^2 / (0.5^2 / 4 + 2^2 / 4) = 5.882.
  const { t, degrees, ratio, p, halfWidth } = welchTest([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]);
  assert(Math.abs(t - 1.8974) < 1e-4);
  assert(Math.abs(degrees - 5.8824) < 1e-4);
  assert.equal(ratio, 2);
  assert(p !== null && Math.abs(p - 0.1075) < 5e-4);

  // t of 0.975 lies between 2.4469 (6 degrees) and 2.5706 (5), times sqrt(2.5).
  assert(halfWidth > 2.4469 * Math.sqrt(2.5) && halfWidth < 2.5706 * Math.sqrt(2.5));
});

Deno.test("welchTest() says nothing of a single value", () => {
  assert.equal(welchTest([1], [2, 3]).p, null);
});
