/**
 * What a message is about, in a few words: for traces that people and programs read.
 *
 * @module
 */
import { sha256Hex } from "../crypto/hash.ts";
import { encodeMessage } from "./codec.ts";
import type { Message } from "./message.ts";

/** The content in a few words; empty when the type says it all. */
export function messageDetail(message: Message): string {
  switch (message.type) {
    case "status":
      return `${message.tipHeight} ${short(message.tipHash)} pool ${message.poolSize}`;
    case "transactions":
    case "block-transactions":
      return message.transactions.map(({ txid }) => short(txid)).join(",");
    case "compact-block":
      return `${message.header.height} ${short(message.hash)} ${message.txids.length} tx`;
    case "get-block-transactions":
      return `${short(message.hash)} ${message.indexes.join(",")}`;
    case "headers":
      return `${message.headers.length} from ${message.headers[0]?.height ?? 0}`;
    case "blocks":
      return message.blocks.map(({ hash }) => short(hash)).join(",");
    case "get-headers":
      return message.locator.map(short).join(",");
    case "get-blocks":
    case "not-found":
      return message.hashes.map(short).join(",");
    case "pool":
    case "get-transactions":
      return message.txids.map(short).join(",");
    case "ring":
      return `${message.ring.publicKeys.length} nodes, ${message.records.length} records`;
    case "records":
      return `${message.records.length}`;
    case "refusal":
      return message.code;
    case "welcome":
      return `${message.id} of ${message.params.nodes}`;
    case "join":
      return short(message.record.publicKey);
    case "get-pool":
      return "";
    default:
      // A message without words of its own shows by the hash of its bytes: equal lines, equal messages.
      return short(sha256Hex(encodeMessage(message)));
  }
}

/** The first characters of a hash: enough for people. */
function short(text: string): string {
  return text.slice(0, 8);
}
