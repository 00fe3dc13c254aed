/**
 * Outpoints: the name of an output, its transaction's id and its place in it.
 *
 * In memory an outpoint is the text `txid:index`, a good key of maps; on the wire it is 36 bytes:
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 32 | txid |
 * | 32 | 4 | index, big endian |
 *
 * @module
 */
import type { ByteReader, ByteWriter } from "../bytes.ts";

/** The id of a transaction: 64 lowercase hex characters. */
export type Txid = string & { readonly __brand: "Txid" };

/** `txid:index`. */
export type Outpoint = string & { readonly __brand: "Outpoint" };

/** How the names of a transaction's outputs end. */
const SUFFIXES: readonly string[] = [":0", ":1"];

/** The size of an encoded outpoint in bytes. */
export const OUTPOINT_SIZE_BYTES = 36;

/**
 * Names an output.
 *
 * @example
 * ```ts
 * import { indexOfOutpoint, outpointOf, type Txid, txidOfOutpoint } from "./outpoint.ts";
 * import assert from "node:assert/strict";
 *
 * const txid = "ab".repeat(32) as Txid;
 * const outpoint = outpointOf(txid, 1);
 * assert.equal(outpoint, `${txid}:1`);
 * assert.equal(txidOfOutpoint(outpoint), txid);
 * assert.equal(indexOfOutpoint(outpoint), 1);
 * ```
 */
export function outpointOf(txid: Txid, index: number): Outpoint {
  // The engine joins two parts in one step, three in two.
  return txid + (SUFFIXES[index] ?? `:${index}`) as Outpoint;
}

/** The transaction that an outpoint names. */
export function txidOfOutpoint(outpoint: Outpoint): Txid {
  return outpoint.slice(0, 64) as Txid;
}

/** The place of the output in its transaction. */
export function indexOfOutpoint(outpoint: Outpoint): number {
  // Nearly always one digit.
  return outpoint.length === 66 ? outpoint.charCodeAt(65) - 48 : Number(outpoint.slice(65));
}

export function writeOutpoint(writer: ByteWriter, outpoint: Outpoint): void {
  writer.hex(txidOfOutpoint(outpoint)).u32(indexOfOutpoint(outpoint));
}

export function readOutpoint(reader: ByteReader): Outpoint {
  const txid = reader.hex(32) as Txid;
  return outpointOf(txid, reader.u32());
}
