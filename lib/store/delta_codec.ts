/**
 * A block's change to the UTXO set as bytes: the undo data that stands beside a body on disk.
 *
 * Encoding (integers big endian): number of spent outputs (u32) ‖ spent ‖ number of created ones (u32) ‖
 * created, each output in the 80 bytes of `packed_utxos.ts`.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../bytes.ts";
import {
  PACKED_UTXO_SIZE_BYTES,
  readPackedUtxo,
  writePackedUtxo,
} from "../consensus/packed_utxos.ts";
import type { NamedUtxo, UtxoDelta } from "../consensus/utxo.ts";

export function encodeDelta({ spent, created }: UtxoDelta): Uint8Array<ArrayBuffer> {
  const count = spent.length + created.length;
  const writer = new ByteWriter(8 + PACKED_UTXO_SIZE_BYTES * count);
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

function writeNamedUtxos(writer: ByteWriter, utxos: readonly NamedUtxo[]): void {
  writer.u32(utxos.length);
  for (const utxo of utxos) writePackedUtxo(writer, utxo);
}

function readNamedUtxos(reader: ByteReader): NamedUtxo[] {
  const utxos: NamedUtxo[] = [];
  const count = reader.u32();
  if (count * PACKED_UTXO_SIZE_BYTES > reader.remainingBytes) reader.fail();
  for (let index = 0; index < count && !reader.failed; index++) {
    utxos.push(readPackedUtxo(reader));
  }
  return utxos;
}
