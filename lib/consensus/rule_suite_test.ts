/**
 * The rule suite: every code that consensus can give has a case here, built by taking something valid
 * and spoiling one thing. The tables are typed by the unions: a new code does not compile without a case.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Height, TimestampMs } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { CompactTarget } from "../primitives/target.ts";
import { type Transaction, WALLET_ZERO } from "../primitives/transaction.ts";
import {
  mineBlock,
  remineBlock,
  tamperHeader,
  tamperTransactions,
} from "../simulation/mine_block.ts";
import { resignTransaction, tamperTransaction } from "../simulation/sign_transaction.ts";
import { testParams } from "../testing/test_params.ts";
import { alice, bob, carol, createSmallLedger, type SmallLedger } from "../testing/small_ledger.ts";
import {
  type BlockError,
  peerVerdictOf,
  type RuleError,
  type TransactionError,
} from "./rule_table.ts";

function coinOf(world: SmallLedger, owner: typeof alice): Outpoint {
  return world.ledger.coinsOf(owner.publicKey)[0]![0];
}

/** Spoils one thing of the valid transaction; what it says of itself besides its code. */
type TransactionCase = (world: SmallLedger) => {
  readonly transaction: Transaction;
  readonly evidence: Record<string, unknown>;
};

const TRANSACTION_CASES: Record<TransactionError["code"], TransactionCase> = {
  "tx-sender-reserved": ({ valid }) => ({
    transaction: tamperTransaction(valid, { sender: WALLET_ZERO }),
    evidence: { sender: "0".repeat(64) },
  }),
  "tx-no-inputs": ({ valid, params }) => ({
    transaction: resignTransaction(valid, { inputs: [] }, { keyPair: alice, params }),
    evidence: {},
  }),
  "tx-duplicate-input": (world) => {
    const { valid, params } = world;
    const outpoint = coinOf(world, alice);
    const inputs = [outpoint, outpoint];
    const outputs = [
      { owner: bob.publicKey, amount: 230 as Amount },
      { owner: alice.publicKey, amount: 170 as Amount },
    ];
    const transaction = resignTransaction(valid, { inputs, outputs }, { keyPair: alice, params });
    return { transaction, evidence: { outpoint } };
  },
  "tx-output-count": ({ valid, params }) => ({
    transaction: resignTransaction(valid, { outputs: [] }, { keyPair: alice, params }),
    evidence: { got: 0, max: 2 },
  }),
  "tx-amount-invalid": ({ valid, params }) => {
    const outputs = [
      { owner: bob.publicKey, amount: 200 as Amount },
      { owner: alice.publicKey, amount: 0 as Amount },
    ];
    const transaction = resignTransaction(valid, { outputs }, { keyPair: alice, params });
    return { transaction, evidence: { index: 1, amount: 0 } };
  },
  "tx-outputs-overflow": ({ valid, params }) => {
    const outputs = [
      { owner: bob.publicKey, amount: (2 ** 53 - 1) as Amount },
      { owner: alice.publicKey, amount: 1 as Amount },
    ];
    const transaction = resignTransaction(valid, { outputs }, { keyPair: alice, params });
    return { transaction, evidence: {} };
  },
  "tx-change-misdirected": ({ valid, params }) => {
    const outputs = [valid.outputs[0]!, { ...valid.outputs[1]!, owner: carol.publicKey }];
    const transaction = resignTransaction(valid, { outputs }, { keyPair: alice, params });
    return { transaction, evidence: { owner: carol.publicKey } };
  },
  "tx-input-missing": ({ valid, params }) => {
    const outpoint = outpointOf("ab".repeat(32) as Txid, 0);
    const transaction = resignTransaction(
      valid,
      { inputs: [outpoint] },
      { keyPair: alice, params },
    );
    return { transaction, evidence: { outpoint } };
  },
  "tx-input-foreign": (world) => {
    const { valid, params } = world;
    const outpoint = coinOf(world, bob);
    const transaction = resignTransaction(
      valid,
      { inputs: [outpoint] },
      { keyPair: alice, params },
    );
    return { transaction, evidence: { outpoint, owner: bob.publicKey } };
  },
  "tx-overspends": ({ valid, params }) => {
    const outputs = [{ owner: bob.publicKey, amount: 31 as Amount }, valid.outputs[1]!];
    const transaction = resignTransaction(valid, { outputs }, { keyPair: alice, params });
    return { transaction, evidence: { inputSum: 200, outputSum: 201, fee: 0 } };
  },
  "tx-underspends": ({ valid, params }) => {
    const outputs = [{ owner: bob.publicKey, amount: 29 as Amount }, valid.outputs[1]!];
    const transaction = resignTransaction(valid, { outputs }, { keyPair: alice, params });
    return { transaction, evidence: { inputSum: 200, outputSum: 199, fee: 0 } };
  },
  "tx-bad-signature": ({ valid }) => {
    const outputs = [{ ...valid.outputs[0]!, owner: carol.publicKey }, valid.outputs[1]!];
    const transaction = tamperTransaction(valid, { outputs });
    return { transaction, evidence: { txid: transaction.txid } };
  },
};

for (const [code, spoil] of Object.entries(TRANSACTION_CASES)) {
  Deno.test(`rule ${code}: refused by the pool and inside a block, nothing changes`, () => {
    const world = createSmallLedger();
    const { ledger, steps, valid, block } = world;
    const { transaction, evidence } = spoil(world);
    const expected = { code, ...evidence };

    const refusal = steps.refused("spoiled", transaction, code as TransactionError["code"]);
    assert.deepEqual(refusal, expected);
    // In second place, behind a valid one that must not stay behind.
    const harmless = ledger.pay(carol, bob.publicKey, 1);
    const carrier = remineBlock(block, { transactions: [harmless, transaction] });
    assert.deepEqual(steps.rejected("block with it", carrier, "block-bad-transaction"), {
      code: "block-bad-transaction",
      txid: transaction.txid,
      index: 1,
      cause: expected,
    });

    steps.waits("unspoiled", valid);
    steps.accepted("block without it", block);
    assert.equal(ledger.confirmedOf(bob.publicKey), 130);
    assert.equal(ledger.mempool.size, 0);
  });
}

/** Spoils one thing of a valid block; the evidence is the whole error. */
type BlockCase = () => SmallLedger & { readonly spoiled: Block; readonly error: BlockError };

const BLOCK_CASES: Record<BlockError["code"], BlockCase> = {
  "block-bad-target": () => {
    const world = createSmallLedger();
    const compactTarget = testParams({ difficulty: 0 }).compactTarget;
    const spoiled = remineBlock(world.block, { header: { compactTarget } });
    const want = 0x20100000 as CompactTarget;
    return { ...world, spoiled, error: { code: "block-bad-target", got: 0x21010000, want } };
  },
  "block-bad-work": () => {
    const world = createSmallLedger();
    let nonce = world.block.header.nonce + 1;
    while (tamperHeader(world.block, { nonce }).hash.startsWith("0")) nonce++;
    const spoiled = tamperHeader(world.block, { nonce });
    const target = "0" + "f".repeat(63);
    return { ...world, spoiled, error: { code: "block-bad-work", hash: spoiled.hash, target } };
  },
  "block-oversized": () => {
    const world = createSmallLedger({ capacity: 20_000 });
    // 560 times 9,356 bytes; the size is judged before what the bytes say.
    const inputs = Array.from(
      { length: 256 },
      (_, index) => outpointOf("ab".repeat(32) as Txid, index),
    );
    const large = tamperTransaction(world.valid, { inputs });
    const transactions = Array.from({ length: 560 }, () => large);
    const spoiled = remineBlock(world.block, { transactions });
    const sizeBytes = 116 + 2 + 560 * (36 + 256 * 36 + 2 * 40 + 64);
    return { ...world, spoiled, error: { code: "block-oversized", sizeBytes, max: 5_242_880 } };
  },
  "block-over-capacity": () => {
    const world = createSmallLedger();
    const { ledger } = world;
    const transactions: Transaction[] = [];
    for (let amount = 1; amount <= 4; amount++) {
      const transaction = ledger.pay(alice, bob.publicKey, amount);
      assert(ledger.submit(transaction).ok);
      transactions.push(transaction);
    }
    const spoiled = remineBlock(world.block, { transactions });
    return { ...world, spoiled, error: { code: "block-over-capacity", got: 4, max: 3 } };
  },
  "block-empty": () => {
    const world = createSmallLedger();
    const spoiled = remineBlock(world.block, { transactions: [] });
    return { ...world, spoiled, error: { code: "block-empty" } };
  },
  "block-underfull": () => {
    const world = createSmallLedger({ strict: true, capacity: 2, nodes: 3 });
    const { ledger, valid } = world;
    assert(ledger.submit(valid).ok);
    const second = ledger.pay(alice, bob.publicKey, 1);
    const block = remineBlock(world.block, { transactions: [valid, second] });
    const error = { code: "block-underfull", got: 1, want: 2 } as const;
    return { ...world, block, spoiled: world.block, error };
  },
  "block-duplicate-transaction": () => {
    const world = createSmallLedger();
    const { valid } = world;
    const spoiled = remineBlock(world.block, { transactions: [valid, valid] });
    return {
      ...world,
      spoiled,
      error: { code: "block-duplicate-transaction", txid: valid.txid },
    };
  },
  "block-bad-merkle-root": () => {
    const world = createSmallLedger();
    const second = world.ledger.pay(bob, carol.publicKey, 1);
    const spoiled = tamperTransactions(world.block, [world.valid, second]);
    const want = remineBlock(spoiled, {}).header.merkleRoot;
    const got = world.block.header.merkleRoot;
    return { ...world, spoiled, error: { code: "block-bad-merkle-root", got, want } };
  },
  "block-foreign-genesis": () => {
    const world = createSmallLedger();
    const got = testParams({ nodes: 5, difficulty: 1 }).genesis;
    const want = world.params.genesis.hash;
    const error = { code: "block-foreign-genesis", got: got.hash, want } as const;
    return { ...world, spoiled: got, error };
  },
  "block-bad-height": () => {
    const world = createSmallLedger();
    const spoiled = remineBlock(world.block, { header: { height: 3 as Height } });
    return { ...world, spoiled, error: { code: "block-bad-height", got: 3, want: 2 } };
  },
  "block-time-too-old": () => {
    const world = createSmallLedger();
    // Genesis at t, block 1 at t + 1000: the upper of the two is the median.
    const got = (world.params.genesisTimeMs + 1000) as TimestampMs;
    const spoiled = remineBlock(world.block, { header: { timestampMs: got } });
    return { ...world, spoiled, error: { code: "block-time-too-old", got, min: got + 1 } };
  },
  "block-time-too-new": () => {
    const world = createSmallLedger();
    const max = world.ledger.nowMs + 7_200_000;
    const spoiled = remineBlock(world.block, {
      header: { timestampMs: (max + 1) as TimestampMs },
    });
    return { ...world, spoiled, error: { code: "block-time-too-new", got: max + 1, max } };
  },
  "block-bad-transaction": () => {
    const world = createSmallLedger();
    const { transaction } = TRANSACTION_CASES["tx-overspends"](world);
    const { txid } = transaction;
    const spoiled = remineBlock(world.block, { transactions: [transaction] });
    const cause = { code: "tx-overspends", inputSum: 200, outputSum: 201, fee: 0 } as const;
    return { ...world, spoiled, error: { code: "block-bad-transaction", txid, index: 0, cause } };
  },
  "block-parent-invalid": () => {
    const world = createSmallLedger();
    const { transaction } = TRANSACTION_CASES["tx-overspends"](world);
    const parent = remineBlock(world.block, { transactions: [transaction] });
    world.steps.rejected("its parent", parent, "block-bad-transaction");
    const spoiled = mineBlock(parent, { params: world.params, transactions: [world.valid] });
    return { ...world, spoiled, error: { code: "block-parent-invalid", parent: parent.hash } };
  },
  "block-invalidated": () => {
    const world = createSmallLedger();
    const { transaction } = TRANSACTION_CASES["tx-overspends"](world);
    const spoiled = remineBlock(world.block, { transactions: [transaction] });
    world.steps.rejected("the first time", spoiled, "block-bad-transaction");
    return { ...world, spoiled, error: { code: "block-invalidated", hash: spoiled.hash } };
  },
  "block-parent-unknown": () => {
    const world = createSmallLedger();
    const parent = "ab".repeat(32) as BlockHash;
    const spoiled = remineBlock(world.block, { header: { previousHash: parent } });
    return { ...world, spoiled, error: { code: "block-parent-unknown", parent } };
  },
  "block-already-known": () => {
    const world = createSmallLedger();
    const known = world.ledger.mainBlocks()[0]!;
    const error = { code: "block-already-known", hash: known.hash } as const;
    return { ...world, spoiled: known, error };
  },
};

for (const [code, spoil] of Object.entries(BLOCK_CASES)) {
  Deno.test(`rule ${code}: the spoiled block is refused, the valid one still taken`, () => {
    const { steps, block, spoiled, error } = spoil();
    assert.equal(error.code, code);
    assert.deepEqual(steps.rejected("spoiled", spoiled, error.code), error);
    steps.accepted("unspoiled", block);
  });
}

Deno.test("peerVerdictOf() blames a peer for what no honest node sends, and for nothing else", () => {
  const rejected: RuleError["code"][] = [
    "tx-sender-reserved",
    "tx-no-inputs",
    "tx-duplicate-input",
    "tx-output-count",
    "tx-amount-invalid",
    "tx-outputs-overflow",
    "tx-change-misdirected",
    "tx-input-foreign",
    "tx-overspends",
    "tx-underspends",
    "tx-bad-signature",
    "block-bad-target",
    "block-bad-work",
    "block-oversized",
    "block-over-capacity",
    "block-empty",
    "block-underfull",
    "block-duplicate-transaction",
    "block-bad-merkle-root",
    "block-foreign-genesis",
    "block-bad-height",
    "block-time-too-old",
    "block-bad-transaction",
  ];
  const later: RuleError["code"][] = [
    "tx-input-missing",
    "block-parent-unknown",
    "block-time-too-new",
  ];
  const codes = [...Object.keys(TRANSACTION_CASES), ...Object.keys(BLOCK_CASES)];
  for (const code of codes as RuleError["code"][]) {
    const verdict = rejected.includes(code)
      ? "reject"
      : later.includes(code)
      ? "retry-later"
      : "ignore";
    assert.equal(peerVerdictOf(code), verdict, code);
  }
});

Deno.test("T05 no input, a foreign one, one that is not there, one twice: four codes", () => {
  const codes = [
    "tx-no-inputs",
    "tx-input-foreign",
    "tx-input-missing",
    "tx-duplicate-input",
  ] as const;
  for (const code of codes) {
    const world = createSmallLedger();
    world.steps.refused(code, TRANSACTION_CASES[code](world).transaction, code);
  }
});
