import assert from "node:assert/strict";
import { BLOCK_SIZE_BYTES_MAX, sizeOfBlockBytes } from "../primitives/block.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { tamperTransaction } from "../simulation/sign_transaction.ts";
import { LedgerSteps } from "../testing/ledger_steps.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { alice, bob, createSmallLedger } from "../testing/small_ledger.ts";
import { createTemplate, selectTransactions, solveTemplate } from "./template.ts";

Deno.test("M05 selectTransactions() takes the first ones, at most the capacity", () => {
  const { ledger, steps, params } = createSmallLedger({ capacity: 3 });
  for (let amount = 1; amount <= 5; amount++) {
    steps.waits(`payment ${amount}`, ledger.pay(alice, bob.publicKey, amount));
  }
  const selected = selectTransactions(ledger.mempool.entries(), params);
  assert.deepEqual(
    selected.map(({ txid }) => txid),
    [...ledger.mempool.txids()].slice(0, 3),
  );
});

Deno.test("selectTransactions() stops before a block would have more than 4 MiB", () => {
  const { valid, params } = createSmallLedger({ capacity: 10_000 });
  const inputs = Array.from(
    { length: 256 },
    (_, index) => outpointOf("ab".repeat(32) as Txid, index),
  );
  const large = { transaction: tamperTransaction(valid, { inputs }), arrivedAtMs: 0 };
  const selected = selectTransactions(Array.from({ length: 500 }, () => large), params);
  assert(sizeOfBlockBytes(selected) <= BLOCK_SIZE_BYTES_MAX);
  assert(sizeOfBlockBytes([...selected, large.transaction]) > BLOCK_SIZE_BYTES_MAX);
});

Deno.test("B07 createTemplate() moves its time past the median where the clock is behind", () => {
  const params = testParams({ emptyBlocks: true });
  const ledger = new TestLedger(params);
  const steps = new LedgerSteps(ledger);
  for (let count = 0; count < 15; count++) {
    const template = createTemplate(ledger.chain.tip, [], {
      params,
      miner: bob.publicKey,
      nowMs: params.genesisTimeMs - 60_000,
    });
    const { timestampMs } = template.header;
    steps.accepted(`block ${count}`, solveTemplate(template, { timestampMs, nonce: count }));
  }
});

Deno.test("solveTemplate() changes time and nonce and nothing else", () => {
  const { ledger, valid, params } = createSmallLedger({ difficulty: 0 });
  const context = { params, miner: bob.publicKey, nowMs: ledger.nowMs };
  const template = createTemplate(ledger.chain.tip, [valid], context);
  const timestampMs = ledger.nowMs + 5;
  const block = solveTemplate(template, { timestampMs, nonce: 77 });
  assert.deepEqual(block.header, { ...template.header, timestampMs, nonce: 77 });
  assert.equal(block.transactions, template.transactions);
  new LedgerSteps(ledger).accepted("solved", block);
});
