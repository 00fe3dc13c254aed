import assert from "node:assert/strict";
import {
  BLOCK_SIZE_BYTES_MAX,
  merkleRootOfTransactions,
  sizeOfBlockBytes,
} from "../primitives/block.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { tamperTransaction } from "../simulation/sign_transaction.ts";
import { LedgerSteps } from "../testing/ledger_steps.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { alice, bob, createSmallLedger } from "../testing/small_ledger.ts";
import { solveTemplate, TemplateDraft } from "./template.ts";

Deno.test("M05 TemplateDraft takes the first ones, at most the capacity", () => {
  const { ledger, steps, params } = createSmallLedger({ capacity: 3 });
  for (let amount = 1; amount <= 5; amount++) {
    steps.waits(`payment ${amount}`, ledger.pay(alice, bob.publicKey, amount));
  }
  const draft = new TemplateDraft(ledger.chain.tip, params);
  draft.add(ledger.mempool.transactions());
  assert(draft.isFull);
  const { transactions } = draft.template({ miner: bob.publicKey, nowMs: ledger.nowMs });
  assert.deepEqual(
    transactions.map(({ txid }) => txid),
    [...ledger.mempool.txids()].slice(0, 3),
  );
});

Deno.test("TemplateDraft stops before a block would have more than 5 MiB", () => {
  const { ledger, valid, params } = createSmallLedger({ capacity: 20_000 });
  const inputs = Array.from(
    { length: 256 },
    (_, index) => outpointOf("ab".repeat(32) as Txid, index),
  );
  const large = tamperTransaction(valid, { inputs });
  const draft = new TemplateDraft(ledger.chain.tip, params);
  draft.add(Array.from({ length: 600 }, () => large));
  const { transactions } = draft.template({ miner: bob.publicKey, nowMs: ledger.nowMs });
  assert(draft.isFull);
  assert(sizeOfBlockBytes(transactions) <= BLOCK_SIZE_BYTES_MAX);
  assert(sizeOfBlockBytes([...transactions, large]) > BLOCK_SIZE_BYTES_MAX);
});

Deno.test("B07 TemplateDraft moves its time past the median where the clock is behind", () => {
  const params = testParams({ emptyBlocks: true });
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  for (let count = 0; count < 15; count++) {
    const template = new TemplateDraft(ledger.chain.tip, params).template({
      miner: bob.publicKey,
      nowMs: params.genesisTimeMs - 60_000,
    });
    const { timestampMs } = template.header;
    steps.accepted(`block ${count}`, solveTemplate(template, { timestampMs, nonce: count }));
  }
});

Deno.test("solveTemplate() changes time and nonce and nothing else", () => {
  const { ledger, valid, params } = createSmallLedger({ difficulty: 0 });
  const draft = new TemplateDraft(ledger.chain.tip, params);
  draft.add([valid]);
  const template = draft.template({ miner: bob.publicKey, nowMs: ledger.nowMs });
  const timestampMs = ledger.nowMs + 5;
  const block = solveTemplate(template, { timestampMs, nonce: 77 });
  assert.deepEqual(block.header, { ...template.header, timestampMs, nonce: 77 });
  assert.equal(block.transactions, template.transactions);
  new LedgerSteps(ledger).accepted("solved", block);
});

Deno.test("W03 a template's root is that of its own transactions, also when more come in later", () => {
  const { ledger, steps, params } = createSmallLedger({ capacity: 40 });
  const draft = new TemplateDraft(ledger.chain.tip, params);
  const templates = Array.from({ length: 30 }, (_, index) => {
    steps.waits(`payment ${index}`, ledger.pay(alice, bob.publicKey, 1));
    draft.add(ledger.mempool.transactions(draft.last?.txid));
    return draft.template({ miner: bob.publicKey, nowMs: ledger.nowMs });
  });
  for (const [index, { header, transactions }] of templates.entries()) {
    assert.equal(transactions.length, index + 1);
    assert.equal(header.merkleRoot, merkleRootOfTransactions([...transactions]));
  }
});
