/**
 * The coins of a table as they stood, to walk through once while it changes.
 *
 * ```
 * slots: walked already │ not walked yet
 *        may change     │ about to change: its coin is kept first, and read from there
 * ```
 *
 * The table tells before it changes a slot. So a snapshot costs what changes while it is walked through, not a
 * copy of everything: of 100,000 coins that was 6 MB, and strangers may ask for audits at any time. At worst all
 * slots are kept. A slot has its coin as long as it lives, however the table grows.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { invariant } from "../result.ts";
import { type CoinArrays, NONE, OWNER_WORD, packSlot, SLOT_WORDS } from "./coin_slot.ts";
import { PACKED_UTXO_SIZE_BYTES } from "./packed_utxos.ts";

/** Some coins of a table. */
export interface CoinPage {
  /** As `packed_utxos.ts` has them. */
  readonly packed: Uint8Array<ArrayBuffer>;
  /** The number of each one's owner. */
  readonly owners: Int32Array;
}

/** A table as it is. */
export interface LiveCoins {
  /** Its arrays; a table that grows gets others. */
  readonly arrays: () => CoinArrays;
  /** Slots that were ever used. */
  readonly usedSlots: number;
  /** By number; the snapshot has this list for itself. */
  readonly owners: readonly ({ readonly owner: PublicKey } | undefined)[];
}

export class CoinSnapshot {
  readonly #arrays: () => CoinArrays;
  readonly #owners: LiveCoins["owners"];
  readonly #onRelease: () => void;
  #usedSlots: number;
  /** The first slot that is not walked yet. */
  #next = 0;
  /** Where coins are kept that have changed since, by slot. */
  readonly #places = new Map<number, number>();
  #kept: CoinArrays = { words: new Int32Array(0), amounts: new Float64Array(0) };

  constructor({ arrays, usedSlots, owners }: LiveCoins, onRelease: () => void) {
    this.#arrays = arrays;
    this.#usedSlots = usedSlots;
    this.#owners = owners;
    this.#onRelease = onRelease;
  }

  /** Slots that are kept because they have changed, or are about to. */
  get keptSlots(): number {
    return this.#places.size;
  }

  /** Owners' numbers are below this. */
  get ownerNumbers(): number {
    return this.#owners.length;
  }

  /** The owner of that number, as pages know it. */
  ownerOf(number: number): PublicKey | undefined {
    return this.#owners[number]?.owner;
  }

  /** A slot is about to change. O(1). */
  keep(slot: number): void {
    if (slot < this.#next || slot >= this.#usedSlots || this.#places.has(slot)) return;
    const place = this.#places.size;
    if (place === this.#kept.amounts.length) this.#grow(Math.max(16, 2 * place));
    const { words, amounts } = this.#arrays();
    const start = SLOT_WORDS * slot;
    this.#kept.words.set(words.subarray(start, start + SLOT_WORDS), SLOT_WORDS * place);
    this.#kept.amounts[place] = amounts[slot] as number;
    this.#places.set(slot, place);
  }

  /** All coins, so many on a page, which is valid until the next one is taken. Once only; makes no object of a coin. */
  *pages(coinsMax: number): Generator<CoinPage> {
    const packed = new Uint8Array(PACKED_UTXO_SIZE_BYTES * coinsMax);
    const owners = new Int32Array(coinsMax);
    while (this.#next < this.#usedSlots) {
      const count = this.#fill({ packed, owners });
      if (count === 0) return;
      yield {
        packed: packed.subarray(0, PACKED_UTXO_SIZE_BYTES * count),
        owners: owners.subarray(0, count),
      };
    }
  }

  /** Nothing is kept for it any more, and nothing is in it. */
  release(): void {
    this.#usedSlots = 0;
    this.#places.clear();
    this.#grow(0);
    this.#onRelease();
  }

  /** Puts the next coins on a page, and gives their number. */
  #fill({ packed, owners }: CoinPage): number {
    const live = this.#arrays();
    let count = 0;
    while (this.#next < this.#usedSlots && count < owners.length) {
      const slot = this.#next++;
      const place = this.#places.get(slot);
      const coins = place === undefined ? live : this.#kept;
      const at = place ?? slot;
      const number = coins.words[SLOT_WORDS * at + OWNER_WORD] as number;
      if (number === NONE) continue;
      const owner = this.ownerOf(number);
      invariant(owner !== undefined, "A coin has an owner");
      owners[count] = number;
      const offset = PACKED_UTXO_SIZE_BYTES * count;
      packSlot(coins, { slot: at, owner }, { page: packed, offset });
      count++;
    }
    return count;
  }

  /** The old memory is given back at once, not when it is collected. */
  #grow(slots: number): void {
    const { words, amounts } = this.#kept;
    this.#kept = {
      words: new Int32Array(words.buffer.transfer(4 * SLOT_WORDS * slots)),
      amounts: new Float64Array(amounts.buffer.transfer(8 * slots)),
    };
  }
}
