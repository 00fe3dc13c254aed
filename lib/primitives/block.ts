/**
 * Blocks: a header and the transactions that its Merkle root stands for.
 *
 * Encoding: header (116 bytes) ‖ number of transactions (u16) ‖ transactions.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../bytes.ts";
import {
  type BlockHash,
  hashHeader,
  type Header,
  HEADER_SIZE_BYTES,
  readHeader,
  writeHeader,
} from "./header.ts";
import { merkleRoot } from "./merkle.ts";
import {
  readTransaction,
  sizeOfTransactionBytes,
  type Transaction,
  writeTransaction,
} from "./transaction.ts";

/** The most bytes a block may have. */
export const BLOCK_SIZE_BYTES_MAX = 5 * 1024 * 1024;
/** The most transactions a block may have, whatever a network's capacity is. */
export const BLOCK_TRANSACTIONS_MAX = 20_000;

/** A block with the hash that its header gives it. Made by {@link assembleBlock} only. */
export interface Block {
  readonly header: Header;
  readonly hash: BlockHash;
  readonly transactions: readonly Transaction[];
}

/**
 * Puts header and transactions together; whether they belong together is consensus.
 *
 * @param hash the header's hash, where it has been computed already
 */
export function assembleBlock(
  header: Header,
  transactions: readonly Transaction[],
  hash: BlockHash = hashHeader(header),
): Block {
  return { header, hash, transactions };
}

/** Roots of lists that never change any more. */
const knownRoots = new WeakMap<readonly Transaction[], string>();

/** The Merkle root that a block with these transactions has. */
export function merkleRootOfTransactions(transactions: readonly Transaction[]): string {
  return knownRoots.get(transactions) ??
    merkleRoot(transactions.map((transaction) => transaction.leafHash));
}

/**
 * Takes in the root of a list that was hashed as it grew, and of which nobody changes anything any more: a block
 * that was made of it is told to the others that much earlier.
 */
export function rememberMerkleRoot(transactions: readonly Transaction[], root: string): void {
  knownRoots.set(transactions, root);
}

/** The size of a block's encoding in bytes. */
export function sizeOfBlockBytes(transactions: readonly Transaction[]): number {
  let sizeBytes = HEADER_SIZE_BYTES + 2;
  for (const transaction of transactions) sizeBytes += sizeOfTransactionBytes(transaction);
  return sizeBytes;
}

export function encodeBlock(block: Block): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(sizeOfBlockBytes(block.transactions));
  writeBlock(writer, block);
  return writer.finish();
}

/**
 * Reads one block that fills the bytes; `undefined` when they are anything else.
 *
 * @example
 * ```ts
 * import { testParams } from "../testing/test_params.ts";
 * import { decodeBlock, encodeBlock } from "./block.ts";
 * import assert from "node:assert/strict";
 *
 * const { genesis } = testParams();
 * assert.equal(decodeBlock(encodeBlock(genesis))?.hash, genesis.hash);
 * ```
 */
export function decodeBlock(bytes: Uint8Array): Block | undefined {
  const reader = new ByteReader(bytes);
  const block = readBlock(reader);
  return reader.finish() ? block : undefined;
}

/** The hash of a block's encoding: that of its header, whatever comes behind. */
export function hashOfBlockBytes(bytes: Uint8Array): BlockHash | undefined {
  return bytes.length < HEADER_SIZE_BYTES
    ? undefined
    : hashHeader(readHeader(new ByteReader(bytes)));
}

/** What of a block's encoding says how many transactions it has: the header and their number. */
export const BLOCK_HEAD_SIZE_BYTES = HEADER_SIZE_BYTES + 2;

/** How much there is to a block. */
export interface BlockExtent {
  readonly transactionCount: number;
  /** Of its encoding. */
  readonly sizeBytes: number;
}

export function extentOf({ transactions }: Block): BlockExtent {
  return { transactionCount: transactions.length, sizeBytes: sizeOfBlockBytes(transactions) };
}

/** How many transactions a block's encoding, or its head, says that it has. */
export function transactionCountOfBlockBytes(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(HEADER_SIZE_BYTES);
}

export function writeBlock(writer: ByteWriter, block: Block): void {
  writeHeader(writer, block.header);
  writer.u16(block.transactions.length);
  for (const transaction of block.transactions) writeTransaction(writer, transaction);
}

export function readBlock(reader: ByteReader): Block | undefined {
  const header = readHeader(reader);
  const count = reader.u16();
  if (count > BLOCK_TRANSACTIONS_MAX) reader.fail();

  const transactions: Transaction[] = [];
  for (let index = 0; index < count && !reader.failed; index++) {
    const transaction = readTransaction(reader);
    if (transaction !== undefined) transactions.push(transaction);
  }
  return reader.failed ? undefined : assembleBlock(header, transactions);
}
