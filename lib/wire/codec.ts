/**
 * Messages between nodes as bytes: one canonical encoding, one door in each direction.
 *
 * A message is one byte that names its type and then its fields. Integers are big endian, keys and
 * hashes are raw bytes, lists carry their count in front, texts are UTF-8 with a 32-bit length in front.
 * Every count is checked against its bound before anything is read. {@link decodeMessage} takes nothing
 * but what {@link encodeMessage} would have written, so each message has exactly one encoding.
 *
 * | type | tag | fields |
 * |---|---|---|
 * | `join` | 1 | version 4, record, observer 1, expectations, join token (text, at most 256) |
 * | `welcome` | 2 | parameters 82, id + 1 (0: none) 4, joined count 4, records |
 * | `refusal` | 3 | code 1, text (at most 1,024) |
 * | `ring` | 4 | count 2, keys 32 each, signature 64, records |
 * | `records` | 5 | records |
 * | `status` | 6 | version 4, genesis 32, has ring 1, tip 32, height 4, work 32, pool size 4, pool digest 8 |
 * | `transactions` | 7 | transactions |
 * | `compact-block` | 8 | header 116, txids, then some of them as transactions, in the same order |
 * | `get-block-transactions` | 9 | block 32, count 2, indexes 2 each, ascending |
 * | `block-transactions` | 10 | block 32, transactions |
 * | `get-headers` | 11 | count 2, hashes 32 each |
 * | `headers` | 12 | count 2, headers 116 each |
 * | `get-blocks` | 13 | count 2, hashes 32 each |
 * | `blocks` | 14 | count 2, blocks |
 * | `not-found` | 15 | count 2, hashes 32 each |
 * | `get-pool` | 16 | nothing |
 * | `pool` | 17 | txids |
 * | `get-transactions` | 18 | txids |
 *
 * Parts: records = count 2, then each key 32, URL (text, at most 256), sequence 8, signature 64;
 * transactions = count 2, then each as `primitives/transaction.ts` says; txids = count 2, 32 each;
 * expectations = flags 1 (1 nodes, 2 capacity, 4 difficulty), then 4 bytes for each that is there, the
 * difficulty in thousandths.
 *
 * Called by the transport; the simulator sends messages through it, too, when asked to.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../bytes.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import { type Signature, SIGNATURE_SIZE_BYTES } from "../crypto/signature.ts";
import { NODES_MAX, PARAMS_SIZE_BYTES } from "../parameter_table.ts";
import { decodeParams, encodeParams } from "../params.ts";
import { type Block, readBlock, writeBlock } from "../primitives/block.ts";
import {
  type BlockHash,
  hashHeader,
  type Height,
  readHeader,
  writeHeader,
} from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { DIFFICULTY_STEPS_PER_UNIT, type Work } from "../primitives/target.ts";
import { readTransaction, type Transaction, writeTransaction } from "../primitives/transaction.ts";
import { invariant, unreachable } from "../result.ts";
import {
  BLOCKS_MAX,
  type Expectations,
  HEADERS_MAX,
  LOCATOR_MAX,
  type Message,
  MESSAGE_SIZE_BYTES_MAX,
  type MessageType,
  RECORDS_MAX,
  type RefusalCode,
  TRANSACTIONS_MAX,
} from "./message.ts";
import { type AddressRecord, type RingCertificate, URL_SIZE_BYTES_MAX } from "./ring.ts";

/** The most bytes of a join token. */
export const JOIN_TOKEN_SIZE_BYTES_MAX = 256;
/** The most bytes of a refusal's text. */
export const REFUSAL_TEXT_SIZE_BYTES_MAX = 1024;

/** The byte that each message begins with. */
const TAGS: Readonly<Record<MessageType, number>> = {
  "join": 1,
  "welcome": 2,
  "refusal": 3,
  "ring": 4,
  "records": 5,
  "status": 6,
  "transactions": 7,
  "compact-block": 8,
  "get-block-transactions": 9,
  "block-transactions": 10,
  "get-headers": 11,
  "headers": 12,
  "get-blocks": 13,
  "blocks": 14,
  "not-found": 15,
  "get-pool": 16,
  "pool": 17,
  "get-transactions": 18,
};

const TYPES = new Map(Object.entries(TAGS).map(([type, tag]) => [tag, type as MessageType]));

/** The order is the encoding: new codes go to the end. */
const REFUSAL_CODES: readonly RefusalCode[] = [
  "ring-full",
  "params-contradicted",
  "join-token-wrong",
  "protocol-version-unsupported",
  "not-bootstrap",
  "too-many-observers",
];

const WORK_SIZE_BYTES = 32;

/**
 * Encodes a message of our own; throws where it breaks a bound, which is our mistake.
 *
 * @example
 * ```ts
 * import { decodeMessage, encodeMessage } from "./codec.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = encodeMessage({ type: "get-pool" });
 * assert.deepEqual(bytes, new Uint8Array([16]));
 * assert.deepEqual(decodeMessage(bytes), { type: "get-pool" });
 * ```
 */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(1024).u8(TAGS[message.type]);
  writeFields(writer, message);
  const bytes = writer.finish();
  invariant(bytes.length <= MESSAGE_SIZE_BYTES_MAX, `Oversized message "${message.type}"`);
  return bytes;
}

/** Reads one message that fills the bytes; `undefined` when they are anything else. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length > MESSAGE_SIZE_BYTES_MAX) return undefined;
  const reader = new ByteReader(bytes);
  const type = TYPES.get(reader.u8());
  if (type === undefined) return undefined;
  const message = readFields(reader, type);
  return reader.finish() ? message : undefined;
}

function writeFields(writer: ByteWriter, message: Message): void {
  switch (message.type) {
    case "join":
      writer.u32(message.protocolVersion);
      writeRecord(writer, message.record);
      writeFlag(writer, message.observer);
      writeExpectations(writer, message.expectations);
      return void writer.text(message.joinToken);
    case "welcome":
      writer.bytes(encodeParams(message.params));
      writer.u32(message.id === undefined ? 0 : message.id + 1)
        .u32(message.joinedCount);
      return writeList(writer, message.records, (record) => writeRecord(writer, record));
    case "refusal":
      return void writer.u8(REFUSAL_CODES.indexOf(message.code)).text(message.text);
    case "ring":
      writeList(writer, message.ring.publicKeys, (key) => writer.hex(key));
      writer.hex(message.ring.signature);
      return writeList(writer, message.records, (record) => writeRecord(writer, record));
    case "records":
      return writeList(writer, message.records, (record) => writeRecord(writer, record));
    case "status":
      writer.u32(message.protocolVersion).hex(message.genesisHash);
      writeFlag(writer, message.hasRing);
      return void writer.hex(message.tipHash).u32(message.tipHeight)
        .hex(hexOf(message.tipWork, WORK_SIZE_BYTES))
        .u32(message.poolSize).hex(hexOf(message.poolDigest, 8));
    case "transactions":
      return writeTransactions(writer, message.transactions);
    case "compact-block":
      writeHeader(writer, message.header);
      writeHashes(writer, message.txids);
      return writeTransactions(writer, message.prefilled);
    case "get-block-transactions":
      writer.hex(message.hash);
      return writeList(writer, message.indexes, (index) => writer.u16(index));
    case "block-transactions":
      writer.hex(message.hash);
      return writeTransactions(writer, message.transactions);
    case "get-headers":
      return writeHashes(writer, message.locator);
    case "headers":
      return writeList(writer, message.headers, (header) => writeHeader(writer, header));
    case "get-blocks":
    case "not-found":
      return writeHashes(writer, message.hashes);
    case "blocks":
      return writeList(writer, message.blocks, (block) => writeBlock(writer, block));
    case "get-pool":
      return;
    case "pool":
    case "get-transactions":
      return writeHashes(writer, message.txids);
    default:
      unreachable(message);
  }
}

function readFields(reader: ByteReader, type: MessageType): Message | undefined {
  switch (type) {
    case "join":
      return {
        type,
        protocolVersion: reader.u32(),
        record: readRecord(reader),
        observer: readFlag(reader),
        expectations: readExpectations(reader),
        joinToken: reader.text(JOIN_TOKEN_SIZE_BYTES_MAX),
      };
    case "welcome": {
      const params = decodeParams(reader.bytes(PARAMS_SIZE_BYTES));
      const idPlusOne = reader.u32();
      const joinedCount = reader.u32();
      const records = readRecords(reader);
      if (params === undefined) return fail(reader);
      const id = idPlusOne === 0 ? undefined : idPlusOne - 1;
      return { type, params, id, joinedCount, records };
    }
    case "refusal": {
      const code = REFUSAL_CODES[reader.u8()];
      const text = reader.text(REFUSAL_TEXT_SIZE_BYTES_MAX);
      return code === undefined ? fail(reader) : { type, code, text };
    }
    case "ring": {
      const publicKeys = readHashes<PublicKey>(reader, NODES_MAX);
      const signature = reader.hex(SIGNATURE_SIZE_BYTES) as Signature;
      const ring: RingCertificate = { publicKeys, signature };
      return { type, ring, records: readRecords(reader) };
    }
    case "records":
      return { type, records: readRecords(reader) };
    case "status":
      return {
        type,
        protocolVersion: reader.u32(),
        genesisHash: reader.hex(32) as BlockHash,
        hasRing: readFlag(reader),
        tipHash: reader.hex(32) as BlockHash,
        tipHeight: reader.u32() as Height,
        tipWork: readInteger(reader, WORK_SIZE_BYTES) as Work,
        poolSize: reader.u32(),
        poolDigest: readInteger(reader, 8),
      };
    case "transactions":
      return { type, transactions: readTransactions(reader) };
    case "compact-block": {
      const header = readHeader(reader);
      const txids = readHashes<Txid>(reader, TRANSACTIONS_MAX);
      const prefilled = readTransactions(reader);
      if (reader.failed || !isInOrderOf(txids, prefilled)) return fail(reader);
      return { type, hash: hashHeader(header), header, txids, prefilled };
    }
    case "get-block-transactions":
      return { type, hash: reader.hex(32) as BlockHash, indexes: readIndexes(reader) };
    case "block-transactions":
      return {
        type,
        hash: reader.hex(32) as BlockHash,
        transactions: readTransactions(reader),
      };
    case "get-headers":
      return { type, locator: readHashes<BlockHash>(reader, LOCATOR_MAX) };
    case "headers":
      return { type, headers: readList(reader, HEADERS_MAX, () => readHeader(reader)) };
    case "get-blocks":
    case "not-found":
      return { type, hashes: readHashes<BlockHash>(reader, BLOCKS_MAX) };
    case "blocks": {
      const blocks = readList(reader, BLOCKS_MAX, () => readBlock(reader));
      return reader.failed ? undefined : { type, blocks: blocks as Block[] };
    }
    case "get-pool":
      return { type };
    case "pool":
    case "get-transactions":
      return { type, txids: readHashes<Txid>(reader, TRANSACTIONS_MAX) };
    default:
      unreachable(type);
  }
}

function writeRecord(writer: ByteWriter, record: AddressRecord): void {
  writer.hex(record.publicKey).text(record.url).u64(record.sequence).hex(record.signature);
}

function readRecord(reader: ByteReader): AddressRecord {
  return {
    publicKey: reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey,
    url: reader.text(URL_SIZE_BYTES_MAX),
    sequence: reader.u64(),
    signature: reader.hex(SIGNATURE_SIZE_BYTES) as Signature,
  };
}

function readRecords(reader: ByteReader): AddressRecord[] {
  return readList(reader, RECORDS_MAX, () => readRecord(reader));
}

function writeExpectations(writer: ByteWriter, expectations: Expectations): void {
  const { nodes, capacity, difficulty } = expectations;
  writer.u8(
    (nodes === undefined ? 0 : 1) + (capacity === undefined ? 0 : 2) +
      (difficulty === undefined ? 0 : 4),
  );
  if (nodes !== undefined) writer.u32(nodes);
  if (capacity !== undefined) writer.u32(capacity);
  if (difficulty !== undefined) writer.u32(Math.round(difficulty * DIFFICULTY_STEPS_PER_UNIT));
}

function readExpectations(reader: ByteReader): Expectations {
  const flags = reader.u8();
  if (flags > 7) reader.fail();
  return {
    ...((flags & 1) !== 0 && { nodes: reader.u32() }),
    ...((flags & 2) !== 0 && { capacity: reader.u32() }),
    ...((flags & 4) !== 0 && { difficulty: reader.u32() / DIFFICULTY_STEPS_PER_UNIT }),
  };
}

function writeTransactions(writer: ByteWriter, transactions: readonly Transaction[]): void {
  writeList(writer, transactions, (transaction) => writeTransaction(writer, transaction));
}

function readTransactions(reader: ByteReader): Transaction[] {
  return readList(reader, TRANSACTIONS_MAX, () => readTransaction(reader)) as Transaction[];
}

function readIndexes(reader: ByteReader): number[] {
  let lowest = 0;
  return readList(reader, TRANSACTIONS_MAX, () => {
    const index = reader.u16();
    if (index < lowest) reader.fail();
    lowest = index + 1;
    return index;
  });
}

function writeHashes(writer: ByteWriter, hashes: readonly string[]): void {
  writeList(writer, hashes, (hash) => writer.hex(hash));
}

function readHashes<Hash extends string>(reader: ByteReader, countMax: number): Hash[] {
  return readList(reader, countMax, () => reader.hex(32) as Hash);
}

function writeList<Item>(
  writer: ByteWriter,
  items: readonly Item[],
  write: (item: Item) => void,
): void {
  writer.u16(items.length);
  for (const item of items) write(item);
}

/** Reads a counted list; what it gives is whole only where the reader did not fail. */
function readList<Item>(reader: ByteReader, countMax: number, read: () => Item): Item[] {
  const count = reader.u16();
  if (count > countMax) reader.fail();
  const items: Item[] = [];
  for (let index = 0; index < count && !reader.failed; index++) items.push(read());
  return items;
}

/** Each transaction is one of those named, and they come in the order of the names. */
function isInOrderOf(txids: readonly Txid[], transactions: readonly Transaction[]): boolean {
  let from = 0;
  for (const { txid } of transactions) {
    const at = txids.indexOf(txid, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

function writeFlag(writer: ByteWriter, flag: boolean): void {
  writer.u8(flag ? 1 : 0);
}

function readFlag(reader: ByteReader): boolean {
  const value = reader.u8();
  if (value > 1) reader.fail();
  return value === 1;
}

function hexOf(value: bigint, sizeBytes: number): string {
  invariant(value >= 0n && value < 1n << BigInt(8 * sizeBytes), "Integer out of range");
  return value.toString(16).padStart(2 * sizeBytes, "0");
}

function readInteger(reader: ByteReader, sizeBytes: number): bigint {
  const hex = reader.hex(sizeBytes);
  return hex === "" ? 0n : BigInt(`0x${hex}`);
}

function fail(reader: ByteReader): undefined {
  reader.fail();
  return undefined;
}
