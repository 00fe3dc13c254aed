/**
 * The parts that messages are made of, each with its writer and its reader.
 *
 * A reader that meets anything else than what its writer writes fails; what it gives after that is not
 * used. Every count is checked against its bound before anything is read.
 *
 * Called by the table of messages.
 *
 * @module
 */
import type { ByteReader, ByteWriter } from "../bytes.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import { type Signature, SIGNATURE_SIZE_BYTES } from "../crypto/signature.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { DIFFICULTY_STEPS_PER_UNIT } from "../primitives/target.ts";
import { readTransaction, type Transaction, writeTransaction } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import { type Expectations, RECORDS_MAX, TRANSACTIONS_MAX } from "./message.ts";
import { type AddressRecord, URL_SIZE_BYTES_MAX } from "./ring.ts";

export function writeRecord(writer: ByteWriter, record: AddressRecord): void {
  writer.hex(record.publicKey).text(record.url).u64(record.sequence).hex(record.signature);
}

export function readRecord(reader: ByteReader): AddressRecord {
  return {
    publicKey: reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey,
    url: reader.text(URL_SIZE_BYTES_MAX),
    sequence: reader.u64(),
    signature: reader.hex(SIGNATURE_SIZE_BYTES) as Signature,
  };
}

export function readRecords(reader: ByteReader): AddressRecord[] {
  return readList(reader, RECORDS_MAX, () => readRecord(reader));
}

export function writeExpectations(writer: ByteWriter, expectations: Expectations): void {
  const { nodes, capacity, difficulty } = expectations;
  writer.u8(
    (nodes === undefined ? 0 : 1) + (capacity === undefined ? 0 : 2) +
      (difficulty === undefined ? 0 : 4),
  );
  if (nodes !== undefined) writer.u32(nodes);
  if (capacity !== undefined) writer.u32(capacity);
  if (difficulty !== undefined) writer.u32(Math.round(difficulty * DIFFICULTY_STEPS_PER_UNIT));
}

export function readExpectations(reader: ByteReader): Expectations {
  const flags = reader.u8();
  if (flags > 7) reader.fail();
  return {
    ...((flags & 1) !== 0 && { nodes: reader.u32() }),
    ...((flags & 2) !== 0 && { capacity: reader.u32() }),
    ...((flags & 4) !== 0 && { difficulty: reader.u32() / DIFFICULTY_STEPS_PER_UNIT }),
  };
}

export function writeTransactions(writer: ByteWriter, transactions: readonly Transaction[]): void {
  writeList(writer, transactions, (transaction) => writeTransaction(writer, transaction));
}

export function readTransactions(reader: ByteReader): Transaction[] {
  return readList(reader, TRANSACTIONS_MAX, () => readTransaction(reader)) as Transaction[];
}

export function readIndexes(reader: ByteReader): number[] {
  let lowest = 0;
  return readList(reader, TRANSACTIONS_MAX, () => {
    const index = reader.u16();
    if (index < lowest) reader.fail();
    lowest = index + 1;
    return index;
  });
}

export function writeHashes(writer: ByteWriter, hashes: readonly string[]): void {
  writeList(writer, hashes, (hash) => writer.hex(hash));
}

export function readHashes<Hash extends string>(reader: ByteReader, countMax: number): Hash[] {
  return readList(reader, countMax, () => reader.hex(32) as Hash);
}

export function writeList<Item>(
  writer: ByteWriter,
  items: readonly Item[],
  write: (item: Item) => void,
): void {
  writer.u16(items.length);
  for (const item of items) write(item);
}

/** Reads a counted list; what it gives is whole only where the reader did not fail. */
export function readList<Item>(reader: ByteReader, countMax: number, read: () => Item): Item[] {
  const count = reader.u16();
  if (count > countMax) reader.fail();
  const items: Item[] = [];
  for (let index = 0; index < count && !reader.failed; index++) items.push(read());
  return items;
}

/** Each transaction is one of those named, and they come in the order of the names. */
export function isInOrderOf(txids: readonly Txid[], transactions: readonly Transaction[]): boolean {
  let from = 0;
  for (const { txid } of transactions) {
    const at = txids.indexOf(txid, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

export function writeFlag(writer: ByteWriter, flag: boolean): void {
  writer.u8(flag ? 1 : 0);
}

export function readFlag(reader: ByteReader): boolean {
  const value = reader.u8();
  if (value > 1) reader.fail();
  return value === 1;
}

export function hexOf(value: bigint, sizeBytes: number): string {
  invariant(value >= 0n && value < 1n << BigInt(8 * sizeBytes), "Integer out of range");
  return value.toString(16).padStart(2 * sizeBytes, "0");
}

export function readInteger(reader: ByteReader, sizeBytes: number): bigint {
  const hex = reader.hex(sizeBytes);
  return hex === "" ? 0n : BigInt(`0x${hex}`);
}

/** Marks the bytes as none of a message. */
export function fail(reader: ByteReader): undefined {
  reader.fail();
  return undefined;
}
