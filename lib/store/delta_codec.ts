/**
 * A block's change to the UTXO set as bytes: the undo data that stands beside a body on disk.
 *
 * Encoding (integers big endian): number of spent outputs (u32) ‖ spent ‖ number of created ones (u32) ‖
 * created, each output in 80 bytes:
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
import type { NamedUtxo, UtxoDelta } from "../consensus/utxo_set.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import { readOutpoint, writeOutpoint } from "../primitives/outpoint.ts";

/** The size of one encoded output in bytes. */
export const NAMED_UTXO_SIZE_BYTES = 80;

export function encodeDelta({ spent, created }: UtxoDelta): Uint8Array<ArrayBuffer> {
  const count = spent.length + created.length;
  const writer = new ByteWriter(8 + NAMED_UTXO_SIZE_BYTES * count);
  writeNamedUtxos(writer, spent);
  writeNamedUtxos(writer, created);
  return writer.finish();
}

/** Reads a change that fills the bytes; `undefined` when they are anything else. */
export function decodeDelta(bytes: Uint8Array): UtxoDelta | undefined {
  const reader = new ByteReader(bytes);
  const spent = readNamedUtxos(reader);
  const created = readNamedUtxos(reader);
  return reader.finish() ? { spent, created } : undefined;
}

/** Reads one output in the table's 80 bytes. */
export function readNamedUtxo(reader: ByteReader): NamedUtxo {
  const outpoint = readOutpoint(reader);
  const owner = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const amount = reader.u64() as Amount;
  return [outpoint, { owner, amount, height: reader.u32() as Height }];
}

function writeNamedUtxos(writer: ByteWriter, utxos: readonly NamedUtxo[]): void {
  writer.u32(utxos.length);
  for (const [outpoint, { owner, amount, height }] of utxos) {
    writeOutpoint(writer, outpoint);
    writer.hex(owner).u64(amount).u32(height);
  }
}

function readNamedUtxos(reader: ByteReader): NamedUtxo[] {
  const utxos: NamedUtxo[] = [];
  const count = reader.u32();
  if (count * NAMED_UTXO_SIZE_BYTES > reader.remainingBytes) reader.fail();
  for (let index = 0; index < count && !reader.failed; index++) {
    utxos.push(readNamedUtxo(reader));
  }
  return utxos;
}
