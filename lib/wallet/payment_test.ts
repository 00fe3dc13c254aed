import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkTransactionAlone, checkTransactionInputs } from "../consensus/check_transaction.ts";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import type { NamedUtxo } from "../consensus/utxo.ts";
import { UtxoSet } from "../consensus/utxo_set.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { changeOf, paymentOf, receiverOf } from "../primitives/transaction.ts";
import { testParams } from "../testing/test_params.ts";
import { alice, bob } from "../testing/small_ledger.ts";
import { CoinsByAmount } from "./coins_by_amount.ts";
import { createPayment, selectCoins } from "./payment.ts";

let coinCount = 0;

/** Coins of Alice's with these amounts. */
function coins(...amounts: number[]): CoinsByAmount {
  return new CoinsByAmount(namedCoins(amounts));
}

function namedCoins(amounts: readonly number[]): NamedUtxo[] {
  return amounts.map((amount) => {
    const txid = (++coinCount).toString(16).padStart(64, "0") as Txid;
    const owner = alice.publicKey;
    return [outpointOf(txid, 0), { owner, amount: amount as Amount, height: 1 as Height }];
  });
}

function amountsOf(selected: ReturnType<typeof selectCoins>): number[] {
  assert(selected.ok, JSON.stringify(selected));
  return selected.value.map(([, { amount }]) => amount);
}

Deno.test("selectCoins() takes the smallest coin that suffices", () => {
  assert.deepEqual(amountsOf(selectCoins([coins(50, 7, 10, 9)], 9 as Amount)), [9]);
  assert.deepEqual(amountsOf(selectCoins([coins(50, 7, 10)], 8 as Amount)), [10]);
});

Deno.test("selectCoins() takes the largest ones when no single one suffices", () => {
  assert.deepEqual(amountsOf(selectCoins([coins(1, 5, 3, 4)], 9 as Amount)), [5, 4]);
  assert.deepEqual(amountsOf(selectCoins([coins(1, 5, 3, 4)], 13 as Amount)), [5, 4, 3, 1]);
});

Deno.test("U04 selectCoins() goes to the next tier only when it has to", () => {
  const [confirmed, change, received] = [coins(4, 2), coins(5), coins(100)];
  const tiers = [confirmed, change, received];
  assert.deepEqual(amountsOf(selectCoins(tiers, 6 as Amount)), [4, 2]);
  assert.deepEqual(amountsOf(selectCoins(tiers, 9 as Amount)), [5, 4]);
  assert.deepEqual(amountsOf(selectCoins(tiers, 12 as Amount)), [100]);
});

Deno.test("U04 selectCoins() counts every tier before it says that coins are lacking", () => {
  const selected = selectCoins([coins(4, 2), coins(5)], 12 as Amount);
  assert(!selected.ok);
  assert.deepEqual(selected.error, { code: "insufficient-funds", have: 11, want: 12 });
  const none = selectCoins([], 1 as Amount);
  assert(!none.ok);
  assert.deepEqual(none.error, { code: "insufficient-funds", have: 0, want: 1 });
});

Deno.test("selectCoins() spends at most 256 coins, the largest ones", () => {
  const many = coins(...Array.from({ length: 300 }, () => 1), 10);
  assert.equal(amountsOf(selectCoins([many], 265 as Amount)).length, 256);
  const tooMany = selectCoins([many], 266 as Amount);
  assert(!tooMany.ok);
  assert.deepEqual(tooMany.error, {
    code: "too-many-coins-needed",
    max: 256,
    payable: 265,
    want: 266,
  });
});

Deno.test("selectCoins() goes to the next tier, too, when one has too many small coins", () => {
  const dust = coins(...Array.from({ length: 300 }, () => 1));
  assert.deepEqual(amountsOf(selectCoins([dust, coins(500)], 290 as Amount)), [500]);
});

Deno.test("T12 createPayment() makes change where there is any, and none of 0", () => {
  const params = testParams({ fee: 2 });
  const pay = (amount: number) => {
    const order = { receiver: bob.publicKey, amount: amount as Amount };
    const payment = createPayment(order, [coins(10)], { keyPair: alice, params });
    assert(payment.ok);
    return payment.value;
  };
  const withChange = pay(5);
  assert.deepEqual(withChange.outputs, [
    { owner: bob.publicKey, amount: 5 },
    { owner: alice.publicKey, amount: 3 },
  ]);
  const without = pay(8);
  assert.deepEqual(without.outputs, [{ owner: bob.publicKey, amount: 8 }]);
  assert.deepEqual(
    [receiverOf(withChange), paymentOf(withChange), changeOf(withChange), changeOf(without)],
    [bob.publicKey, 5, 3, 0],
  );
});

Deno.test("T06 U03 createPayment() makes what consensus takes, or refuses and changes nothing", () => {
  const verifiers = [0, 3].map((fee) => {
    const params = testParams({ fee });
    return { params, verifier: createTransactionVerifier(params) };
  });
  const tier = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 6 });
  fc.assert(fc.property(
    fc.constantFrom(...verifiers),
    fc.array(tier, { maxLength: 3 }),
    fc.integer({ min: 1, max: 200 }),
    ({ params, verifier }, amounts, amount) => {
      const named = amounts.map(namedCoins);
      const tiers = named.map((each) => new CoinsByAmount(each));
      const order = { receiver: bob.publicKey, amount: amount as Amount };
      const payment = createPayment(order, tiers, { keyPair: alice, params });
      assert.deepEqual(
        tiers.map(({ sum }) => sum),
        amounts.map((each) => each.reduce((sum, coin) => sum + coin, 0)),
      );

      const have = amounts.flat().reduce((sum, coin) => sum + coin, 0);
      assert.equal(payment.ok, have >= amount + params.fee);
      if (!payment.ok) return;
      const utxos = new UtxoSet();
      for (const [outpoint, utxo] of named.flat()) utxos.add(outpoint, utxo);
      const alone = checkTransactionAlone(payment.value);
      assert(alone.ok);
      assert(checkTransactionInputs(payment.value, alone.value, { utxos, params }).ok);
      assert(verifier.verify(payment.value));
    },
  ));
});
