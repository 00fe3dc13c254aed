import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import type { BlockHash } from "../primitives/header.ts";
import { type Transaction, TRANSACTION_INPUTS_MAX } from "../primitives/transaction.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import { tamperTransaction } from "../simulation/sign_transaction.ts";
import { createSmallLedger } from "../testing/small_ledger.ts";
import { type Message, MESSAGE_SIZE_BYTES_MAX } from "../wire/message.ts";
import { encodeMessage } from "../wire/codec.ts";
import { joinTransactions } from "./join_transactions.ts";
import type { OutwardEffect } from "./outward_effect.ts";

const { valid } = createSmallLedger();
const [one, two, three] = [1, 2, 3].map((index) =>
  tamperTransaction(valid, { inputs: [outpointOf("ab".repeat(32) as Txid, index)] })
) as [Transaction, Transaction, Transaction];
const passOn = (...transactions: Transaction[]): Message => ({
  type: "transactions",
  transactions,
});
const block: Message = { type: "get-blocks", hashes: ["cd".repeat(32) as BlockHash] };

function send(peer: number, message: Message, url = `http://127.0.0.1:${peer}`): OutwardEffect {
  return { type: "send", url, publicKey: numberedKeyPair(peer).publicKey, message };
}

/** What each peer gets, in order: ids of transactions, or the type of something else. */
function sent(effects: readonly OutwardEffect[], peer: number): unknown[] {
  return effects.flatMap((effect): unknown[] =>
    effect.type !== "send" || effect.publicKey !== numberedKeyPair(peer).publicKey
      ? []
      : effect.message.type === "transactions"
      ? [effect.message.transactions.map(({ txid }) => txid)]
      : [effect.message.type]
  );
}

Deno.test("joinTransactions() joins what goes to a peer, before what came in between", () => {
  const [first, second, third] = [passOn(one), passOn(two), passOn(three)];
  const effects = [
    ...[1, 2].map((peer) => send(peer, first)),
    send(1, block),
    ...[1, 2].map((peer) => send(peer, second)),
    send(2, third),
  ];
  const joined = joinTransactions(effects);
  assert.deepEqual(sent(joined, 1), [[one.txid, two.txid], "get-blocks"]);
  assert.deepEqual(sent(joined, 2), [[one.txid, two.txid, three.txid]]);
});

Deno.test("joinTransactions() gives peers that get the same one message object, which is encoded once", () => {
  const parts = [passOn(one), passOn(two)];
  const joined = joinTransactions(
    parts.flatMap((part) => [1, 2, 3].map((peer) => send(peer, part))),
  );
  assert.equal(joined.length, 3);
  const messages = joined.map((effect) => effect.type === "send" ? effect.message : undefined);
  assert.equal(new Set(messages).size, 1);
});

Deno.test("joinTransactions() keeps effects as they are where nothing can be joined", () => {
  const effects = [send(1, passOn(one)), send(2, passOn(two)), send(1, block)];
  assert.equal(joinTransactions(effects), effects);
  const moved = [send(1, passOn(one)), send(1, passOn(two), "http://127.0.0.1:9")];
  assert.equal(joinTransactions(moved), moved);
});

Deno.test("joinTransactions() makes no message that is too large to send", () => {
  const inputs = Array.from(
    { length: TRANSACTION_INPUTS_MAX },
    (_, index) => outpointOf("ab".repeat(32) as Txid, index),
  );
  const large = tamperTransaction(valid, { inputs });
  const effects = Array.from({ length: 1000 }, () => send(1, passOn(large)));
  const joined = joinTransactions(effects);
  assert(joined.length > 1 && joined.length < 10);
  let count = 0;
  for (const effect of joined) {
    assert(effect.type === "send" && effect.message.type === "transactions");
    assert(encodeMessage(effect.message).length <= MESSAGE_SIZE_BYTES_MAX);
    count += effect.message.transactions.length;
  }
  assert.equal(count, 1000);
});
