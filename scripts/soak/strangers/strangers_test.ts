import assert from "node:assert/strict";
import { ATTACKS } from "./attacks.ts";
import { BOUNDS, type Figures, missesOf, quietP99MsOf } from "./judge.ts";
import type { PhaseResult } from "./phase.ts";
import { runStrangers } from "./strangers_run.ts";

Deno.test("X01 X02 X03 all attacks at once: no member loses its link, one comes back, nobody outside is called", async () => {
  const attacks = ["joins", "openings", "streams", "half-bodies"];
  for (const name of attacks) assert(ATTACKS[name] !== undefined, name);
  const rounds = [[{ name: "all", attacks, addresses: 8 }]];
  const plan = { rounds, seconds: 4, perSecond: 20, coins: 0 };
  let count = 0;
  for await (const { attacked, outsideCalls, counts } of runStrangers(plan)) {
    count++;
    assert.equal(attacked.linksLost, 0);
    assert(attacked.backAfterMs < Infinity);
    assert.equal(
      attacked.load.accepted,
      attacked.load.offered,
      JSON.stringify(attacked.load.refused),
    );
    assert.equal(outsideCalls, 0);
    assert(
      counts["openings"]?.["sent"] as number > 0 && counts["streams"]?.["opened"] as number > 0,
    );
    assert(counts["half-bodies"]?.["opened"] as number > 0);
  }
  assert.equal(count, 1);
});

Deno.test("p99 is compared with the median of the quiet phases", () => {
  const quietOf = (p99Ms: number) => ({ load: { p99Ms } }) as PhaseResult;
  assert.equal(quietP99MsOf([7, 100, 5].map(quietOf)), 7);
  assert.equal(quietP99MsOf([7, 100, 5, 6].map(quietOf)), 6.5);
  assert.equal(quietP99MsOf([quietOf(6)]), 6);
  assert(Number.isNaN(quietP99MsOf([])));
});

Deno.test("a figure at its bound is held, one beyond it is missed, and so is one that is no number", () => {
  const atBounds: Figures = {
    linksLost: BOUNDS.linksLostMax,
    backAfterMs: BOUNDS.backAfterMsMax,
    acceptedShare: BOUNDS.acceptedShareMin,
    p99Ratio: BOUNDS.p99RatioMax,
    memoryGrowthBytes: BOUNDS.memoryGrowthBytesMax,
    outsideCalls: BOUNDS.outsideCallsMax,
  };
  assert.deepEqual(missesOf(atBounds), []);
  for (const figure of Object.keys(atBounds) as (keyof Figures)[]) {
    const beyond = atBounds[figure] + (figure === "acceptedShare" ? -0.01 : 1);
    assert.deepEqual(missesOf({ ...atBounds, [figure]: beyond }), [figure]);
    assert.deepEqual(missesOf({ ...atBounds, [figure]: NaN }), [figure]);
  }
});
