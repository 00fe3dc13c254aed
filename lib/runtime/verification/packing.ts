/**
 * What travels between the pool and its threads: bytes, because objects cost more to copy than to check.
 *
 * A signature is packed as sender's public key (32) ‖ txid (32) ‖ signature (64).
 *
 * @module
 */
import { ByteWriter } from "../../bytes.ts";
import { HASH_SIZE_BYTES } from "../../crypto/hash.ts";
import { PUBLIC_KEY_SIZE_BYTES } from "../../crypto/keys.ts";
import { SIGNATURE_SIZE_BYTES } from "../../crypto/signature.ts";
import type { Transaction } from "../../primitives/transaction.ts";

/** The size of one packed signature in bytes. */
export const PACKED_SIZE_BYTES = PUBLIC_KEY_SIZE_BYTES + HASH_SIZE_BYTES + SIGNATURE_SIZE_BYTES;

/** What a thread is asked. */
export interface VerificationOrder {
  readonly id: number;
  /** 32 bytes: the network. */
  readonly genesisHash: Uint8Array;
  readonly packed: Uint8Array<ArrayBuffer>;
}

/** What a thread answers. */
export interface VerificationReport {
  readonly id: number;
  /** One byte a signature, in the order of the question: 1 where it holds. */
  readonly verdicts: Uint8Array;
}

/** Packs what has to be verified of some transactions. */
export function packSignatures(transactions: readonly Transaction[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(transactions.length * PACKED_SIZE_BYTES);
  for (const { sender, txid, encoded } of transactions) {
    writer.hex(sender).hex(txid).bytes(encoded.subarray(-SIGNATURE_SIZE_BYTES));
  }
  return writer.finish();
}
