/** A block that holds as many payments as may be is a block, and fits into every message that carries it. */
import assert from "node:assert/strict";
import { alice, bob, createSmallLedger } from "../testing/small_ledger.ts";
import {
  assembleBlock,
  BLOCK_SIZE_BYTES_MAX,
  BLOCK_TRANSACTIONS_MAX,
  decodeBlock,
  encodeBlock,
} from "../primitives/block.ts";
import { decodeMessage, encodeMessage } from "./codec.ts";
import { type Message, MESSAGE_FILL_BYTES, MESSAGE_SIZE_BYTES_MAX } from "./message.ts";

Deno.test("a block takes 20,000 payments and not one more, and travels in every way", () => {
  assert.equal(BLOCK_TRANSACTIONS_MAX, 20_000);
  const { ledger, block } = createSmallLedger();
  const payment = ledger.pay(alice, bob.publicKey, 1);
  assert.equal(payment.encoded.length, 216);
  const list = (count: number) => Array.from({ length: count }, () => payment);

  const full = assembleBlock(block.header, list(20_000), block.hash);
  const encoded = encodeBlock(full);
  assert(encoded.length <= BLOCK_SIZE_BYTES_MAX);
  assert.equal(decodeBlock(encoded)?.transactions.length, 20_000);
  const over = assembleBlock(block.header, list(20_001), block.hash);
  assert.equal(decodeBlock(encodeBlock(over)), undefined);

  const { transactions, hash, header } = full;
  const messages: Message[] = [
    { type: "blocks", blocks: [full] },
    { type: "block-transactions", hash, transactions },
    {
      type: "compact-block",
      hash,
      header,
      txids: transactions.map(({ txid }) => txid),
      prefilled: [payment],
    },
    { type: "get-block-transactions", hash, indexes: transactions.map((_, index) => index) },
  ];
  for (const message of messages) {
    const bytes = encodeMessage(message);
    assert(bytes.length <= MESSAGE_SIZE_BYTES_MAX, message.type);
    assert.equal(decodeMessage(bytes)?.type, message.type);
  }
  // Whoever serves blocks adds one more to a message that is almost full.
  assert(MESSAGE_FILL_BYTES + BLOCK_SIZE_BYTES_MAX + 64 * 1024 <= MESSAGE_SIZE_BYTES_MAX);
});
