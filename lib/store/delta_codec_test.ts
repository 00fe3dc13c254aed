import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ByteWriter } from "../bytes.ts";
import { connectGenesis } from "../consensus/connect_block.ts";
import { writePackedUtxo } from "../consensus/packed_utxos.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { decodeDelta, encodeDelta } from "./delta_codec.ts";

const NETWORKS = [
  testParams({ nodes: 3, capacity: 20, emptyBlocks: true }),
  testParams({ nodes: 3, capacity: 20, emptyBlocks: true, reward: 3, fee: 1 }),
];
const arbitraryPayments = fc.array(
  fc.record({ from: fc.nat(2), to: fc.nat(2), amount: fc.integer({ min: 1, max: 5 }) }),
  { maxLength: 20 },
);

Deno.test("a block's change is read from its body and a few numbers as it was, and from nothing else", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NETWORKS),
      fc.array(arbitraryPayments, { minLength: 1, maxLength: 4 }),
      (params, blocks) => {
        const ledger = new TestLedger(params);
        for (const payments of blocks) {
          const transactions = payments.flatMap(({ from, to, amount }) => {
            if (from === to) return [];
            const sender = numberedKeyPair(from);
            const sum = ledger.coinsOf(sender.publicKey)
              .reduce((total, [, utxo]) => total + utxo.amount, 0);
            if (sum < amount + params.fee) return [];
            const transaction = ledger.pay(sender, numberedKeyPair(to).publicKey, amount);
            return ledger.submit(transaction).ok ? [transaction] : [];
          });
          const { change } = ledger.accept(ledger.mine(transactions));
          const [connected] = change.connected;
          assert(connected !== undefined);
          const { block, delta } = connected;
          const bytes = encodeDelta(delta, block);
          assert.deepEqual(decodeDelta(bytes, block), delta);
          assert.equal(decodeDelta(bytes.subarray(0, -1), block), undefined);
          const longer = new Uint8Array([...bytes, 0]);
          assert.equal(decodeDelta(longer, block), undefined);
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("undo data of another block's number of coins is none", () => {
  const ledger = new TestLedger();
  const [alice, bob] = [numberedKeyPair(0), numberedKeyPair(1)];
  const block = ledger.extend([ledger.pay(alice, bob.publicKey, 1)]);
  const delta = ledger.archive.readDelta(block.hash);
  assert(delta !== undefined);
  const bytes = encodeDelta(delta, block);
  bytes[12] = 2;
  assert.equal(decodeDelta(bytes, block), undefined);
});

Deno.test("genesis' change and changes that older releases wrote in full are read, too", () => {
  const { genesis } = testParams();
  const delta = connectGenesis(genesis);
  assert.deepEqual(decodeDelta(encodeDelta(delta, genesis), genesis), delta);

  const writer = new ByteWriter().u32(0).u32(delta.created.length);
  for (const utxo of delta.created) writePackedUtxo(writer, utxo);
  const full = writer.finish();
  assert.deepEqual(decodeDelta(full, genesis), delta);
  assert.equal(decodeDelta(full.subarray(1), genesis), undefined);
});
