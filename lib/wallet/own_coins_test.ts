import assert from "node:assert/strict";
import * as fc from "fast-check";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import { minerOutpointOf } from "../consensus/connect_block.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { coinsAfter, paymentFrom } from "../testing/random_block_tree.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { OwnCoins } from "./own_coins.ts";

const params = testParams({ nodes: 3, capacity: 4, emptyBlocks: true, reward: 3, fee: 1 });
const verifier = createTransactionVerifier(params);

const number = fc.nat(1000);
const arbitraryAct = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("pay" as const), from: number, to: number }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("mine" as const), count: number }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("drop" as const), pick: number }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("undo" as const), depth: number }) },
);

/** The tiers as plain lists: which coins each has. */
function listed(coins: OwnCoins): string[][] {
  return coins.tiers.map((tier) =>
    Array.from(tier.largestFirst(), ([outpoint]) => outpoint).sort()
  );
}

Deno.test("U04 U05 OwnCoins follows chain and pool: at any time it is what a new count finds", () => {
  fc.assert(
    fc.property(fc.array(arbitraryAct, { maxLength: 40, size: "max" }), (acts) => {
      const ledger = new TestLedger(params, verifier);
      const { chain, mempool } = ledger;
      const owner = numberedKeyPair(0).publicKey;
      const view = { utxos: chain.utxos, mempool };
      const coins = new OwnCoins(owner, view);
      const follow = (blocks: ReturnType<TestLedger["accept"]>["change"]["connected"]) => {
        for (const { block } of blocks) {
          for (const transaction of block.transactions) coins.reviewTransaction(transaction);
          if (block.header.miner === owner) coins.review(minerOutpointOf(block.hash));
        }
      };
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
            follow(ledger.accept(ledger.mine(transactions, { miner })).change.connected);
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
            const height = Math.max(1, chain.height - act.depth % 3);
            const entry = chain.atHeight(height);
            if (entry === undefined) break;
            const { change } = ledger.apply((each) => chain.invalidate(entry.hash, each));
            follow([...change.disconnected, ...change.connected]);
            break;
          }
        }
        for (const { transaction } of ledger.removed.slice(removedBefore)) {
          coins.reviewTransaction(transaction);
        }
        assert.deepEqual(listed(coins), listed(new OwnCoins(owner, view)));
      }
    }),
    { numRuns: 60 },
  );
});
