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
import { FLAG_ROWS, stepsOf } from "../parameter_table.ts";
import type { Txid } from "../primitives/outpoint.ts";
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

/**
 * The three flags that stand in the first byte; it says with {@link OTHERS_FLAG} that the others follow, a
 * mask of two bytes before them.
 */
const FIRST_FLAGS = FLAG_ROWS.slice(0, 3);
const OTHER_FLAGS = FLAG_ROWS.slice(3);
const OTHERS_FLAG = 8;

export function writeExpectations(writer: ByteWriter, expectations: Expectations): void {
  const others = maskOf(OTHER_FLAGS, expectations);
  writer.u8(maskOf(FIRST_FLAGS, expectations) + (others === 0 ? 0 : OTHERS_FLAG));
  writeStated(writer, FIRST_FLAGS, expectations);
  if (others === 0) return;
  writer.u16(others);
  writeStated(writer, OTHER_FLAGS, expectations);
}

export function readExpectations(reader: ByteReader): Expectations {
  const flags = reader.u8();
  if (flags >= 2 * OTHERS_FLAG) reader.fail();
  const first = readStated(reader, FIRST_FLAGS, flags);
  if ((flags & OTHERS_FLAG) === 0) return first;
  const others = reader.u16();
  if (others === 0 || others >= 1 << OTHER_FLAGS.length) reader.fail();
  return { ...first, ...readStated(reader, OTHER_FLAGS, others) };
}

function maskOf(rows: typeof FLAG_ROWS, expectations: Expectations): number {
  return rows.reduce(
    (mask, [name], index) => mask | (expectations[name] === undefined ? 0 : 1 << index),
    0,
  );
}

/** Numbers as parameters have them; a switch and a word's place in one byte. */
function writeStated(
  writer: ByteWriter,
  rows: typeof FLAG_ROWS,
  expectations: Expectations,
): void {
  for (const [name, row] of rows) {
    const value = expectations[name];
    if (value === undefined) continue;
    if (row.kind === "word") writer.u8(row.words.findIndex((word) => word === value));
    else if ("bits" in row) {
      const steps = Math.round(Number(value) * stepsOf(row));
      if (row.bits === 32) writer.u32(steps);
      else writer.u64(steps);
    } else writeFlag(writer, value === true);
  }
}

function readStated(reader: ByteReader, rows: typeof FLAG_ROWS, mask: number): Expectations {
  const stated = rows.filter((_, index) => (mask & 1 << index) !== 0).map(([name, row]) => {
    if (row.kind === "word") {
      const word = row.words[reader.u8()];
      if (word === undefined) reader.fail();
      return [name, word];
    }
    if (!("bits" in row)) return [name, readFlag(reader)];
    return [name, (row.bits === 32 ? reader.u32() : reader.u64()) / stepsOf(row)];
  });
  return Object.fromEntries(stated);
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
