/**
 * Properties of the pool: whatever happens to it and to the chain below, what waits is a valid
 * continuation of the chain, and nothing is lost without a reason.
 *
 * The oracle replays the pool over the chain's coins with the few lines of `lib/testing/random_block_tree.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { createTransactionVerifier } from "../consensus/transaction_verifier.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import {
  type Coins,
  coinsAfter,
  listCoins,
  paymentFrom,
  type PaymentPlan,
} from "../testing/random_block_tree.ts";
import { mineBlock, type Parent } from "../simulation/mine_block.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { Mempool } from "./mempool.ts";

const NETWORKS = [
  testParams({ nodes: 4, capacity: 4, emptyBlocks: true }),
  testParams({ nodes: 4, capacity: 4, emptyBlocks: true, reward: 3, fee: 1 }),
].map((params) => ({ params, verifier: createTransactionVerifier(params) }));

const number = fc.nat(1000);
const plan = fc.record({ from: number, to: number, amount: number });
/** What can happen; numbers of any size, taken modulo what there is. */
const arbitraryAct = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("pay" as const), plan }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("pay-confirmed" as const), plan }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), pick: number }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("mine-pool" as const), count: number }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("mine-other" as const), plans: fc.array(plan) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("fork" as const),
      depth: fc.integer({ min: 1, max: 4 }),
      plans: fc.array(plan, { maxLength: 6 }),
    }),
  },
);
type Act = typeof arbitraryAct extends fc.Arbitrary<infer Value> ? Value : never;

/** What is unspent after the chain and the pool, by replaying the pool's transactions in order. */
function replayPool(ledger: TestLedger): Coins {
  let coins: Coins = new Map(ledger.chain.utxos.entries());
  const spent = new Set<string>();
  for (const { transaction } of ledger.mempool.entries()) {
    let sum = 0;
    for (const outpoint of transaction.inputs) {
      const coin = coins.get(outpoint);
      assert(coin !== undefined, "parents stand before children, and every input is there");
      assert.equal(coin.owner, transaction.sender);
      assert(!spent.has(outpoint), "no two entries share an input");
      assert.equal(ledger.mempool.spenderOf(outpoint), transaction.txid);
      spent.add(outpoint);
      sum += coin.amount;
    }
    const paid = transaction.outputs.reduce((total, { amount }) => total + amount, 0);
    assert.equal(sum, paid + ledger.params.fee);
    coins = coinsAfter(coins, transaction);
  }
  return coins;
}

function checkPool(ledger: TestLedger): void {
  const { mempool, chain } = ledger;
  const coins = replayPool(ledger);

  for (const [outpoint, { owner, amount }] of coins) {
    const seen = mempool.get(outpoint);
    assert.deepEqual([seen?.owner, seen?.amount], [owner, amount]);
  }
  for (const [outpoint] of chain.utxos.entries()) {
    assert.equal(mempool.get(outpoint) !== undefined, coins.has(outpoint));
  }
  const unconfirmed = [...coins].filter(([outpoint]) => !chain.utxos.has(outpoint));
  const listed = [0, 1, 2, 3].flatMap((key) => [
    ...mempool.unconfirmedCoinsOf(numberedKeyPair(key).publicKey),
  ]);
  assert.deepEqual(listCoins(listed), listCoins(unconfirmed));
  assert.deepEqual(
    new Set(mempool.owners()),
    new Set(unconfirmed.map(([, { owner }]) => owner)),
  );

  let digest = 0n;
  for (const txid of mempool.txids()) digest ^= BigInt(`0x${txid.slice(0, 16)}`);
  assert.equal(mempool.digest, digest);
  assert.equal(mempool.size, [...mempool.txids()].length);
}

/** Mines transactions planned over some coins, whatever the pool thinks of them. */
function mineOther(
  ledger: TestLedger,
  parent: Parent,
  { coins, plans, nonce }: {
    readonly coins: Coins;
    readonly plans: readonly PaymentPlan[];
    readonly nonce: number;
  },
) {
  const transactions: Transaction[] = [];
  let after = coins;
  for (const plan of plans.slice(0, ledger.params.capacity)) {
    const transaction = paymentFrom(after, plan, ledger.params);
    if (transaction === undefined) continue;
    transactions.push(transaction);
    after = coinsAfter(after, transaction);
  }
  const miner = numberedKeyPair(nonce % 4).publicKey;
  const { params } = ledger;
  const block = mineBlock(parent, { params, transactions, miner, firstNonce: nonce });
  return { block, transactions };
}

/** The main chain's coins at a height, by a fresh replay of its blocks. */
function coinsAt(ledger: TestLedger, height: number): Coins {
  const replay = new TestLedger(ledger.params, ledger.chain.verifier);
  for (const block of ledger.mainBlocks().slice(0, height)) assert(replay.accept(block).result.ok);
  return new Map(replay.chain.utxos.entries());
}

function act(ledger: TestLedger, act: Act, nonce: number, submitted: Set<Txid>): void {
  const { mempool, chain, params } = ledger;
  switch (act.type) {
    case "pay":
    case "pay-confirmed": {
      const coins = act.type === "pay" ? replayPool(ledger) : new Map(chain.utxos.entries());
      const transaction = paymentFrom(coins, act.plan, params);
      if (transaction === undefined) return;
      const result = ledger.submit(transaction);
      if (result.ok) submitted.add(transaction.txid);
      else {
        // Its coin is spent by something that waits, maybe by the very same payment.
        assert(act.type === "pay-confirmed", JSON.stringify(result.error));
        assert(["tx-conflicts", "tx-already-known"].includes(result.error.code));
      }
      return;
    }
    case "remove": {
      const txids = [...mempool.txids()];
      const txid = txids[act.pick % (txids.length || 1)];
      if (txid === undefined) return;
      ledger.removed.push(...mempool.remove(txid, { code: "dropped-by-operator" }));
      return;
    }
    case "mine-pool": {
      const count = act.count % (params.capacity + 1);
      const transactions = [...mempool.entries()].slice(0, count).map((e) => e.transaction);
      assert(ledger.accept(ledger.mine(transactions, { firstNonce: nonce })).result.ok);
      return;
    }
    case "mine-other": {
      const coins = new Map(chain.utxos.entries());
      const { block, transactions } = mineOther(ledger, chain.tip, {
        coins,
        plans: act.plans,
        nonce,
      });
      for (const { txid } of transactions) submitted.add(txid);
      assert(ledger.accept(block).result.ok);
      return;
    }
    case "fork": {
      const depth = Math.min(act.depth, chain.height);
      fork(ledger, { depth, plans: act.plans, nonce, submitted });
      return;
    }
  }
}

/** A heavier branch from `depth` blocks below; the pool afterwards is what a fresh one would be. */
function fork(
  ledger: TestLedger,
  { depth, plans, nonce, submitted }: {
    readonly depth: number;
    readonly plans: readonly PaymentPlan[];
    readonly nonce: number;
    readonly submitted: Set<Txid>;
  },
): void {
  const { chain, mempool } = ledger;
  const losing = ledger.mainBlocks().slice(chain.height - depth);
  const waited = [...mempool.entries()].map((entry) => entry.transaction);
  let parent: Parent = chain.atHeight(chain.height - depth) as Parent;
  const coins = coinsAt(ledger, chain.height - depth);
  for (let count = 0; count <= depth; count++) {
    const blockPlans = count === 0 ? plans : [];
    const { block, transactions } = mineOther(ledger, parent, { coins, plans: blockPlans, nonce });
    for (const { txid } of transactions) submitted.add(txid);
    const { result, pool } = ledger.accept(block);
    assert(result.ok);
    if (result.value.outcome === "reorganised") {
      assert.equal(count, depth);
      const fresh = new Mempool({
        params: ledger.params,
        verifier: chain.verifier,
        utxos: chain.utxos,
      });
      for (const losingBlock of losing) {
        for (const transaction of losingBlock.transactions) fresh.accept(transaction, 0);
      }
      for (const transaction of waited) fresh.accept(transaction, 0);
      assert.deepEqual([...mempool.txids()], [...fresh.txids()]);
      for (const { transaction } of pool.returned) assert(mempool.has(transaction.txid));
    }
    parent = block;
  }
}

/** Every transaction that ever was taken is in the chain, in the pool, or was removed with a reason. */
function checkNothingLost(ledger: TestLedger, submitted: ReadonlySet<Txid>): void {
  const confirmed = new Set(
    ledger.mainBlocks().flatMap((block) => block.transactions.map(({ txid }) => txid)),
  );
  const removed = new Set(ledger.removed.map(({ transaction }) => transaction.txid));
  for (const txid of submitted) {
    assert(confirmed.has(txid) || ledger.mempool.has(txid) || removed.has(txid), txid);
    assert(!(confirmed.has(txid) && ledger.mempool.has(txid)), "confirmed and waiting");
  }
  for (const txid of ledger.mempool.txids()) {
    assert.equal(ledger.chain.utxos.has(outpointOf(txid, 0)), false);
  }
}

/** What chain and pool say of all outputs that there ever were. */
function viewOf({ chain, mempool }: TestLedger, outpoints: readonly Outpoint[]): unknown[] {
  return outpoints.map((outpoint) => [
    chain.utxos.get(outpoint),
    mempool.get(outpoint),
    mempool.spenderOf(outpoint),
  ]);
}

Deno.test("what a block has left to be settled is seen by nobody, however much of it is", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NETWORKS),
      fc.array(fc.tuple(arbitraryAct, fc.nat(6)), { maxLength: 25, size: "max" }),
      ({ params, verifier }, acts) => {
        const [ledger, eager] = [
          new TestLedger(params, verifier),
          new TestLedger(params, verifier),
        ];
        ledger.isLate = true;
        const submitted = new Set<Txid>();
        for (const [nonce, [each, settled]] of acts.entries()) {
          act(ledger, each, nonce, submitted);
          ledger.chain.settle(settled);
          ledger.mempool.settle(settled >> 1);
          act(eager, each, nonce, new Set());
          assert.equal(ledger.chain.tip.hash, eager.chain.tip.hash);
          const outpoints = [...submitted].flatMap((txid) =>
            [0, 1].map((k) => outpointOf(txid, k))
          );
          assert.deepEqual(viewOf(ledger, outpoints), viewOf(eager, outpoints));
          if (nonce % 4 > 0) continue;
          checkPool(ledger);
          checkNothingLost(ledger, submitted);
          assert.equal(ledger.chain.utxos.supply, eager.chain.utxos.supply);
        }
      },
    ),
    { numRuns: 80 },
  );
});

Deno.test("M03 M06 F02 F03 U06 the pool continues the chain after any sequence of events", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NETWORKS),
      fc.array(arbitraryAct, { maxLength: 25, size: "max" }),
      ({ params, verifier }, acts) => {
        const ledger = new TestLedger(params, verifier);
        const submitted = new Set<Txid>();
        for (const [nonce, each] of acts.entries()) {
          act(ledger, each, nonce, submitted);
          checkPool(ledger);
          checkNothingLost(ledger, submitted);
        }
      },
    ),
    { numRuns: 80 },
  );
});
