import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Amount } from "../primitives/amount.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import { minerOutpointOf } from "../consensus/connect_block.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { coinsAfter, paymentFrom } from "../testing/random_block_tree.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { payment } from "../simulation/sign_transaction.ts";
import type { ParamsChoice } from "../params.ts";
import { testParams } from "../testing/test_params.ts";
import { OwnCoins, REWARD_CONFIRMATIONS_MIN } from "./own_coins.ts";
import { selectCoins } from "./payment.ts";

const params = testParams({ nodes: 3, capacity: 4, emptyBlocks: true, reward: 3, fee: 1 });
const verifier = createTransactionVerifier(params);

const number = fc.nat(1000);
const arbitraryAct = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("pay" as const), from: number, to: number }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("mine" as const), count: number }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("drop" as const), pick: number }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("undo" as const), depth: number }) },
);

const owner = numberedKeyPair(0).publicKey;

/** The unspent rewards of the wallet in the last five blocks, found from the blocks themselves. */
function immatureOf({ chain, mempool }: TestLedger): Outpoint[] {
  return Array.from({ length: 5 }, (_, depth) => chain.atHeight(chain.height - depth))
    .flatMap((entry) => entry === undefined ? [] : [minerOutpointOf(entry.hash)])
    .filter((outpoint) => mempool.get(outpoint)?.owner === owner)
    .sort();
}

/** The tiers as plain lists: which coins each has. */
function listed(coins: OwnCoins): string[][] {
  return coins.tiers.map((tier) =>
    Array.from(tier.largestFirst(), ([outpoint]) => outpoint).sort()
  );
}

/** A ledger in which the wallet's own blocks are the last of its coins; genesis gives it 300. */
function ledgerWithRewards(count: number, choice: Partial<ParamsChoice> = {}) {
  const ledger = new TestLedger(testParams({
    nodes: 3,
    emptyBlocks: true,
    reward: 3,
    fee: 1,
    ...choice,
  }));
  const coins = new OwnCoins(owner, ledger);
  const mineOwn = (block = ledger.mine([], { miner: owner })) => {
    const { result, change } = ledger.accept(block);
    assert(result.ok);
    coins.followChain(change);
    return block;
  };
  for (let block = 0; block < count; block++) mineOwn();
  return { ledger, coins, mineOwn };
}

/** The amounts of the coins that a payment takes. */
function chosen(coins: OwnCoins, want: number): number[] {
  const selected = selectCoins(coins.tiers, want as Amount);
  assert(selected.ok, JSON.stringify(selected));
  return selected.value.map(([, { amount }]) => amount);
}

Deno.test("U07 a payment avoids a reward that is too young, unless nothing else suffices", () => {
  assert.equal(REWARD_CONFIRMATIONS_MIN, 6);
  const { coins, mineOwn } = ledgerWithRewards(1);
  // The reward of 3 would be the smallest that suffices.
  assert.deepEqual(chosen(coins, 2), [300]);
  assert.deepEqual(chosen(coins, 302), [300, 3]);
  for (let block = 0; block < 4; block++) mineOwn();
  assert.deepEqual(chosen(coins, 2), [300], "the oldest has five confirmations");
  mineOwn();
  assert.deepEqual(chosen(coins, 2), [3], "the oldest has six");
  assert.deepEqual(coins.tiers.map(({ sum }) => sum), [303, 0, 0, 15]);
});

Deno.test("U07 a reward becomes young again where the chain gets shorter", () => {
  const { ledger, coins } = ledgerWithRewards(8);
  assert.deepEqual(coins.tiers.map(({ sum }) => sum), [309, 0, 0, 15]);
  const { hash } = ledger.chain.atHeight(7) ?? {};
  assert(hash !== undefined);
  const { change } = ledger.apply((each) => ledger.chain.invalidate(hash, each));
  coins.followChain(change);
  assert.equal(ledger.chain.height, 6);
  assert.deepEqual(coins.tiers.map(({ sum }) => sum), [303, 0, 0, 15]);
  assert.deepEqual(listed(coins), listed(new OwnCoins(owner, ledger)));
});

Deno.test("U07 where blocks earn nothing there is nothing to wait for", () => {
  const { coins } = ledgerWithRewards(3, { reward: 0, fee: 0 });
  assert.deepEqual(coins.tiers.map(({ sum }) => sum), [300, 0, 0, 0]);
});

Deno.test("U07 losing a block of its own costs a wallet no payment while other coins suffice", () => {
  const { ledger, coins } = ledgerWithRewards(1);
  const [before, own] = [ledger.params.genesis, ledger.chain.tip];
  const paid = selectCoins(coins.tiers, 3 as Amount);
  assert(paid.ok);
  const receiver = numberedKeyPair(1).publicKey;
  const transaction = payment(paid.value, {
    params: ledger.params,
    from: numberedKeyPair(0),
    to: receiver,
    amount: 2,
  });
  assert(ledger.submit(transaction).ok);
  coins.reviewTransaction(transaction);

  // Two blocks of somebody else take the place of the own one.
  const first = ledger.mine([], { parent: before, miner: receiver });
  for (const block of [first, ledger.mine([], { parent: first, miner: receiver })]) {
    coins.followChain(ledger.accept(block).change);
  }
  assert.notEqual(ledger.chain.atHeight(1), own);
  assert.deepEqual(ledger.removed, []);
  assert(ledger.mempool.has(transaction.txid));
});

Deno.test("U04 U05 U07 OwnCoins follows chain and pool: at any time it is what a new count finds", () => {
  fc.assert(
    fc.property(fc.array(arbitraryAct, { maxLength: 40, size: "max" }), (acts) => {
      const ledger = new TestLedger(params, verifier);
      const { chain, mempool } = ledger;
      const coins = new OwnCoins(owner, ledger);
      for (const [nonce, act] of acts.entries()) {
        const removedBefore = ledger.removed.length;
        switch (act.type) {
          case "pay": {
            let unspent: ReturnType<typeof coinsAfter> = new Map(chain.utxos.entries());
            for (const transaction of mempool.transactions()) {
              unspent = coinsAfter(unspent, transaction);
            }
            const plan = { from: act.from, to: act.to, amount: nonce };
            const transaction = paymentFrom(unspent, plan, params);
            if (transaction === undefined || !ledger.submit(transaction).ok) break;
            coins.reviewTransaction(transaction);
            break;
          }
          case "mine": {
            const count = act.count % (params.capacity + 1);
            const transactions = [...mempool.transactions()].slice(0, count);
            const miner = numberedKeyPair(act.count % 2).publicKey;
            coins.followChain(ledger.accept(ledger.mine(transactions, { miner })).change);
            break;
          }
          case "drop": {
            const txids = [...mempool.txids()];
            const txid = txids[act.pick % (txids.length || 1)];
            if (txid === undefined) break;
            ledger.removed.push(...mempool.remove(txid, { code: "dropped-by-operator" }));
            break;
          }
          case "undo": {
            const height = Math.max(1, chain.height - act.depth % 8);
            const entry = chain.atHeight(height);
            if (entry === undefined) break;
            const { change } = ledger.apply((each) => chain.invalidate(entry.hash, each));
            coins.followChain(change);
            break;
          }
        }
        for (const { transaction } of ledger.removed.slice(removedBefore)) {
          coins.reviewTransaction(transaction);
        }
        assert.deepEqual(listed(coins), listed(new OwnCoins(owner, ledger)));
        assert.deepEqual(listed(coins)[3], immatureOf(ledger));
      }
    }),
    { numRuns: 60 },
  );
});
