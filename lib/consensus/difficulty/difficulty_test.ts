/** What each difficulty adjustment demands, on times made by hand and at random. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Params, ParamsChoice } from "../../params.ts";
import type { Header } from "../../primitives/header.ts";
import {
  type CompactTarget,
  compactTargetOfDifficulty,
  compactTargetOfTarget,
  isTargetInBounds,
  targetOfCompact,
} from "../../primitives/target.ts";
import { TestLedger } from "../../testing/test_ledger.ts";
import { testParams } from "../../testing/test_params.ts";
import type { Ancestor } from "../ancestor.ts";
import { difficultyOf } from "../check_block.ts";
import { nextCompactTarget } from "./next_target.ts";

const SECOND_MS = 1000;

function paramsOf(choice: Partial<ParamsChoice>): Params {
  return testParams({ difficulty: 4, emptyBlocks: true, blockIntervalMs: SECOND_MS, ...choice });
}

/** A chain whose blocks took these times, each with the target that the rule demands. */
function chainOf(params: Params, timesMs: readonly number[]): Ancestor {
  let tip: Ancestor = { header: params.genesis.header, parent: undefined };
  for (const timeMs of timesMs) {
    const header = {
      ...tip.header,
      height: tip.header.height + 1,
      timestampMs: tip.header.timestampMs + timeMs,
      compactTarget: nextCompactTarget(tip, params),
    } as Header;
    tip = { header, parent: tip };
  }
  return tip;
}

const limitOf = (compact: CompactTarget) => (targetOfCompact(compact) as bigint) + 1n;
const ratioOf = (a: CompactTarget, b: CompactTarget) =>
  Number(limitOf(a) * 1_000_000n / limitOf(b)) / 1_000_000;

Deno.test("without adjustment every block has the founder's target", () => {
  const params = paramsOf({ difficultyAdjustment: "none", blockIntervalMs: 10_000 });
  assert.equal(nextCompactTarget(chainOf(params, [1, 1, 1, 1]), params), params.compactTarget);
});

Deno.test("a window that took twice as long makes blocks twice as easy, by four at most", () => {
  const params = paramsOf({ difficultyAdjustment: "window", adjustmentWindow: 5 });
  const after = (timeMs: number) => {
    // One block to begin with, whatever genesis' time was, then one window.
    const tip = chainOf(params, [999_999, ...Array(5).fill(timeMs)]);
    return ratioOf(nextCompactTarget(tip, params), params.compactTarget);
  };
  assert.equal(after(1000), 1);
  assert.equal(after(2000), 2);
  assert.equal(after(500), 0.5);
  assert.equal(after(4000), 4);
  assert.equal(after(60_000), 4);
  assert.equal(after(250), 0.25);
  assert.equal(after(1), 0.25);
  assert.equal(after(-5), 0.25, "times that go backwards");
});

Deno.test("the target changes with the first block of a window and stands until the next", () => {
  const params = paramsOf({ difficultyAdjustment: "window", adjustmentWindow: 3 });
  const tip = chainOf(params, Array(11).fill(2000));
  const targets: CompactTarget[] = [];
  for (let at: Ancestor | undefined = tip; at !== undefined; at = at.parent) {
    targets.unshift(at.header.compactTarget);
  }
  const ratios = targets.map((compact) => ratioOf(compact, params.compactTarget));
  // Genesis, then heights 1 to 4, 5 to 7, 8 to 10, and the first one of the next window.
  assert.deepEqual(ratios, [1, 1, 1, 1, 1, 2, 2, 2, 4, 4, 4, 8]);
});

Deno.test("Bitcoin's first adjustment, with its own numbers", () => {
  // Block 32,255 ends a window of 2,016 that began with block 30,240: 1,261,130,161 to 1,262,152,739 s,
  // from target 1d00ffff to 1d00d86a. Bitcoin counts 2,015 intervals for 2,016: the same span is given here.
  const span = 1_262_152_739 - 1_261_130_161;
  const limit = (0x00ffffn << BigInt(8 * (0x1d - 3))) * BigInt(span) / BigInt(14 * 24 * 3600);
  // Without a sign our four bytes have room for one byte more of the same number.
  assert.equal(limitOf(compactTargetOfTarget(limit - 1n)) >> BigInt(8 * (0x1d - 3)), 0x00d86an);
});

Deno.test("LWMA: times as wanted keep the target, twice as long double it", () => {
  const params = paramsOf({ difficultyAdjustment: "lwma", adjustmentWindow: 4 });
  const after = (timesMs: readonly number[]) =>
    Number(
      ratioOf(
        nextCompactTarget(chainOf(params, [77_777, ...timesMs]), params),
        params.compactTarget,
      )
        .toFixed(3),
    );
  assert.equal(after([1000, 1000, 1000, 1000]), 1);
  assert.equal(after([2000, 2000, 2000, 2000]), 2);
  assert.equal(after([500, 500, 500, 500]), 0.5);
  // 1·1 + 2·1 + 3·1 + 4·3 of 10: the newest counts four times the oldest.
  assert.equal(after([1000, 1000, 1000, 3000]), 1.8);
  assert.equal(after([3000, 1000, 1000, 1000]), 1.2);
  // One block after an hour counts as six intervals.
  assert.equal(after([1000, 1000, 1000, 3_600_000]), 3);
  // A block dated before its parent counts as a millisecond later, and the next from there.
  assert.equal(after([1000, 1000, -4000, 5000]), 0.7);
});

Deno.test("LWMA: the founder's target stands until a window is full", () => {
  const params = paramsOf({ difficultyAdjustment: "lwma", adjustmentWindow: 4 });
  for (let count = 0; count <= 4; count++) {
    const tip = chainOf(params, Array(count).fill(1));
    assert.equal(nextCompactTarget(tip, params), params.compactTarget, `${count} blocks`);
  }
  assert.notEqual(
    nextCompactTarget(chainOf(params, Array(5).fill(1)), params),
    params.compactTarget,
  );
});

Deno.test("B11 no times bring a target beyond its clamp or the bounds of networks", () => {
  const times = fc.array(fc.integer({ min: -100_000, max: 1_000_000 }), { maxLength: 60 });
  const rules = fc.constantFrom("window" as const, "lwma" as const);
  fc.assert(
    fc.property(rules, fc.integer({ min: 2, max: 12 }), times, (rule, size, timesMs) => {
      const params = paramsOf({ difficultyAdjustment: rule, adjustmentWindow: size });
      for (let at: Ancestor | undefined = chainOf(params, timesMs); at.parent !== undefined;) {
        const { compactTarget } = at.header;
        assert(isTargetInBounds(compactTarget));
        // Against the block below (window), or the mean of those in the window (LWMA).
        let sum = 0n;
        let count = 0;
        const reach = rule === "window" ? 1 : size;
        for (let below: Ancestor | undefined = at.parent; below !== undefined && count < reach;) {
          sum += limitOf(below.header.compactTarget);
          count++;
          below = below.parent;
        }
        const ratio = Number(limitOf(compactTarget) * BigInt(count) * 1_000_000n / sum) / 1_000_000;
        const [least, most] = rule === "window" ? [1 / 4, 4] : [1 / 10, 6];
        assert(ratio > least * 0.999 && ratio < most * 1.001, `${rule} ${ratio}`);
        at = at.parent;
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a steady hash rate brings the wanted interval about, whatever the founder chose", () => {
  for (const rule of ["window", "lwma"] as const) {
    const params = paramsOf({ difficultyAdjustment: rule, adjustmentWindow: 20 });
    // 16^3 hashes a second against 16^4 of the founder: blocks take 16 intervals at first.
    let tip: Ancestor = { header: params.genesis.header, parent: undefined };
    let timeMs = 0;
    for (let height = 1; height <= 200; height++) {
      const compactTarget = nextCompactTarget(tip, params);
      timeMs = Math.round(16_000 / ratioOf(compactTarget, params.compactTarget));
      const timestampMs = tip.header.timestampMs + timeMs;
      const header = { ...tip.header, height, compactTarget, timestampMs } as Header;
      tip = { header, parent: tip };
    }
    assert(timeMs > 900 && timeMs < 1100, `${rule}: ${timeMs} ms a block`);
  }
});

Deno.test("compactTargetOfTarget() rounds down to what a header can say, within bounds", () => {
  for (const difficulty of [0, 0.5, 1, 4, 4.125, 15.999, 16]) {
    const compact = compactTargetOfDifficulty(difficulty);
    assert.equal(compactTargetOfTarget(targetOfCompact(compact) as bigint), compact);
  }
  assert.equal(compactTargetOfTarget(1n << 300n), compactTargetOfDifficulty(0));
  assert.equal(compactTargetOfTarget(0n), compactTargetOfDifficulty(16));
  fc.assert(fc.property(fc.bigInt(1n << 193n, 1n << 256n), (limit) => {
    const compact = compactTargetOfTarget(limit - 1n);
    assert(isTargetInBounds(compact));
    assert(limitOf(compact) <= limit && limitOf(compact) * 65_537n > limit * 65_536n);
  }));
});

Deno.test("B10 a block with another target than its parents demand is refused, and the own miner's is taken", () => {
  const params = testParams({
    difficulty: 1,
    emptyBlocks: true,
    difficultyAdjustment: "lwma",
    adjustmentWindow: 2,
    blockIntervalMs: 10_000,
  });
  const ledger = new TestLedger(params);
  for (let count = 0; count < 5; count++) ledger.extend();
  const next = nextCompactTarget(ledger.chain.tip, params);
  assert.notEqual(next, params.compactTarget, "blocks came ten times too fast");
  // A block with the founder's target, as if nothing had been adjusted.
  const stale = ledger.mine([], {
    parent: { hash: ledger.chain.tip.hash, header: ledger.chain.tip.header },
  });
  const { result } = ledger.accept(stale);
  assert(!result.ok);
  assert.deepEqual(result.error, {
    code: "block-bad-target",
    got: params.compactTarget,
    want: next,
  });
  const work = ledger.chain.tip.work;
  ledger.extend();
  const { compactTarget } = ledger.chain.tip.header;
  const log2 = Math.log2(Number(targetOfCompact(compactTarget)));
  assert(Math.abs(difficultyOf(compactTarget, params) - (64 - log2 / 4)) <= 0.0005);
  assert(difficultyOf(compactTarget, params) > difficultyOf(params.compactTarget, params));
  assert(ledger.chain.tip.work - work > params.workPerBlock, "harder blocks count more");
});
