/** Exercise 10: a fork choice of your own: the branch that confirms more transactions wins. */
import assert from "node:assert/strict";
import { PARAMETERS } from "../../lib/parameter_table.ts";
import { alice, bob, carol, createSmallLedger } from "../../lib/testing/small_ledger.ts";

/** A word that you add to the parameter; more work decides among equals, then the first seen. */
const CHOICE = { forkChoice: "most-transactions", emptyBlocks: true } as object;

Deno.test("the branch with more transactions wins against more work", () => {
  const words: readonly string[] = PARAMETERS.forkChoice.words;
  assert(words.includes("most-transactions"), "the network can choose the rule");
  const { ledger } = createSmallLedger(CHOICE);
  const fork = ledger.chain.tip;
  const payments = [
    ledger.pay(alice, bob.publicKey, 1),
    ledger.pay(bob, carol.publicKey, 1),
    ledger.pay(carol, alice.publicKey, 1),
  ];
  ledger.extend([payments[0]!]);
  ledger.extend();
  const full = ledger.mine(payments, { parent: fork, firstNonce: 900 });
  assert(ledger.accept(full).result.ok);
  assert.equal(ledger.chain.tip.hash, full.hash);

  ledger.extend();
  assert.equal(ledger.chain.height, 3, "the chain goes on from there");
});
