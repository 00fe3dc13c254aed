/** The sentence on theory says what few runs cannot tell. */
import assert from "node:assert/strict";
import { type AttackPoint, verdictOf } from "./attack_results.ts";
import { estimate } from "../statistics/estimate.ts";
import { distanceOfMean } from "../statistics/interval.ts";

function point(share: number, values: readonly number[], theory: number): AttackPoint {
  return {
    cell: { share },
    runs: values.map((revenue) => ({ revenue })),
    estimate: estimate(values),
    theory: [{ name: "theory", value: theory, isExact: true }],
    distance: distanceOfMean(values, theory, 0.99),
  };
}

Deno.test("two runs that agree with each other and not with theory are said to leave it open", () => {
  // 0.300 and 0.302 have the mean 0.301 and the error 0.001; t(1) has 0.5 % above 63.657.
  const sentence = verdictOf([point(0.3, [0.3, 0.302], 0.2791)]);
  assert.equal(
    sentence,
    "Theory lies inside the 99 % interval at 1 of 1 points (Šidák-corrected); the farthest, " +
      "share 0.3, is 21.90 standard errors above it. At 1 of them it is inside only because 2 runs " +
      "cannot tell: share 0.3 has the interval 0.3010 ± 0.0637 (Student's t, 1 degree of freedom); " +
      "more runs narrow it (--repeat 10).",
  );
});

Deno.test("where runs tell, or theory is near, nothing is said of the width", () => {
  assert.doesNotMatch(verdictOf([point(0.3, [0.3, 0.302], 0.302)]), /cannot tell/);
  const many = Array.from({ length: 20 }, (_, index) => 0.3 + index % 2 / 1000);
  const excluded = verdictOf([point(0.3, many, 0.31)]);
  assert.match(excluded, /at 0 of 1 points/);
  assert.doesNotMatch(excluded, /cannot tell/);
  assert.match(verdictOf([point(0.3, [0.3], 0.31)]), /needs two runs at least/);
});
