/**
 * A block's change to the UTXO set as bytes: the undo data that stands beside a body on disk.
 *
 * Most of a change stands in the block itself: which outputs it spends, whose they are, and what it creates.
 * So no more is written than what the outputs were worth that it spends and others had created, in the order of
 * its inputs. Two hundred kilobytes a thousand payments, written in full, were as much as the block.
 *
 * Encoding (integers big endian): 1 (u8) ‖ what the block's miner earned (u64) ‖ number of outputs (u32) ‖ of
 * each its amount (u64) and the height of the block that created it (u32).
 *
 * Databases of schema 5 and before have changes in full, which begin with 0: number of spent outputs (u32) ‖
 * spent ‖ number of created ones (u32) ‖ created, each output in the 80 bytes of `packed_utxos.ts`.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../bytes.ts";
import { minerOutpointOf } from "../consensus/connect_block.ts";
import { PACKED_UTXO_SIZE_BYTES, readPackedUtxo } from "../consensus/packed_utxos.ts";
import type { NamedUtxo, Utxo, UtxoDelta } from "../consensus/utxo.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { Height } from "../primitives/header.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import type { Output } from "../primitives/transaction.ts";

const SHORT_TAG = 1;
const SHORT_HEAD_SIZE_BYTES = 13;
const SHORT_UTXO_SIZE_BYTES = 12;

/** Writes a block's change, which is the one that the block makes. */
export function encodeDelta({ spent, created }: UtxoDelta, block: Block): Uint8Array<ArrayBuffer> {
  const last = created.at(-1);
  const earned = last?.[0] === minerOutpointOf(block.hash) ? last[1].amount : 0;
  const sizeBytes = SHORT_HEAD_SIZE_BYTES + SHORT_UTXO_SIZE_BYTES * spent.length;
  const writer = new ByteWriter(sizeBytes).u8(SHORT_TAG).u64(earned).u32(spent.length);
  for (const [, { amount, height }] of spent) writer.u64(amount).u32(height);
  return writer.finish();
}

/** Reads the change of a block from bytes that it fills; `undefined` when they are anything else. */
export function decodeDelta(bytes: Uint8Array, block: Block): UtxoDelta | undefined {
  return bytes[0] === SHORT_TAG ? decodeShort(bytes, block) : decodeFull(bytes);
}

/** Goes through a block as connecting it does. */
function decodeShort(
  bytes: Uint8Array,
  { hash, header: { height, miner }, transactions }: Block,
): UtxoDelta | undefined {
  const reader = new ByteReader(bytes);
  reader.u8();
  const earned = reader.u64() as Amount;
  const count = reader.u32();
  const spent: NamedUtxo[] = [];
  const created = new Map<Outpoint, Utxo>();
  for (const { sender, inputs, outputs, outpoints } of transactions) {
    for (const outpoint of inputs) {
      if (created.delete(outpoint)) continue;
      const amount = reader.u64() as Amount;
      spent.push([outpoint, { owner: sender, amount, height: reader.u32() as Height }]);
    }
    for (let index = 0; index < outputs.length; index++) {
      const { owner, amount } = outputs[index] as Output;
      created.set(outpoints[index] as Outpoint, { owner, amount, height });
    }
  }
  if (earned > 0) created.set(minerOutpointOf(hash), { owner: miner, amount: earned, height });
  const isWhole = reader.finish() && spent.length === count;
  return isWhole ? { spent, created: [...created] } : undefined;
}

function decodeFull(bytes: Uint8Array): UtxoDelta | undefined {
  const reader = new ByteReader(bytes);
  const spent = readNamedUtxos(reader);
  const created = readNamedUtxos(reader);
  return reader.finish() ? { spent, created } : undefined;
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
