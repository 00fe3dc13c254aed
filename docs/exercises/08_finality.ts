/** Exercise 8: blocks deeper than `finality` are never given up, however much work comes along. */
import assert from "node:assert/strict";
import type { BlockEntry } from "../../lib/consensus/block_tree.ts";
import { TestLedger } from "../../lib/testing/test_ledger.ts";
import { testParams } from "../../lib/testing/test_params.ts";

/** A chain parameter that you add: 5 blocks here, 0 (no limit) by default. */
const CHOICE = { emptyBlocks: true, nodes: 1, finalityBlocks: 5 } as object;

function grow(ledger: TestLedger, from: BlockEntry, count: number): BlockEntry {
  let parent = from;
  for (let index = 0; index < count; index++) {
    const timestampMs = parent.header.timestampMs + 7;
    const block = ledger.mine([], { parent, firstNonce: 500, timestampMs });
    ledger.accept(block);
    parent = ledger.chain.entry(block.hash) ?? parent;
  }
  return parent;
}

Deno.test("a heavier branch that leaves the chain too deep is kept beside it", () => {
  const ledger = new TestLedger(testParams(CHOICE));
  for (let height = 1; height <= 8; height++) ledger.extend();
  const { tip } = ledger.chain;
  grow(ledger, ledger.chain.atHeight(2)!, 8);
  assert.equal(ledger.chain.tip, tip, "six blocks are too many to give up");

  const winner = grow(ledger, ledger.chain.atHeight(3)!, 6);
  assert.equal(ledger.chain.tip, winner, "five are not");
});
