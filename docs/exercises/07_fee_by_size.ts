/** Exercise 7: a network may ask for its fee once for each 200 bytes that a transaction begins. */
import assert from "node:assert/strict";
import type { Amount } from "../../lib/primitives/amount.ts";
import { sizeOfTransactionBytes } from "../../lib/primitives/transaction.ts";
import { alice, bob, createSmallLedger } from "../../lib/testing/small_ledger.ts";
import { CoinsByAmount } from "../../lib/wallet/coins_by_amount.ts";
import { createPayment } from "../../lib/wallet/payment.ts";

/** A chain parameter that you add: off by default. */
const CHOICE = { fee: 1, feeBySize: true } as object;

Deno.test("the wallet pays by size, the pool and the chain accept it, the miner gets it", () => {
  const { ledger, params } = createSmallLedger(CHOICE);
  const order = { receiver: bob.publicKey, amount: 30 as Amount };
  const coins = ledger.coinsOf(alice.publicKey);
  const payment = createPayment(order, [new CoinsByAmount(coins)], { keyPair: alice, params });
  assert(payment.ok);

  const transaction = payment.value;
  const spent = coins.filter(([outpoint]) => transaction.inputs.includes(outpoint));
  const inputSum = spent.reduce((sum, [, { amount }]) => sum + amount, 0);
  const outputSum = transaction.outputs.reduce((sum, { amount }) => sum + amount, 0);
  const fee = Math.ceil(sizeOfTransactionBytes(transaction) / 200);
  assert(fee > 1, "the payment is large enough to show a difference");
  assert.equal(inputSum - outputSum, fee);

  const supply = ledger.chain.utxos.supply;
  assert(ledger.submit(transaction).ok);
  ledger.extend([transaction]);
  assert.equal(ledger.chain.utxos.supply, supply, "no coin is made or lost");
});
