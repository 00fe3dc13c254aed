/** Variants of the consensus rules on the same networks. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { timeToFinality } from "../simulation/finality.ts";
import { DEFAULT_NETWORK_CHOICE } from "../simulation/network_plan.ts";
import { runVariant, VARIANTS } from "./variant_run.ts";

const NETWORK = {
  ...DEFAULT_NETWORK_CHOICE,
  nodes: 12,
  topology: { kind: "regular", degree: 4 } as const,
  intervalMs: 400,
  blocks: 120,
};

Deno.test("every variant runs, and the same seed gives the same figures", () => {
  for (const variant of VARIANTS) {
    const run = runVariant(NETWORK, { variant, hiddenShare: 0 });
    assert(run.staleRate > 0 && run.staleRate < 0.6, `${variant}: ${run.staleRate}`);
    assert(run.finalityMs !== null && run.lostStays > 0, variant);
    assert.equal(run.hiddenWon, null);
    assert.deepEqual(runVariant(NETWORK, { variant, hiddenShare: 0 }), run, variant);
  }
});

Deno.test("longest and most work are one rule while there is one difficulty", () => {
  const [longest, mostWork] = (["longest", "most-work"] as const).map((variant) =>
    runVariant(NETWORK, { variant, hiddenShare: 0 })
  );
  assert.deepEqual(longest, mostWork);
});

Deno.test("a hidden branch beats a forking chain and not the honest subtree", () => {
  // Blocks come faster than they travel: much honest power is in side blocks.
  const network = { ...NETWORK, intervalMs: 60, blocks: 150 };
  const won = (variant: "most-work" | "ghost", hiddenShare: number) =>
    runVariant(network, { variant, hiddenShare }).hiddenWon;
  assert.equal(won("most-work", 0.4), 1);
  assert.equal(won("ghost", 0.4), 0);
  assert.equal(won("ghost", 0.65), 1, "with most of the power it does");
  assert.equal(won("most-work", 0.05), 0);
});

Deno.test("an adjusted difficulty brings the main chain to its interval", () => {
  const network = { ...NETWORK, blocks: 300 };
  const off = (variant: "most-work" | "window" | "lwma") =>
    Math.abs(runVariant(network, { variant, hiddenShare: 0 }).meanIntervalMs / 400 - 1);
  for (const variant of ["window", "lwma"] as const) {
    assert(off(variant) < off("most-work"), variant);
  }
});

Deno.test("time to finality is the last age at which too many blocks were still to leave", () => {
  const ages = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
  fc.assert(fc.property(ages, ages, (lostMs, keptMs) => {
    const level = 0.1;
    const found = timeToFinality({ lostMs, keptMs }, level);
    if (lostMs.length + keptMs.length < 1 / level) return assert.equal(found, undefined);
    let wanted = 0;
    for (let age = 1; age <= 60; age++) {
      const lost = lostMs.filter((ms) => ms >= age).length;
      const all = lost + keptMs.filter((ms) => ms >= age).length;
      // Between two losses the share changes only by what was kept for a shorter time.
      if (lost > 0 && lost >= level * all && lostMs.includes(age)) wanted = age;
    }
    assert.equal(found, wanted);
  }));
});
