import assert from "node:assert/strict";
import {
  continuousForkRate,
  deckerForkRate,
  nakamotoDoubleSpend,
  rosenfeldDoubleSpend,
  selfishRevenue,
  selfishThreshold,
} from "./published_theory.ts";

Deno.test("nakamotoDoubleSpend() gives the table of section 11", () => {
  const table: readonly (readonly [q: number, z: number, share: string])[] = [
    [0.1, 0, "1.0000000"],
    [0.1, 1, "0.2045873"],
    [0.1, 2, "0.0509779"],
    [0.1, 3, "0.0131722"],
    [0.1, 4, "0.0034552"],
    [0.1, 5, "0.0009137"],
    [0.1, 10, "0.0000012"],
    [0.3, 0, "1.0000000"],
    [0.3, 5, "0.1773523"],
    [0.3, 10, "0.0416605"],
    [0.3, 15, "0.0101008"],
    [0.3, 50, "0.0000006"],
  ];
  for (const [q, z, share] of table) assert.equal(nakamotoDoubleSpend(q, z).toFixed(7), share);
});

Deno.test("nakamotoDoubleSpend() needs the confirmations that section 11 lists for 0.1 %", () => {
  const table = [[0.1, 5], [0.15, 8], [0.2, 11], [0.25, 15], [0.3, 24], [0.35, 41], [0.4, 89]];
  for (const [q, z] of table as [number, number][]) {
    assert(nakamotoDoubleSpend(q, z) < 0.001);
    assert(nakamotoDoubleSpend(q, z - 1) >= 0.001);
  }
});

Deno.test("rosenfeldDoubleSpend() agrees with sums worked by hand", () => {
  // z = 1: 1 - (p - q) = 2q. z = 2: 1 - (p^2 - q^2) - 2pq(p - q).
  assert(Math.abs(rosenfeldDoubleSpend(0.1, 1) - 0.2) < 1e-12);
  assert(Math.abs(rosenfeldDoubleSpend(0.1, 2) - 0.056) < 1e-12);
  assert.equal(rosenfeldDoubleSpend(0.5, 6), 1);
});

Deno.test("rosenfeldDoubleSpend() is the negative binomial race", () => {
  // Straight from the definition: P(m) = C(m + z - 1, m) p^z q^m, then a gambler's ruin from z - m behind.
  for (const [q, z] of [[0.1, 3], [0.3, 5], [0.45, 8]] as [number, number][]) {
    const p = 1 - q;
    let share = 0;
    let weight = p ** z;
    for (let m = 0; m < 2000; m++) {
      if (m > 0) weight *= q * (m + z - 1) / m;
      share += weight * (m >= z ? 1 : (q / p) ** (z - m));
    }
    assert(Math.abs(rosenfeldDoubleSpend(q, z) - share) < 1e-9);
  }
});

Deno.test("deckerForkRate() gives the 1.78 % that the paper derives for Bitcoin in 2012", () => {
  // Their integral is 11.37 s and their mean interval 633.68 s; they measured 1.69 %.
  assert.equal((100 * deckerForkRate(11.37, 633.68)).toFixed(2), "1.78");
  assert(Math.abs(continuousForkRate(11.37, 633.68) - deckerForkRate(11.37, 633.68)) < 1e-4);
});

Deno.test("selfishRevenue() equals the honest share exactly at the published thresholds", () => {
  assert.equal(selfishThreshold(1), 0);
  assert.equal(selfishThreshold(0.5), 0.25);
  assert(Math.abs(selfishThreshold(0) - 1 / 3) < 1e-15);
  for (const gamma of [0, 0.25, 0.5, 0.75]) {
    const threshold = selfishThreshold(gamma);
    assert(Math.abs(selfishRevenue(threshold, gamma) - threshold) < 1e-12);
    assert(selfishRevenue(threshold + 0.05, gamma) > threshold + 0.05);
    assert(selfishRevenue(threshold - 0.05, gamma) < threshold - 0.05);
  }
});
