import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Header, TimestampMs } from "../primitives/header.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { LedgerSteps } from "../testing/ledger_steps.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import type { Ancestor } from "./ancestor.ts";
import { checkHeaderAgainstParent, checkHeaderWork, medianTimePast } from "./check_block.ts";

const params = testParams({ emptyBlocks: true });

function chainOf(timestampsMs: readonly number[]): Ancestor {
  let tip: Ancestor | undefined;
  for (const timestampMs of timestampsMs) {
    const header: Header = {
      ...params.genesis.header,
      height: (tip === undefined ? 0 : tip.header.height + 1) as Header["height"],
      timestampMs: timestampMs as TimestampMs,
    };
    tip = { header, parent: tip };
  }
  assert(tip !== undefined);
  return tip;
}

Deno.test("B01 checkHeaderWork() takes the target itself, the next hash no more", () => {
  const hard = testParams({ difficulty: 4 });
  const check = (hash: string) => checkHeaderWork(hard.genesis.header, hash as BlockHash, hard);
  assert.equal(check("0000" + "f".repeat(60)).ok, true);
  assert.equal(check("0".repeat(64)).ok, true);
  assert.equal(check("0001" + "0".repeat(60)).ok, false);
});

Deno.test("medianTimePast() is the median of the last eleven timestamps", () => {
  assert.equal(medianTimePast(chainOf([5])), 5);
  assert.equal(medianTimePast(chainOf([5, 9])), 9);
  assert.equal(medianTimePast(chainOf([9, 5, 7])), 7);
  assert.equal(medianTimePast(chainOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])), 6);
  assert.equal(medianTimePast(chainOf([1000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])), 6);
  fc.assert(fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 30 }), (timestampsMs) => {
    const last = timestampsMs.slice(-11).sort((a, b) => a - b);
    assert.equal(medianTimePast(chainOf(timestampsMs)), last[last.length >> 1]);
  }));
});

Deno.test("B07 a timestamp at or before the median is refused, one after it taken", () => {
  const parent = chainOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const check = (timestampMs: number) =>
    checkHeaderAgainstParent(
      { ...parent.header, height: 11 as never, timestampMs: timestampMs as TimestampMs },
      parent,
      0,
      params,
    );
  assert.equal(check(7).ok, true);
  const refused = check(6);
  assert(!refused.ok);
  assert.deepEqual(refused.error, { code: "block-time-too-old", got: 6, min: 7 });
});

Deno.test("B07 a timestamp two hours ahead is taken, 1 ms more is refused until the clock moves", () => {
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  const atLimit = ledger.mine([], { timestampMs: ledger.nowMs + 7_200_000 });
  const ahead = ledger.mine([], { timestampMs: ledger.nowMs + 7_200_001 });
  steps.rejected("1 ms too far", ahead, "block-time-too-new");
  steps.accepted("at the limit", atLimit);
  ledger.nowMs += 1;
  steps.side("the same block a millisecond later", ahead);
});

Deno.test("B07 clocks that differ by two seconds never fork for ever", () => {
  // Three miners take turns, each with its own clock; each block reaches all three.
  const skewsMs = [0, 2000, -2000];
  const ledgers = skewsMs.map(() => new TestLedger(params));
  let nowMs = params.genesisTimeMs + 10_000;
  for (let turn = 0; turn < 60; turn++) {
    nowMs += 100;
    const winner = turn % 3;
    const miner = ledgers[winner] as TestLedger;
    const clockMs = nowMs + (skewsMs[winner] as number);
    // As a template does: the own clock, moved forward where the median demands it.
    const timestampMs = Math.max(clockMs, medianTimePast(miner.chain.tip) + 1);
    const block: Block = mineBlock(miner.chain.tip, { params, timestampMs, firstNonce: turn });
    for (const [index, ledger] of ledgers.entries()) {
      ledger.nowMs = nowMs + (skewsMs[index] as number);
      new LedgerSteps(ledger).accepted(`turn ${turn} at ${index}`, block);
    }
  }
});
