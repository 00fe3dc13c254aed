import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  type CompactTarget,
  compactTargetOfDifficulty,
  formatTarget,
  targetOfCompact,
  workOfTarget,
} from "./target.ts";
import vectors from "./testdata/ledger_vectors.json" with { type: "json" };

Deno.test("difficulty, compact target, target and work are frozen", () => {
  assert.equal(vectors.targets.length, 13);
  for (const { difficulty, compact, target, work } of vectors.targets) {
    assert.equal(compactTargetOfDifficulty(difficulty), compact, `difficulty ${difficulty}`);
    const decoded = targetOfCompact(compact as CompactTarget);
    assert(decoded !== undefined);
    assert.equal(formatTarget(decoded), target);
    assert.equal(workOfTarget(decoded), BigInt(work));
  }
});

Deno.test("a whole difficulty d is exactly d hex zeros and 16^d hashes of work", () => {
  for (let difficulty = 0; difficulty <= 16; difficulty++) {
    const target = targetOfCompact(compactTargetOfDifficulty(difficulty))!;
    assert.equal(formatTarget(target), "0".repeat(difficulty) + "f".repeat(64 - difficulty));
    assert.equal(workOfTarget(target), 16n ** BigInt(difficulty));
  }
});

Deno.test("a harder difficulty has a lower target and no less work", () => {
  let above = targetOfCompact(compactTargetOfDifficulty(0))!;
  for (let steps = 1; steps <= 16_000; steps += 13) {
    const target = targetOfCompact(compactTargetOfDifficulty(steps / 1000))!;
    assert(target < above, `${steps / 1000}`);
    assert(workOfTarget(target) >= workOfTarget(above));
    above = target;
  }
});

Deno.test("targetOfCompact() takes one normal form of each target", () => {
  const seen = new Map<bigint, number>();
  fc.assert(fc.property(fc.nat(0xffff_ffff), (compact) => {
    const target = targetOfCompact(compact as CompactTarget);
    if (target === undefined) return;
    assert(target >= 0n && target < 2n ** 256n);
    const known = seen.get(target);
    assert(known === undefined || known === compact);
    seen.set(target, compact);
  }));
  for (const compact of [0, 0x20000001, 0x2000ffff, 0x02010000, 0x21010001, 0xff010000]) {
    assert.equal(targetOfCompact(compact as CompactTarget), undefined, compact.toString(16));
  }
});

Deno.test("compactTargetOfDifficulty() refuses what no network may choose", () => {
  for (const difficulty of [-0.001, 16.001, NaN, Infinity]) {
    assert.throws(() => compactTargetOfDifficulty(difficulty), { name: "InvariantError" });
  }
});
