/** Exercise 1: a block carries the largest payments first, and a parent still stands before its child. */
import assert from "node:assert/strict";
import { TemplateDraft } from "../../lib/mining/template.ts";
import { alice, bob, carol, createSmallLedger } from "../../lib/testing/small_ledger.ts";

Deno.test("a block with room for one takes the larger payment", () => {
  const { ledger, params } = createSmallLedger({ capacity: 3 });
  const small = ledger.pay(bob, alice.publicKey, 5);
  const large = ledger.pay(carol, alice.publicKey, 50);
  for (const payment of [small, large]) assert(ledger.submit(payment).ok);

  const draft = new TemplateDraft(ledger.chain.tip, { ...params, capacity: 1 });
  draft.add(ledger.mempool.transactions());
  const { transactions } = draft.template({ miner: bob.publicKey, nowMs: ledger.nowMs });
  assert.deepEqual(transactions.map(({ txid }) => txid), [large.txid]);
});

Deno.test("a large payment out of a small one's change stays behind it", () => {
  const { ledger, params } = createSmallLedger({ capacity: 3 });
  const parent = ledger.pay(alice, bob.publicKey, 1);
  assert(ledger.submit(parent).ok);
  const child = ledger.pay(alice, bob.publicKey, 150);
  assert(ledger.submit(child).ok);
  const other = ledger.pay(carol, bob.publicKey, 60);
  assert(ledger.submit(other).ok);

  const draft = new TemplateDraft(ledger.chain.tip, params);
  draft.add(ledger.mempool.transactions());
  const { transactions } = draft.template({ miner: bob.publicKey, nowMs: ledger.nowMs });
  const order = transactions.map(({ txid }) => txid);
  assert(order.includes(other.txid));
  assert(order.indexOf(parent.txid) < order.indexOf(child.txid));
});
