import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TestLedger } from "../testing/test_ledger.ts";
import { testParams } from "../testing/test_params.ts";
import { encodeMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import { ENVELOPE_SIZE_BYTES, sizeOfMessageBytes } from "./message_size.ts";

Deno.test("sizeOfMessageBytes() is within a few bytes of what the codec writes", () => {
  const ledger = new TestLedger(testParams());
  const transaction = ledger.pay(numberedKeyPair(0), numberedKeyPair(1).publicKey, 5);
  const block = ledger.extend([transaction]);
  const { hash, header } = block;
  const txids = [transaction.txid];
  const messages: Message[] = [
    { type: "transactions", transactions: [transaction] },
    { type: "compact-block", hash, header, txids, prefilled: [] },
    { type: "compact-block", hash, header, txids, prefilled: [transaction] },
    { type: "blocks", blocks: [block] },
    { type: "headers", headers: [header, header] },
    { type: "get-blocks", hashes: [hash] },
    { type: "get-headers", locator: [hash, hash, hash] },
    { type: "pool", txids },
    { type: "block-transactions", hash, transactions: [transaction] },
    {
      type: "status",
      protocolVersion: 1,
      genesisHash: hash,
      hasRing: true,
      tipHash: hash,
      tipHeight: header.height,
      tipWork: ledger.chain.tip.work,
      poolSize: 0,
      poolDigest: 0n,
      clockMs: 0,
    },
  ];
  for (const message of messages) {
    const difference = sizeOfMessageBytes(message) - ENVELOPE_SIZE_BYTES -
      encodeMessage(message).length;
    assert(Math.abs(difference) <= 8, `${message.type}: ${difference}`);
  }
});
