/** Exercise 5: a policy: at most 25 payments of one wallet wait in the pool. */
import assert from "node:assert/strict";
import { alice, bob, carol, createSmallLedger } from "../../lib/testing/small_ledger.ts";

Deno.test("the 26th waiting payment of a wallet is refused, another wallet's is not", () => {
  const { ledger } = createSmallLedger();
  for (let count = 0; count < 25; count++) {
    assert(ledger.submit(ledger.pay(alice, bob.publicKey, 1)).ok);
  }
  const refused = ledger.submit(ledger.pay(alice, bob.publicKey, 1));
  assert(!refused.ok, "the 26th is refused");
  assert.equal(refused.error.code as string, "wallet-queue-full");
  assert(ledger.submit(ledger.pay(carol, bob.publicKey, 1)).ok);

  const waiting = [...ledger.mempool.transactions()];
  ledger.extend(waiting.slice(0, 3));
  assert(ledger.submit(ledger.pay(alice, bob.publicKey, 1)).ok, "a block made room");
});
