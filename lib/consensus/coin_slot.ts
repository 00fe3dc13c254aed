/**
 * How a coin lies in the flat arrays of a {@link CoinTable}: its words, slot after slot.
 *
 * | words | content |
 * |---|---|
 * | 0 to 7 | txid |
 * | 8 | output's index |
 * | 9 | height |
 * | 10 | owner's number; {@link NONE} in a slot that is free |
 * | 11, 12 | the owner's next and previous coin |
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import {
  PACKED_AMOUNT_OFFSET,
  PACKED_HEIGHT_OFFSET,
  PACKED_OUTPUT_INDEX_OFFSET,
  PACKED_OWNER_OFFSET,
} from "./packed_utxos.ts";

/** No slot, no owner. */
export const NONE = -1;
/** A slot's words: its key, and behind it what else is known of the coin but for the amount. */
export const OUTPUT_INDEX_WORD = 8;
export const KEY_WORDS = 9;
export const HEIGHT_WORD = 9;
export const OWNER_WORD = 10;
export const NEXT_WORD = 11;
export const PREVIOUS_WORD = 12;
export const SLOT_WORDS = 13;
export const TXID_SIZE_BYTES = 32;

/** Bytes that read and write themselves as hex. */
export type HexBytes = Uint8Array<ArrayBuffer> & {
  setFromHex(hex: string): unknown;
  toHex(): string;
};

/** The words and the amounts of many slots. */
export interface CoinArrays {
  readonly words: Int32Array<ArrayBuffer>;
  readonly amounts: Float64Array<ArrayBuffer>;
}

/** Writes a slot's coin as `packed_utxos.ts` has it. */
export function packSlot(
  { words, amounts }: CoinArrays,
  { slot, owner }: { readonly slot: number; readonly owner: PublicKey },
  { page, offset }: { readonly page: Uint8Array<ArrayBuffer>; readonly offset: number },
): void {
  const start = SLOT_WORDS * slot;
  const amount = amounts[slot] as number;
  const view = new DataView(page.buffer, offset);
  const txidOffset = words.byteOffset + 4 * start;
  page.set(new Uint8Array(words.buffer, txidOffset, TXID_SIZE_BYTES), offset);
  const ownerOffset = offset + PACKED_OWNER_OFFSET;
  (page.subarray(ownerOffset, ownerOffset + owner.length / 2) as HexBytes).setFromHex(owner);
  view.setInt32(PACKED_OUTPUT_INDEX_OFFSET, words[start + OUTPUT_INDEX_WORD] as number);
  view.setUint32(PACKED_AMOUNT_OFFSET, Math.floor(amount / 2 ** 32));
  view.setUint32(PACKED_AMOUNT_OFFSET + 4, amount % 2 ** 32);
  view.setInt32(PACKED_HEIGHT_OFFSET, words[start + HEIGHT_WORD] as number);
}
