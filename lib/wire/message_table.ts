/**
 * The one table of messages between nodes: tag, bytes in both directions, fields in words, and when it is
 * sent.
 *
 * A message is one byte that names its type (the tag) and then its fields. Integers are big endian, keys
 * and hashes are raw bytes, lists carry their count in front, texts are UTF-8 with a 32-bit length in
 * front. The table of `docs/protocol.md` is made from this one. What each message means stands in
 * `message.ts`.
 *
 * Called by `codec.ts`, the door.
 *
 * @module
 */
import type { ByteReader, ByteWriter } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type Signature, SIGNATURE_SIZE_BYTES } from "../crypto/signature.ts";
import { NODES_MAX } from "../parameter_table.ts";
import { encodeParams, readParams } from "../params.ts";
import { type Block, readBlock, writeBlock } from "../primitives/block.ts";
import {
  type BlockHash,
  hashHeader,
  type Height,
  readHeader,
  writeHeader,
} from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Work } from "../primitives/target.ts";
import {
  fail,
  hexOf,
  isInOrderOf,
  readExpectations,
  readFlag,
  readHashes,
  readIndexes,
  readInteger,
  readList,
  readRecord,
  readRecords,
  readTransactions,
  writeExpectations,
  writeFlag,
  writeHashes,
  writeList,
  writeRecord,
  writeTransactions,
} from "./fields.ts";
import {
  BLOCKS_MAX,
  HEADERS_MAX,
  LOCATOR_MAX,
  type Message,
  type MessageType,
  type RefusalCode,
  TRANSACTIONS_MAX,
} from "./message.ts";

/** The most bytes of a refusal's text. */
export const REFUSAL_TEXT_SIZE_BYTES_MAX = 1024;

/** The order is the encoding: new codes go to the end. */
export const REFUSAL_CODES: readonly RefusalCode[] = [
  "ring-full",
  "params-contradicted",
  "protocol-version-unsupported",
  "not-bootstrap",
  "too-many-observers",
  "address-missing",
];

const WORK_SIZE_BYTES = 32;

type MessageOf<Type extends MessageType> = Extract<Message, { readonly type: Type }>;

/** One message. */
export interface MessageEntry<Type extends MessageType> {
  /** The byte that it begins with. */
  readonly tag: number;
  /** Its fields with their sizes and bounds, for the documents. */
  readonly fields: string;
  /** When it is sent, for the documents. */
  readonly sent: string;
  readonly write: (writer: ByteWriter, message: MessageOf<Type>) => void;
  /** `undefined`, or a reader that failed, for bytes that the writer would not have written. */
  readonly read: (reader: ByteReader) => Omit<MessageOf<Type>, "type"> | undefined;
}

export const MESSAGES: { readonly [Type in MessageType]: MessageEntry<Type> } = {
  "join": {
    tag: 1,
    fields: "version 4, record, observer 1, expectations",
    sent: "to the bootstrap URL; an observer's to each member",
    write(writer, message) {
      writer.u32(message.protocolVersion);
      writeRecord(writer, message.record);
      writeFlag(writer, message.observer);
      writeExpectations(writer, message.expectations);
    },
    read: (reader) => ({
      protocolVersion: reader.u32(),
      record: readRecord(reader),
      observer: readFlag(reader),
      expectations: readExpectations(reader),
    }),
  },
  "welcome": {
    tag: 2,
    fields: "parameters 82 or 90, id + 1 (0: none) 4, joined count 4, records",
    sent: "answer to `join`",
    write(writer, message) {
      writer.bytes(encodeParams(message.params));
      writer.u32(message.id === undefined ? 0 : message.id + 1).u32(message.joinedCount);
      writeList(writer, message.records, (record) => writeRecord(writer, record));
    },
    read(reader) {
      const params = readParams(reader);
      const idPlusOne = reader.u32();
      const joinedCount = reader.u32();
      const records = readRecords(reader);
      if (params === undefined) return fail(reader);
      return { params, id: idPlusOne === 0 ? undefined : idPlusOne - 1, joinedCount, records };
    },
  },
  "refusal": {
    tag: 3,
    fields: "code 1, text ≤ 1,024",
    sent: "answer to `join`",
    write: (writer, message) =>
      void writer.u8(REFUSAL_CODES.indexOf(message.code)).text(message.text),
    read(reader) {
      const code = REFUSAL_CODES[reader.u8()];
      const text = reader.text(REFUSAL_TEXT_SIZE_BYTES_MAX);
      return code === undefined ? fail(reader) : { code, text };
    },
  },
  "ring": {
    tag: 4,
    fields: "keys, signature 64, records",
    sent: "when complete; to whoever lacks it",
    write(writer, message) {
      writeList(writer, message.ring.publicKeys, (key) => writer.hex(key));
      writer.hex(message.ring.signature);
      writeList(writer, message.records, (record) => writeRecord(writer, record));
    },
    read(reader) {
      const publicKeys = readHashes<PublicKey>(reader, NODES_MAX);
      const signature = reader.hex(SIGNATURE_SIZE_BYTES) as Signature;
      return { ring: { publicKeys, signature }, records: readRecords(reader) };
    },
  },
  "records": {
    tag: 5,
    fields: "records",
    sent: "after each start, and what was news",
    write: (writer, message) =>
      writeList(writer, message.records, (record) => writeRecord(writer, record)),
    read: (reader) => ({ records: readRecords(reader) }),
  },
  "status": {
    tag: 6,
    fields: "version 4, genesis 32, has ring 1, tip 32, height 4, work 32, pool size 4, " +
      "pool digest 8, clock 8",
    sent: "at contact, every 2 s",
    write(writer, message) {
      writer.u32(message.protocolVersion).hex(message.genesisHash);
      writeFlag(writer, message.hasRing);
      writer.hex(message.tipHash).u32(message.tipHeight)
        .hex(hexOf(message.tipWork, WORK_SIZE_BYTES))
        .u32(message.poolSize).hex(hexOf(message.poolDigest, 8))
        .u64(message.clockMs);
    },
    read: (reader) => ({
      protocolVersion: reader.u32(),
      genesisHash: reader.hex(32) as BlockHash,
      hasRing: readFlag(reader),
      tipHash: reader.hex(32) as BlockHash,
      tipHeight: reader.u32() as Height,
      tipWork: readInteger(reader, WORK_SIZE_BYTES) as Work,
      poolSize: reader.u32(),
      poolDigest: readInteger(reader, 8),
      clockMs: reader.u64(),
    }),
  },
  "transactions": {
    tag: 7,
    fields: "transactions",
    sent: "once to each peer, when accepted",
    write: (writer, message) => writeTransactions(writer, message.transactions),
    read: (reader) => ({ transactions: readTransactions(reader) }),
  },
  "compact-block": {
    tag: 8,
    fields:
      "header 116, txids, transactions: those of them younger than 100 ms at the sender, ≤ 64",
    sent: "once to each peer, when the tip changes",
    write(writer, message) {
      writeHeader(writer, message.header);
      writeHashes(writer, message.txids);
      writeTransactions(writer, message.prefilled);
    },
    read(reader) {
      const header = readHeader(reader);
      const txids = readHashes<Txid>(reader, TRANSACTIONS_MAX);
      const prefilled = readTransactions(reader);
      if (reader.failed || !isInOrderOf(txids, prefilled)) return fail(reader);
      return { hash: hashHeader(header), header, txids, prefilled };
    },
  },
  "get-block-transactions": {
    tag: 9,
    fields: "block 32, indexes (2 each, ascending)",
    sent: "what the pool lacks",
    write(writer, message) {
      writer.hex(message.hash);
      writeList(writer, message.indexes, (index) => writer.u16(index));
    },
    read: (reader) => ({ hash: reader.hex(32) as BlockHash, indexes: readIndexes(reader) }),
  },
  "block-transactions": {
    tag: 10,
    fields: "block 32, transactions",
    sent: "answer",
    write(writer, message) {
      writer.hex(message.hash);
      writeTransactions(writer, message.transactions);
    },
    read: (reader) => ({
      hash: reader.hex(32) as BlockHash,
      transactions: readTransactions(reader),
    }),
  },
  "get-headers": {
    tag: 11,
    fields: "locator: hashes ≤ 64",
    sent: "somebody has more work",
    write: (writer, message) => writeHashes(writer, message.locator),
    read: (reader) => ({ locator: readHashes<BlockHash>(reader, LOCATOR_MAX) }),
  },
  "headers": {
    tag: 12,
    fields: "headers ≤ 2,000",
    sent: "answer: above the first known hash of the locator",
    write: (writer, message) =>
      writeList(writer, message.headers, (header) => writeHeader(writer, header)),
    read: (reader) => ({ headers: readList(reader, HEADERS_MAX, () => readHeader(reader)) }),
  },
  "get-blocks": {
    tag: 13,
    fields: "hashes ≤ 64",
    sent: "blocks of checked headers",
    write: (writer, message) => writeHashes(writer, message.hashes),
    read: (reader) => ({ hashes: readHashes<BlockHash>(reader, BLOCKS_MAX) }),
  },
  "blocks": {
    tag: 14,
    fields: "blocks, about 2 MiB",
    sent: "answer; what did not fit is asked for again",
    write: (writer, message) =>
      writeList(writer, message.blocks, (block) => writeBlock(writer, block)),
    read(reader) {
      const blocks = readList(reader, BLOCKS_MAX, () => readBlock(reader));
      return reader.failed ? undefined : { blocks: blocks as Block[] };
    },
  },
  "not-found": {
    tag: 15,
    fields: "hashes ≤ 64",
    sent: "answer",
    write: (writer, message) => writeHashes(writer, message.hashes),
    read: (reader) => ({ hashes: readHashes<BlockHash>(reader, BLOCKS_MAX) }),
  },
  "get-pool": {
    tag: 16,
    fields: "",
    sent: "two statuses in a row with our tip and another pool; eight while that pool changes",
    write: () => {},
    read: () => ({}),
  },
  "pool": {
    tag: 17,
    fields: "txids ≤ 10,000",
    sent: "answer",
    write: (writer, message) => writeHashes(writer, message.txids),
    read: (reader) => ({ txids: readHashes<Txid>(reader, TRANSACTIONS_MAX) }),
  },
  "get-transactions": {
    tag: 18,
    fields: "txids ≤ 10,000",
    sent: "what is missing",
    write: (writer, message) => writeHashes(writer, message.txids),
    read: (reader) => ({ txids: readHashes<Txid>(reader, TRANSACTIONS_MAX) }),
  },
};
