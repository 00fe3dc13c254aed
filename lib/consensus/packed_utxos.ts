/**
 * Unspent outputs as bytes, many in a row: how a store hands them over at start-up.
 *
 * An object each, with its ids as text, was 1.3 kB of garbage a coin; whoever checks or keeps them reads
 * the bytes in place. Each takes 80 (integers big endian):
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 36 | outpoint |
 * | 36 | 32 | owner's public key |
 * | 68 | 8 | amount |
 * | 76 | 4 | height of the block that created it |
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../bytes.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import { readOutpoint, writeOutpoint } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";
import type { NamedUtxo } from "./utxo.ts";

/** The size of one output in bytes, and where its fields begin. */
export const PACKED_UTXO_SIZE_BYTES = 80;
export const PACKED_OUTPUT_INDEX_OFFSET = 32;
export const PACKED_OWNER_OFFSET = 36;
export const PACKED_AMOUNT_OFFSET = 68;
export const PACKED_HEIGHT_OFFSET = 76;

/** Outputs in pages of whole ones. A page is valid until the next one is taken. */
export interface PackedUtxos extends Iterable<Uint8Array<ArrayBuffer>> {
  /** How many outputs there are. */
  readonly count: number;
}

/** Packs outputs, all in one page. */
export function packUtxos(utxos: readonly NamedUtxo[]): PackedUtxos {
  const writer = new ByteWriter(PACKED_UTXO_SIZE_BYTES * utxos.length);
  for (const utxo of utxos) writePackedUtxo(writer, utxo);
  const pages = [writer.finish()];
  return { count: utxos.length, [Symbol.iterator]: () => pages.values() };
}

/** The opposite of {@link packUtxos}. */
export function* unpackUtxos(pages: PackedUtxos): Generator<NamedUtxo> {
  for (const page of pages) {
    const reader = new ByteReader(page);
    while (reader.remainingBytes > 0) yield readPackedUtxo(reader);
    invariant(reader.finish(), "A page holds whole outputs");
  }
}

export function writePackedUtxo(
  writer: ByteWriter,
  [outpoint, { owner, amount, height }]: NamedUtxo,
): void {
  writeOutpoint(writer, outpoint);
  writer.hex(owner).u64(amount).u32(height);
}

export function readPackedUtxo(reader: ByteReader): NamedUtxo {
  const outpoint = readOutpoint(reader);
  const owner = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const amount = reader.u64() as Amount;
  return [outpoint, { owner, amount, height: reader.u32() as Height }];
}

/** The amount of the output at an offset; `undefined` when the bytes are no amount. */
export function packedAmount(page: DataView, offset: number): Amount | undefined {
  const high = page.getUint32(offset + PACKED_AMOUNT_OFFSET);
  const amount = high * 0x1_0000_0000 + page.getUint32(offset + PACKED_AMOUNT_OFFSET + 4);
  return Number.isSafeInteger(amount) ? amount as Amount : undefined;
}
