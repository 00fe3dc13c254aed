/** Exercise 3: a full pool takes a larger payment and lets the smallest go, with all that spends it. */
import assert from "node:assert/strict";
import { alice, bob, carol, createSmallLedger } from "../../lib/testing/small_ledger.ts";

Deno.test("a full pool makes room for a larger payment, and not for a smaller one", () => {
  const { ledger } = createSmallLedger();
  const { mempool, nowMs } = ledger;
  const small = ledger.pay(bob, alice.publicKey, 5);
  assert(mempool.accept(small, nowMs, 3).ok);
  const child = ledger.pay(bob, alice.publicKey, 6);
  assert(mempool.accept(child, nowMs, 3).ok);
  const middle = ledger.pay(carol, alice.publicKey, 40);
  assert(mempool.accept(middle, nowMs, 3).ok);

  const large = ledger.pay(alice, bob.publicKey, 90);
  assert(mempool.accept(large, nowMs, 3).ok, "the larger payment comes in");
  assert(!mempool.has(small.txid) && !mempool.has(child.txid), "the smallest left with its child");
  assert(mempool.has(middle.txid) && mempool.has(large.txid));
});
