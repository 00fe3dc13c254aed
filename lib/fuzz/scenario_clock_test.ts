import assert from "node:assert/strict";
import { clockAheadOfPeersMs, leftBehindBy } from "../node/clock.ts";
import { Scenario } from "../testing/scenario.ts";

const HOUR_MS = 3_600_000;

function chargesOf(scenario: Scenario): string[] {
  return scenario.effects.flatMap(({ effect }) =>
    effect.type === "log" && effect.text === "A peer misbehaved"
      ? [String(effect.properties["code"])]
      : []
  );
}

function said(scenario: Scenario, node: number, text: string): number {
  return scenario.effects.filter(({ node: index, effect }) =>
    index === node && effect.type === "log" && effect.text.includes(text)
  ).length;
}

Deno.test("K01 a node that slept for three hours catches up without a restart and blames nobody", () => {
  const scenario = new Scenario({ params: { nodes: 4, emptyBlocks: true }, intervalMs: 60_000 });
  scenario.untilReady();
  scenario.world.sleep(scenario.node(3), 3 * HOUR_MS);
  scenario.pass(3 * HOUR_MS - 1);
  const ahead = scenario.network(0).chain.height;
  assert(ahead > scenario.network(3).chain.height + 50);
  scenario.pass(1);
  const tookMs = scenario.until("one tip", () => new Set(scenario.tips()).size === 1, 20_000);
  assert(tookMs <= 20_000);
  const charges = chargesOf(scenario);
  assert.deepEqual(charges, []);
});

for (const hours of [8, -8]) {
  Deno.test(`K01 a clock that jumps ${hours} h for 30 s splits nobody off for good and blames nobody`, () => {
    const scenario = new Scenario({ params: { nodes: 4, emptyBlocks: true }, intervalMs: 4_000 });
    scenario.untilReady();
    scenario.pass(60_000);
    scenario.world.shiftClock(scenario.node(3), hours * HOUR_MS);
    scenario.pass(30_000);
    assert.equal(scenario.node(3).state?.isClockFar, true);
    assert(Math.abs((clockAheadOfPeersMs(scenario.node(3).state!) ?? 0) - hours * HOUR_MS) < 2_000);
    assert.equal(said(scenario, 3, "far from the clocks of its peers"), 1);
    assert.equal(said(scenario, 0, "far from the clocks of its peers"), 0);

    scenario.world.shiftClock(scenario.node(3), -hours * HOUR_MS);
    scenario.pass(30_000);
    scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
    assert.equal(scenario.node(3).state?.isClockFar, false);
    assert.deepEqual(chargesOf(scenario), []);
  });
}

Deno.test("K01 a node whose clock is three hours behind knows that it cannot follow, and follows once it is right", () => {
  const scenario = new Scenario({ params: { nodes: 4, emptyBlocks: true }, intervalMs: 4_000 });
  scenario.untilReady();
  scenario.world.shiftClock(scenario.node(3), -1 * HOUR_MS);
  scenario.pass(60_000);
  const behind = () => leftBehindBy(scenario.node(3).state!, scenario.network(3));
  assert.equal(behind(), undefined, "an hour is within what the rules allow");
  scenario.world.shiftClock(scenario.node(3), -2 * HOUR_MS);
  scenario.pass(60_000);
  const seen = behind();
  assert(seen !== undefined && seen.peersHeight > seen.height);
  assert(Math.abs(seen.seconds - 3 * 3_600) < 5, `${seen.seconds} s`);
  assert.equal(leftBehindBy(scenario.node(0).state!, scenario.network(0)), undefined);

  scenario.world.shiftClock(scenario.node(3), 3 * HOUR_MS);
  scenario.until("follows again", () => behind() === undefined);
  scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
});

Deno.test("K01 what a clock three hours ahead mined alone is put aside when the clock is right again", () => {
  const scenario = new Scenario({ params: { nodes: 3, emptyBlocks: true }, intervalMs: 4_000 });
  scenario.untilReady();
  for (const index of [0, 1]) scenario.control(index, { kind: "pause-mining" });
  scenario.world.shiftClock(scenario.node(2), 3 * HOUR_MS);
  const height = scenario.network(0).chain.height;
  scenario.until("a lead of three", () => scenario.network(2).chain.height >= height + 3);
  assert.equal(scenario.network(0).chain.height, height);

  // Off and on, as a person would try it; the clock is right from then on.
  scenario.world.crash(scenario.node(2));
  scenario.world.shiftClock(scenario.node(2), -3 * HOUR_MS);
  scenario.world.start(scenario.node(2));
  scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
  scenario.control(0, { kind: "resume-mining" });
  scenario.until("new blocks", () => scenario.network(2).chain.height >= height + 1);
  scenario.until("one tip again", () => new Set(scenario.tips()).size === 1);
  assert.deepEqual(chargesOf(scenario), []);
});

Deno.test("K01 blocks of the future come back when their time has come", () => {
  const scenario = new Scenario({ params: { nodes: 2, emptyBlocks: true }, intervalMs: 4_000 });
  scenario.untilReady();
  for (const index of [0, 1]) scenario.control(index, { kind: "pause-mining" });
  scenario.until("rest", () => new Set(scenario.tips()).size === 1);
  scenario.world.shiftClock(scenario.node(1), 3 * HOUR_MS);
  scenario.control(1, { kind: "resume-mining" });
  const { height } = scenario.network(0).chain;
  scenario.until("a lead", () => scenario.network(1).chain.height > height);
  scenario.control(1, { kind: "pause-mining" });
  scenario.world.shiftClock(scenario.node(1), -3 * HOUR_MS);
  scenario.pass(1000);
  assert.equal(scenario.network(1).chain.height, height);
  assert.equal(scenario.network(1).postponed.size, 1);
  scenario.pass(HOUR_MS + 60_000);
  assert(scenario.network(1).chain.height > height);
  assert.equal(scenario.network(1).postponed.size, 0);
  scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
});

Deno.test("K02 blocks are dated by the clock that checks others'", () => {
  const scenario = new Scenario({ params: { nodes: 2, emptyBlocks: true }, intervalMs: 60_000 });
  scenario.untilReady();
  scenario.world.sleep(scenario.node(1), 3 * HOUR_MS);
  scenario.pass(3 * HOUR_MS);
  scenario.control(0, { kind: "pause-mining" });
  scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
  const { height } = scenario.network(0).chain;
  scenario.until("own blocks", () => scenario.network(0).chain.height > height + 1);
  const { timestampMs } = scenario.network(0).chain.tip.header;
  const trueMs = scenario.world.clockOf(scenario.node(0));
  assert(Math.abs(timestampMs - trueMs) < 600_000);
});
