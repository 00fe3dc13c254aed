/**
 * Traps of transactions and blocks that other implementations fall into, by their code.
 *
 * @module
 */
import assert from "node:assert/strict";
import { outpointOf } from "../primitives/outpoint.ts";
import type { Amount } from "../primitives/amount.ts";
import { decodeBlock, encodeBlock } from "../primitives/block.ts";
import type { Height } from "../primitives/header.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { LedgerSteps } from "../testing/ledger_steps.ts";
import {
  mineBlock,
  remineBlock,
  tamperHeader,
  tamperTransactions,
} from "../simulation/mine_block.ts";
import { payment, resignTransaction, tamperTransaction } from "../simulation/sign_transaction.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { alice, bob, carol, createSmallLedger } from "../testing/small_ledger.ts";

Deno.test("T01 changing amount, receiver or change after signing is refused", () => {
  const { steps, valid } = createSmallLedger();
  const [paid, change] = [valid.outputs[0]!, valid.outputs[1]!];
  const changes = {
    amount: [{ ...paid, amount: 40 as Amount }, { ...change, amount: 160 as Amount }],
    receiver: [{ ...paid, owner: carol.publicKey }, change],
    "no change": [{ ...paid, amount: 200 as Amount }],
  };
  for (const [name, outputs] of Object.entries(changes)) {
    steps.refused(name, tamperTransaction(valid, { outputs }), "tx-bad-signature");
  }
});

Deno.test("T02 a garbled or absent signature is refused", () => {
  const { steps, params, valid } = createSmallLedger();
  const unsigned = tamperTransaction({ ...valid, signature: "00".repeat(64) as never }, {});
  steps.refused("absent", unsigned, "tx-bad-signature");
  const garbled = tamperTransaction({ ...valid, signature: "ff".repeat(64) as never }, {});
  steps.refused("garbled", garbled, "tx-bad-signature");
  const byBob = resignTransaction(valid, {}, { keyPair: bob, params });
  steps.refused("another's", byBob, "tx-bad-signature");
});

Deno.test("T03 a transaction has no other id than the hash of its content", () => {
  const { valid, block, steps } = createSmallLedger();
  const other = tamperTransaction(valid, { outputs: valid.outputs.slice(0, 1) });
  assert.notEqual(other.txid, valid.txid);
  const swapped = tamperTransactions(block, [other]);
  steps.rejected("content of another id", swapped, "block-bad-merkle-root");
});

Deno.test("T04 nobody mints: wallet 0 cannot send after genesis, not even genesis' transaction", () => {
  const { steps, params, block } = createSmallLedger();
  const minting = params.genesis.transactions[0]!;
  steps.refused("pool", minting, "tx-sender-reserved");
  const error = steps.rejected(
    "block",
    remineBlock(block, { transactions: [minting] }),
    "block-bad-transaction",
  );
  assert(error.code === "block-bad-transaction");
  assert.equal(error.cause.code, "tx-sender-reserved");
});

Deno.test("T06 a transaction neither mints nor burns, with a fee or without", () => {
  for (const fee of [0, 2]) {
    const world = createSmallLedger({ fee });
    const { steps, valid, params } = world;
    const [paid, change] = [valid.outputs[0]!, valid.outputs[1]!];
    for (const [off, code] of [[1, "tx-overspends"], [-1, "tx-underspends"]] as const) {
      const outputs = [paid, { ...change, amount: (change.amount + off) as Amount }];
      steps.refused(code, resignTransaction(valid, { outputs }, { keyPair: alice, params }), code);
    }
    steps.waits("exact", valid);
  }
});

Deno.test("T07 an amount that is none cannot be encoded, and 0 is refused in a block", () => {
  const { valid, ledger, steps, block, params } = createSmallLedger();
  for (const amount of [-5, 1.5, NaN, Infinity, 2 ** 53, -(2 ** 53)]) {
    const outputs = [{ owner: bob.publicKey, amount: amount as Amount }];
    assert.throws(() => tamperTransaction(valid, { outputs }), { name: "InvariantError" });
  }
  const zero = payment(ledger.coinsOf(alice.publicKey), {
    params,
    from: alice,
    to: bob.publicKey,
    amount: 0,
  });
  steps.refused("zero", zero, "tx-amount-invalid");
  const carrier = remineBlock(block, { transactions: [zero] });
  steps.rejected("zero in a block", carrier, "block-bad-transaction");
});

Deno.test("T09 a transaction of another network is refused", () => {
  const { valid, steps, params } = createSmallLedger();
  const elsewhere = createSmallLedger({ genesisTimeMs: params.genesisTimeMs + 1 });
  // The same keys moved the same coins there, so that even the txids are the same.
  assert.equal(elsewhere.valid.txid, valid.txid);
  steps.refused("replayed", elsewhere.valid, "tx-bad-signature");
  elsewhere.steps.waits("at home", elsewhere.valid);
  steps.waits("our own", valid);
});

Deno.test("T10 paying oneself is allowed, in the pool and in a block", () => {
  const { ledger, steps } = createSmallLedger();
  const toSelf = ledger.pay(alice, alice.publicKey, 30);
  steps.waits("pool", toSelf);
  steps.accepted("block", ledger.mine([toSelf]));
  assert.equal(ledger.confirmedOf(alice.publicKey), 200);
});

Deno.test("T12 spending everything leaves no change output, and one of 0 is refused", () => {
  const { ledger, steps, params } = createSmallLedger();
  const everything = ledger.pay(alice, bob.publicKey, 200);
  assert.equal(everything.outputs.length, 1);
  const outputs = [everything.outputs[0]!, { owner: alice.publicKey, amount: 0 as Amount }];
  const withZero = resignTransaction(everything, { outputs }, { keyPair: alice, params });
  steps.refused("change of 0", withZero, "tx-amount-invalid");
  steps.waits("no change", everything);
});

Deno.test("T13 another signature of the same transaction is the same transaction", () => {
  const { ledger, valid, steps } = createSmallLedger();
  steps.waits("first", valid);
  const garbled = tamperTransaction({ ...valid, signature: "11".repeat(64) as never }, {});
  assert.equal(garbled.txid, valid.txid);
  steps.refused("known by its id", garbled, "tx-already-known");
  steps.rejected("in a block", ledger.mine([garbled]), "block-bad-transaction");
  steps.accepted("the signed one", ledger.mine([valid]));
  const again = steps.rejected("once more", ledger.mine([valid]), "block-bad-transaction");
  assert(again.code === "block-bad-transaction");
  assert.equal(again.cause.code, "tx-input-missing");
});

Deno.test("T15 two equal payments are two transactions, and both execute", () => {
  const { ledger, steps } = createSmallLedger();
  const first = ledger.pay(alice, bob.publicKey, 7);
  steps.waits("first", first);
  const second = ledger.pay(alice, bob.publicKey, 7);
  steps.waits("second", second);
  assert.notEqual(first.txid, second.txid);
  steps.accepted("both in one block", ledger.mine([first, second]));
  assert.equal(ledger.confirmedOf(bob.publicKey), 114);
});

Deno.test("B01 a hash without the zeros, a claimed hash and another network's work are refused", () => {
  const { block, steps } = createSmallLedger();
  let nonce = block.header.nonce + 1;
  while (tamperHeader(block, { nonce }).hash.startsWith("0")) nonce++;
  const workless = tamperHeader(block, { nonce });
  steps.rejected("no zeros", workless, "block-bad-work");

  // A claimed hash has no place in the encoding: whoever decodes the block computes it.
  const claimed = decodeBlock(encodeBlock({ ...workless, hash: block.hash }));
  assert(claimed !== undefined);
  steps.rejected("a right hash before a wrong header", claimed, "block-bad-work");

  for (const difficulty of [0, 0.999, 1.001, 2]) {
    const { compactTarget } = testParams({ difficulty });
    const elsewhere = remineBlock(block, { header: { compactTarget } });
    steps.rejected(`difficulty ${difficulty}`, elsewhere, "block-bad-target");
  }
  steps.accepted("unspoiled", block);
});

Deno.test("B04 a block that is too full, empty, repeats, double-spends or replays leaves no trace", () => {
  const world = createSmallLedger();
  const { ledger, steps, valid, block, params } = world;
  const confirmed = ledger.mainBlocks()[0]!.transactions[0]!;
  const rival = resignTransaction(
    valid,
    { outputs: [{ owner: carol.publicKey, amount: 200 as Amount }] },
    { keyPair: alice, params },
  );
  const cases: Record<string, readonly Transaction[]> = {
    "double spend inside": [valid, rival],
    "already in an ancestor": [valid, confirmed],
    "child before its parent": [
      payment([[outpointOf(valid.txid, 1), {
        owner: alice.publicKey,
        amount: 170 as Amount,
        height: 2 as Height,
      }]], { params, from: alice, to: bob.publicKey, amount: 5 }),
      valid,
    ],
  };
  for (const [name, transactions] of Object.entries(cases)) {
    const spoiled = remineBlock(block, { transactions });
    const error = steps.rejected(name, spoiled, "block-bad-transaction");
    assert(error.code === "block-bad-transaction");
    assert.equal(error.cause.code, "tx-input-missing", name);
  }
  steps.accepted("the valid one", block);
});

Deno.test("B04 N05 a strict network takes a partial block for the start-up payouts only", () => {
  const params = testParams({ nodes: 4, capacity: 2, strict: true });
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  const pay = (to: number, amount: number) => {
    const transaction = ledger.pay(alice, numberedKeyPair(to).publicKey, amount);
    steps.waits("waits", transaction);
    return transaction;
  };
  const [first, second, third] = [pay(1, 100), pay(2, 100), pay(3, 100)];
  steps.rejected("one of two", ledger.mine([first]), "block-underfull");
  steps.accepted("two payouts", ledger.mine([first, second]));
  steps.accepted("the last payout alone", ledger.mine([third]));

  const fourth = pay(1, 1);
  steps.rejected("one of two", ledger.mine([fourth]), "block-underfull");
  steps.accepted("two of two", ledger.mine([fourth, pay(1, 1)]));
});

Deno.test("B05 a block's height is its parent's + 1", () => {
  const { block, steps } = createSmallLedger();
  for (const height of [1, 3, 0xffff_ffff]) {
    const spoiled = remineBlock(block, { header: { height: height as Height } });
    steps.rejected(`height ${height}`, spoiled, "block-bad-height");
  }
  const genesisLike = remineBlock(block, { header: { height: 0 as Height } });
  steps.rejected("height 0", genesisLike, "block-foreign-genesis");
});

Deno.test("B06 no second and no other genesis", () => {
  const { steps, params, block } = createSmallLedger();
  steps.rejected("our own again", params.genesis, "block-already-known");
  for (
    const choice of [{ nodes: 3 }, { capacity: 4 }, { difficulty: 2 }, { coinsPerNode: 99 }]
  ) {
    const other = testParams({ nodes: 4, difficulty: 1, capacity: 3, ...choice });
    steps.rejected(JSON.stringify(choice), other.genesis, "block-foreign-genesis");
  }
  const onOther = mineBlock(testParams({ nodes: 3 }).genesis, {
    params,
    transactions: block.transactions,
  });
  steps.orphan("a block on another genesis", onOther);
});

Deno.test("the miner gets reward and fees in one output that he can spend", () => {
  const params = testParams({ nodes: 2, reward: 5, fee: 2, capacity: 3 });
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  const payout = ledger.pay(alice, bob.publicKey, 50);
  steps.accepted("block 1", ledger.mine([payout], { miner: carol.publicKey }));
  assert.equal(ledger.confirmedOf(carol.publicKey), 7);
  assert.equal(ledger.confirmedOf(alice.publicKey), 200 - 50 - 2);

  const [outpoint] = ledger.coinsOf(carol.publicKey)[0]!;
  assert.equal(outpoint, `${ledger.chain.tip.hash}:0`);
  const spending = ledger.pay(carol, bob.publicKey, 5);
  steps.accepted("block 2", ledger.mine([spending], { miner: carol.publicKey }));
  assert.equal(ledger.confirmedOf(carol.publicKey), 7);
  assert.equal(ledger.confirmedOf(bob.publicKey), 55);
  assert.equal(ledger.chain.utxos.supply, 210);
});

Deno.test("U02 a hundred payments in a row from one coin fit into one block", () => {
  const params = testParams({ nodes: 2, capacity: 100 });
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  for (let count = 0; count < 100; count++) {
    steps.waits(`payment ${count}`, ledger.pay(alice, bob.publicKey, 1));
  }
  const transactions = [...ledger.mempool.entries()].map((entry) => entry.transaction);
  const backwards = remineBlock(ledger.mine(transactions), {
    transactions: transactions.toReversed(),
  });
  steps.rejected("children first", backwards, "block-bad-transaction");
  steps.accepted("parents first", ledger.mine(transactions));
  assert.equal(ledger.confirmedOf(bob.publicKey), 100);
  assert.equal(ledger.chain.utxos.size, 101);
});
