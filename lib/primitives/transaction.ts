/**
 * Transactions: shape, encoding, id. Whether one is valid is consensus, not shape.
 *
 * Encoding (integers big endian):
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 1 | version, 1 |
 * | 1 | 32 | sender's public key |
 * | 33 | 2 | number of inputs k |
 * | 35 | 36 k | inputs: txid 32, index 4 |
 * | 35 + 36 k | 1 | number of outputs m |
 * | 36 + 36 k | 40 m | outputs: owner's public key 32, amount 8 |
 * | 36 + 36 k + 40 m | 64 | signature |
 *
 * `txid` = SHA-256 of everything before the signature. `leafHash` = SHA-256(0x00 ‖ all bytes): the
 * Merkle leaf covers the signature, too, so that no one can change a block and keep its hash.
 *
 * @module
 */
import { pieceOf } from "../byte_slabs.ts";
import { ByteReader, ByteWriter, concatBytes, formatHex } from "../bytes.ts";
import { HASH_SIZE_BYTES, sha256Hex, sha256Into } from "../crypto/hash.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import { publicKeyOfBytes } from "../crypto/known_keys.ts";
import { type Signature, SIGNATURE_SIZE_BYTES } from "../crypto/signature.ts";
import { type Amount, NO_AMOUNT } from "./amount.ts";
import {
  type Outpoint,
  OUTPOINT_SIZE_BYTES,
  outpointOf,
  readOutpoint,
  type Txid,
  writeOutpoint,
} from "./outpoint.ts";

/** The version that stands in the first byte. */
export const TRANSACTION_VERSION = 1;
/** The most inputs a transaction may have. */
export const TRANSACTION_INPUTS_MAX = 256;
/** The receiver's output and the sender's change. */
export const TRANSACTION_OUTPUTS_MAX = 2;
/** "Wallet 0", which only genesis may name as the sender. */
export const WALLET_ZERO: PublicKey = "00".repeat(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
/** What stands where a signature would be in the genesis transaction. */
export const NO_SIGNATURE: Signature = "00".repeat(SIGNATURE_SIZE_BYTES) as Signature;

/** Coins, and the key that may spend them. */
export interface Output {
  readonly owner: PublicKey;
  readonly amount: Amount;
}

/** A transaction without signature and ids. */
export interface UnsignedTransaction {
  readonly sender: PublicKey;
  readonly inputs: readonly Outpoint[];
  /** First the receiver's output, then the sender's change where there is any. */
  readonly outputs: readonly Output[];
}

/**
 * A transaction with the ids that its bytes give it. Made by {@link sealTransaction} only, and no object of
 * fields alone: `{ ...transaction }` is an unsigned one.
 */
export interface Transaction extends UnsignedTransaction {
  readonly signature: Signature;
  readonly txid: Txid;
  /** The names of its outputs, in their order: made once, they are keys of many maps. */
  readonly outpoints: readonly Outpoint[];
  readonly leafHash: Uint8Array;
  /** All of its bytes, never changed: what is passed on and kept was encoded once. */
  readonly encoded: Uint8Array;
}

const SIZE_WITHOUT_LISTS_BYTES = 36 + SIGNATURE_SIZE_BYTES;
const OUTPUT_SIZE_BYTES = 40;

/** The size of the smallest transaction, one input and one output, in bytes. */
export const TRANSACTION_SIZE_BYTES_MIN = SIZE_WITHOUT_LISTS_BYTES + OUTPOINT_SIZE_BYTES +
  OUTPUT_SIZE_BYTES;
/** The size of the largest transaction in bytes. */
export const TRANSACTION_SIZE_BYTES_MAX = SIZE_WITHOUT_LISTS_BYTES +
  TRANSACTION_INPUTS_MAX * OUTPOINT_SIZE_BYTES + TRANSACTION_OUTPUTS_MAX * OUTPUT_SIZE_BYTES;

/** What stands before a transaction's bytes where they are hashed as a Merkle leaf. */
const LEAF_TAG = 0;
const LEAF_TAG_SIZE_BYTES = 1;

/** Puts a signature to a transaction and computes its ids. */
export function sealTransaction(unsigned: UnsignedTransaction, signature: Signature): Transaction {
  return signAndSeal(unsigned, () => signature);
}

/** Has a transaction signed, by its id, and computes its ids; encodes it once. */
export function signAndSeal(
  unsigned: UnsignedTransaction,
  sign: (txid: Txid) => Signature,
): Transaction {
  const leaf = newLeaf(sizeOfTransactionBytes(unsigned));
  const writer = new ByteWriter(leaf).u8(LEAF_TAG);
  writeUnsigned(writer, unsigned);
  const txid = txidOfLeaf(leaf);
  writer.hex(sign(txid));
  return new SealedTransaction(unsigned, txid, leaf);
}

/** The id that a transaction has before it is signed: what the signature covers. */
export function txidOf(unsigned: UnsignedTransaction): Txid {
  return sha256Hex(encodeUnsignedTransaction(unsigned)) as Txid;
}

/** Who gets paid. */
export function receiverOf(transaction: UnsignedTransaction): PublicKey {
  return transaction.outputs[0]?.owner ?? WALLET_ZERO;
}

/** How much the receiver gets. */
export function paymentOf(transaction: UnsignedTransaction): Amount {
  return transaction.outputs[0]?.amount ?? NO_AMOUNT;
}

/** What the sender gets back. */
export function changeOf(transaction: UnsignedTransaction): Amount {
  return transaction.outputs[1]?.amount ?? NO_AMOUNT;
}

/** The size of a transaction's encoding in bytes. */
export function sizeOfTransactionBytes(transaction: UnsignedTransaction): number {
  return SIZE_WITHOUT_LISTS_BYTES + OUTPOINT_SIZE_BYTES * transaction.inputs.length +
    OUTPUT_SIZE_BYTES * transaction.outputs.length;
}

/** A copy of a transaction's bytes. */
export function encodeTransaction(transaction: Transaction): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(transaction.encoded);
}

/**
 * Reads one transaction that fills the bytes; `undefined` when they are anything else.
 *
 * @example
 * ```ts
 * import { testParams } from "../testing/test_params.ts";
 * import { decodeTransaction, encodeTransaction } from "./transaction.ts";
 * import assert from "node:assert/strict";
 *
 * const [coins] = testParams().genesis.transactions;
 * const bytes = encodeTransaction(coins!);
 * assert.deepEqual(decodeTransaction(bytes), coins);
 * assert.equal(decodeTransaction(bytes.subarray(1)), undefined);
 * ```
 */
export function decodeTransaction(bytes: Uint8Array): Transaction | undefined {
  const reader = new ByteReader(bytes);
  const transaction = readTransaction(reader);
  return reader.finish() ? transaction : undefined;
}

export function writeTransaction(writer: ByteWriter, transaction: Transaction): void {
  writer.bytes(transaction.encoded);
}

/**
 * Reads a transaction from the middle of a message.
 *
 * Fails the reader on another version, on more inputs or outputs than fit and on truncation. Zero
 * inputs and outputs are shape, not a failure: consensus names that mistake.
 */
export function readTransaction(reader: ByteReader): Transaction | undefined {
  const start = reader.offset;
  if (reader.u8() !== TRANSACTION_VERSION) reader.fail();
  const sender = readPublicKey(reader);

  const inputCount = reader.u16();
  if (inputCount > TRANSACTION_INPUTS_MAX) reader.fail();
  const inputs = readSome(reader, inputCount, readOutpoint);

  const outputCount = reader.u8();
  if (outputCount > TRANSACTION_OUTPUTS_MAX) reader.fail();
  const outputs = readSome(reader, outputCount, readOutput);

  reader.skip(SIGNATURE_SIZE_BYTES);
  if (reader.failed) return undefined;
  return sealEncoded({ sender, inputs, outputs }, reader.bytesSince(start));
}

/** A list that takes no more room than it needs: one that grows has 17 places. */
function readSome<T>(reader: ByteReader, count: number, read: (reader: ByteReader) => T): T[] {
  if (reader.failed) return [];
  const list = new Array<T>(count);
  for (let index = 0; index < count; index++) list[index] = read(reader);
  return list;
}

function readOutput(reader: ByteReader): Output {
  const owner = readPublicKey(reader);
  return { owner, amount: reader.u64() as Amount };
}

/** Gives no key where bytes are missing: the reader has failed then. */
function readPublicKey(reader: ByteReader): PublicKey {
  const bytes = reader.name();
  return bytes === undefined ? WALLET_ZERO : publicKeyOfBytes(bytes);
}

/** Computes the ids of bytes that are this transaction's encoding, the only one that it has. */
function sealEncoded(unsigned: UnsignedTransaction, encoded: Uint8Array): Transaction {
  const leaf = newLeaf(encoded.length);
  leaf.set(encoded, LEAF_TAG_SIZE_BYTES);
  return new SealedTransaction(unsigned, txidOfLeaf(leaf), leaf);
}

/** A Merkle leaf to be filled, with room for its hash behind it. */
function newLeaf(encodedSizeBytes: number): Uint8Array<ArrayBuffer> {
  const sizeBytes = LEAF_TAG_SIZE_BYTES + encodedSizeBytes;
  const leaf = pieceOf(sizeBytes, HASH_SIZE_BYTES);
  leaf[0] = LEAF_TAG;
  return leaf;
}

/** The id of a transaction whose unsigned bytes stand in their place. */
function txidOfLeaf(leaf: Uint8Array): Txid {
  const unsigned = leaf.subarray(LEAF_TAG_SIZE_BYTES, leaf.length - SIGNATURE_SIZE_BYTES);
  return sha256Hex(unsigned) as Txid;
}

/** Tens of thousands wait at a node: what the bytes tell is told when somebody asks. */
class SealedTransaction implements Transaction {
  readonly sender: PublicKey;
  readonly inputs: readonly Outpoint[];
  readonly outputs: readonly Output[];
  readonly txid: Txid;
  readonly outpoints: readonly Outpoint[];
  readonly encoded: Uint8Array<ArrayBuffer>;

  /** @param leaf of {@link newLeaf}; its hash is written behind it */
  constructor(
    { sender, inputs, outputs }: UnsignedTransaction,
    txid: Txid,
    leaf: Uint8Array<ArrayBuffer>,
  ) {
    this.sender = sender;
    this.inputs = inputs;
    this.outputs = outputs;
    this.txid = txid;
    this.outpoints = outputs.map((_, index) => outpointOf(txid, index));
    this.encoded = leaf.subarray(LEAF_TAG_SIZE_BYTES);
    sha256Into(leaf, this.leafHash);
  }

  get signature(): Signature {
    return formatHex(this.encoded.subarray(-SIGNATURE_SIZE_BYTES)) as Signature;
  }

  get leafHash(): Uint8Array {
    const { buffer, byteOffset, length } = this.encoded;
    return new Uint8Array(buffer, byteOffset + length, HASH_SIZE_BYTES);
  }
}

function encodeUnsignedTransaction(transaction: UnsignedTransaction): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(sizeOfTransactionBytes(transaction));
  writeUnsigned(writer, transaction);
  return writer.finish();
}

function writeUnsigned(writer: ByteWriter, transaction: UnsignedTransaction): void {
  writer.u8(TRANSACTION_VERSION).hex(transaction.sender).u16(transaction.inputs.length);
  for (const outpoint of transaction.inputs) writeOutpoint(writer, outpoint);

  writer.u8(transaction.outputs.length);
  for (const output of transaction.outputs) writer.hex(output.owner).u64(output.amount);
}

/** Bytes that every signature covers: no replay in another protocol or on another network (T09). */
const SIGNATURE_TAG = new TextEncoder().encode("noobcash/transaction/1");

/**
 * The message that a sender signs: tag (22 bytes) ‖ genesis hash (32) ‖ txid (32).
 *
 * @param genesisHash 32 bytes; names the network
 */
export function signingMessage(genesisHash: Uint8Array, txid: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([SIGNATURE_TAG, genesisHash, txid]);
}
