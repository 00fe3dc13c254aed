/**
 * How many bytes a message is on the wire, without encoding it: what bandwidth is charged for.
 *
 * @module
 */
import { sizeOfBlockBytes } from "../primitives/block.ts";
import { HEADER_SIZE_BYTES } from "../primitives/header.ts";
import { sizeOfTransactionBytes, type Transaction } from "../primitives/transaction.ts";
import { encodeMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import type { AddressRecord } from "../wire/ring.ts";

const HASH_SIZE_BYTES = 32;
/** Key, sequence, signature and the length of the URL. */
const RECORD_SIZE_BYTES = 32 + 8 + 64 + 4;
/** Request line, headers and framing that a message of its own costs. */
export const ENVELOPE_SIZE_BYTES = 40;

/** @param blockSizeBytes what each block weighs beside what it carries, where blocks are sizes */
export function sizeOfMessageBytes(message: Message, blockSizeBytes = 0): number {
  return ENVELOPE_SIZE_BYTES + bodySizeBytes(message) +
    (blockSizeBytes === 0 ? 0 : blockSizeBytes * blockCountOf(message));
}

function blockCountOf(message: Message): number {
  if (message.type === "compact-block") return 1;
  return message.type === "blocks" ? message.blocks.length : 0;
}

function bodySizeBytes(message: Message): number {
  switch (message.type) {
    case "status":
      return 128;
    case "transactions":
      return sizeOfTransactionsBytes(message.transactions);
    case "compact-block":
      return HEADER_SIZE_BYTES + HASH_SIZE_BYTES * message.txids.length +
        sizeOfTransactionsBytes(message.prefilled);
    case "block-transactions":
      return HASH_SIZE_BYTES + sizeOfTransactionsBytes(message.transactions);
    case "get-block-transactions":
      return HASH_SIZE_BYTES + 2 * message.indexes.length;
    case "headers":
      return HEADER_SIZE_BYTES * message.headers.length;
    case "blocks":
      return message.blocks.reduce((sum, block) => sum + sizeOfBlockBytes(block.transactions), 0);
    case "get-headers":
      return HASH_SIZE_BYTES * message.locator.length;
    case "get-blocks":
    case "not-found":
      return HASH_SIZE_BYTES * message.hashes.length;
    case "pool":
    case "get-transactions":
      return HASH_SIZE_BYTES * message.txids.length;
    case "ring":
      return HASH_SIZE_BYTES * message.ring.publicKeys.length + sizeOfRecordsBytes(message.records);
    case "records":
      return sizeOfRecordsBytes(message.records);
    case "join":
      return sizeOfRecordsBytes([message.record]) + 20;
    case "welcome":
      return 100;
    case "refusal":
      return message.text.length;
    case "get-pool":
      return 0;
    default:
      return encodeMessage(message).length;
  }
}

function sizeOfTransactionsBytes(transactions: readonly Transaction[]): number {
  let sizeBytes = 0;
  for (const transaction of transactions) sizeBytes += sizeOfTransactionBytes(transaction);
  return sizeBytes;
}

function sizeOfRecordsBytes(records: readonly AddressRecord[]): number {
  return records.reduce((sum, record) => sum + RECORD_SIZE_BYTES + record.url.length, 0);
}
