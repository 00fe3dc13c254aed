/** Exercise 6: the reward of a block halves every `halving` blocks, and the supply says so. */
import assert from "node:assert/strict";
import { supplyAt } from "../../lib/params.ts";
import type { Height } from "../../lib/primitives/header.ts";
import { TestLedger } from "../../lib/testing/test_ledger.ts";
import { testParams } from "../../lib/testing/test_params.ts";

/** A chain parameter that you add: every 10 blocks here, 0 (never) by default. */
const CHOICE = { reward: 8, emptyBlocks: true, nodes: 1, halvingBlocks: 10 } as object;

Deno.test("the supply follows the halving, on paper and in the chain", () => {
  const params = testParams(CHOICE);
  assert.equal(supplyAt(params, 25 as Height), 100 + 10 * 8 + 10 * 4 + 5 * 2);

  const ledger = new TestLedger(params);
  for (let height = 1; height <= 25; height++) ledger.extend();
  assert.equal(ledger.chain.utxos.supply, 100 + 10 * 8 + 10 * 4 + 5 * 2);
});

Deno.test("a reorganisation across a halving leaves the supply exact", () => {
  const params = testParams(CHOICE);
  const ledger = new TestLedger(params);
  for (let height = 1; height <= 12; height++) ledger.extend();
  let parent = ledger.chain.atHeight(8)!;
  for (let count = 0; count < 5; count++) {
    const block = ledger.mine([], {
      parent,
      firstNonce: 77,
      timestampMs: parent.header.timestampMs + 5,
    });
    assert(ledger.accept(block).result.ok);
    parent = ledger.chain.entry(block.hash)!;
  }
  assert.equal(ledger.chain.tip, parent, "the longer branch won");
  assert.equal(ledger.chain.utxos.supply, 100 + 10 * 8 + 3 * 4);
});
