import assert from "node:assert/strict";
import type { BlockHash } from "../primitives/header.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { forkPointOf, locatorOf } from "./locator.ts";

const params = testParams({ nodes: 3, emptyBlocks: true });
const UNKNOWN_HASH = "ab".repeat(32) as BlockHash;

/** Lets blocks without transactions come to all ledgers; others come of another nonce. */
function grow(ledgers: readonly TestLedger[], length: number, firstNonce: number): void {
  for (let count = 0; count < length; count++) {
    const block = mineBlock(ledgers[0]!.chain.tip, { params, firstNonce });
    for (const ledger of ledgers) assert(ledger.accept(block).result.ok);
  }
}

Deno.test("locatorOf() names ten heights in a row, then doubles its steps, then genesis", () => {
  const ledger = new TestLedger(params);
  const { chain } = ledger;
  const heights = () => locatorOf(chain).map((hash) => chain.entry(hash)?.header.height);
  assert.deepEqual(heights(), [0]);
  grow([ledger], 3, 1);
  assert.deepEqual(heights(), [3, 2, 1, 0]);
  grow([ledger], 47, 1);
  assert.deepEqual(heights(), [50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 39, 35, 27, 11, 0]);
});

Deno.test("forkPointOf() finds where two chains part, at most as far below as the fork is deep", () => {
  for (const depth of [0, 1, 9, 10, 25, 60]) {
    const [ours, theirs] = [new TestLedger(params), new TestLedger(params)];
    grow([ours, theirs], 70, 1);
    const common = ours.chain.tip;
    grow([ours], depth, 1000);
    grow([theirs], 3, 2000);

    const fork = forkPointOf(theirs.chain, locatorOf(ours.chain));
    assert(theirs.chain.isOnMain(fork) && ours.chain.isOnMain(ours.chain.entry(fork.hash)!));
    const { height } = common.header;
    assert(fork.header.height <= height && fork.header.height >= height - depth, `depth ${depth}`);
    if (depth < 10) assert.equal(fork.hash, common.hash);
  }
});

Deno.test("forkPointOf() falls back to genesis, and passes over side blocks", () => {
  const ledger = new TestLedger(params);
  const { chain } = ledger;
  const side = mineBlock(params.genesis, { params, firstNonce: 1000 });
  grow([ledger], 2, 1);
  assert(ledger.accept(side).result.ok);
  assert.equal(forkPointOf(chain, []).hash, params.genesis.hash);
  assert.equal(forkPointOf(chain, [UNKNOWN_HASH]).hash, params.genesis.hash);
  assert.equal(forkPointOf(chain, [side.hash]).hash, params.genesis.hash);
  const [, first] = locatorOf(chain);
  assert.equal(forkPointOf(chain, [UNKNOWN_HASH, side.hash, first!]).hash, first);
});
