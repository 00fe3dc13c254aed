/** Exercise 9: a transaction pays up to eight receivers; its last output may be the sender's change. */
import assert from "node:assert/strict";
import { checkTransactionAlone } from "../../lib/consensus/check_transaction.ts";
import type { Amount } from "../../lib/primitives/amount.ts";
import { decodeTransaction, encodeTransaction } from "../../lib/primitives/transaction.ts";
import { signTransaction } from "../../lib/simulation/sign_transaction.ts";
import { alice, bob, carol, createSmallLedger } from "../../lib/testing/small_ledger.ts";

Deno.test("a transaction for two receivers with change is encoded, checked and confirmed", () => {
  const { ledger, params } = createSmallLedger();
  const [coin] = ledger.coinsOf(alice.publicKey);
  assert(coin !== undefined);
  const outputs = [
    { owner: bob.publicKey, amount: 30 as Amount },
    { owner: carol.publicKey, amount: 20 as Amount },
    { owner: alice.publicKey, amount: (coin[1].amount - 50) as Amount },
  ];
  const unsigned = { sender: alice.publicKey, inputs: [coin[0]], outputs };
  const transaction = signTransaction(unsigned, { keyPair: alice, params });
  assert.deepEqual(decodeTransaction(encodeTransaction(transaction)), transaction);
  assert(checkTransactionAlone(transaction).ok);
  assert(ledger.submit(transaction).ok);
  ledger.extend([transaction]);
  assert.equal(ledger.confirmedOf(carol.publicKey), 120);
});
