/**
 * Unspent outputs in flat arrays: about 70 bytes a coin, where maps of objects took some 300.
 *
 * A coin lives in a slot: outpoint (36 bytes), owner's number, amount, height, and its neighbours in the
 * owner's list. Slots are found through an open-addressed index whose hash is the txid's first word mixed
 * with the output's index: a txid is a hash already, and somebody who grinds one to land where others
 * are pays 2^17 hashes to make one lookup a step longer. Removing shifts the run behind it back, so there
 * are no tombstones. Objects are made when they are asked for. Knows nothing of rules; used by the UTXO
 * set alone.
 *
 * @module
 */
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Height } from "../primitives/header.ts";
import {
  indexOfOutpoint,
  type Outpoint,
  outpointOf,
  type Txid,
  txidOfOutpoint,
} from "../primitives/outpoint.ts";
import { LazyMap } from "../lazy_map.ts";
import { invariant } from "../result.ts";
import { smallInteger } from "../small_integer.ts";
import {
  HEIGHT_WORD,
  type HexBytes,
  KEY_WORDS,
  NEXT_WORD,
  NONE,
  OUTPUT_INDEX_WORD,
  OWNER_WORD,
  PREVIOUS_WORD,
  SLOT_WORDS,
  TXID_SIZE_BYTES,
} from "./coin_slot.ts";
import { CoinSnapshot } from "./coin_snapshot.ts";
import {
  PACKED_HEIGHT_OFFSET,
  PACKED_OUTPUT_INDEX_OFFSET,
  PACKED_OWNER_OFFSET,
  PACKED_UTXO_SIZE_BYTES,
  packedAmount,
} from "./packed_utxos.ts";
import type { Utxo } from "./utxo.ts";

/** The coins of one owner: a live view, in the order in which they came. */
export interface OwnerCoins extends Iterable<readonly [Outpoint, Utxo]> {
  readonly size: number;
  keys(): IterableIterator<Outpoint>;
  values(): IterableIterator<Utxo>;
}

/** One owner's doubly linked list of slots. */
interface OwnerList {
  readonly number: number;
  readonly owner: PublicKey;
  first: number;
  last: number;
  size: number;
  sum: number;
}

/** The arrays of every empty table: nothing is ever written to them. Most pools are empty. */
const NO_WORDS = new Int32Array(0);
const NO_AMOUNTS = new Float64Array(0);
const NO_PLACES = new Int32Array(2).fill(NONE);
const NO_LISTS: (OwnerList | undefined)[] = [];
const NO_FREE: number[] = [];
const NO_SNAPSHOTS: readonly CoinSnapshot[] = [];

/** The key that is looked for, as bytes and as words. */
const wanted = new Int32Array(KEY_WORDS);
const wantedTxid = new Uint8Array(wanted.buffer, 0, TXID_SIZE_BYTES) as HexBytes;
const packedOwner = new Uint8Array(PUBLIC_KEY_SIZE_BYTES) as HexBytes;

export class CoinTable {
  #capacity = 0;
  #size = 0;
  /** How many slots were ever used; those that are free again are a list through their next words. */
  #usedSlots = 0;
  #freeSlot = NONE;
  /** Slot after slot: what one lookup reads lies together, and a small table is a few objects. */
  #words = NO_WORDS;
  #amounts = NO_AMOUNTS;
  /** Slots by hash, twice as many places as slots. */
  #index = NO_PLACES;

  readonly #lists = new LazyMap<PublicKey, OwnerList>();
  #listsByNumber = NO_LISTS;
  #freeNumbers = NO_FREE;
  /** Those that are walked through at the moment. */
  #snapshots = NO_SNAPSHOTS;

  get size(): number {
    return this.#size;
  }

  has(outpoint: Outpoint): boolean {
    return this.#find(outpoint) !== NONE;
  }

  get(outpoint: Outpoint): Utxo | undefined {
    const place = this.#find(outpoint);
    return place === NONE ? undefined : this.#coinAt(this.#index[place] as number);
  }

  /** Adds a coin; false when there is one of that name already. */
  add(outpoint: Outpoint, { owner, amount, height }: Utxo): boolean {
    if (this.#find(outpoint) !== NONE) return false;
    this.#insertWanted(owner, amount, height);
    return true;
  }

  /** Makes room for so many coins in an empty table: what growing step by step leaves is saved. */
  reserve(count: number): void {
    invariant(this.#size === 0, "Room is made in an empty table");
    this.#usedSlots = 0;
    this.#freeSlot = NONE;
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(count, 1)));
    if (capacity > this.#capacity) this.#grow(capacity);
  }

  /** Puts a page of `packed_utxos.ts` in and gives the sum of the amounts. */
  addPacked(page: Uint8Array<ArrayBuffer>): number {
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    let sum = 0;
    for (let offset = 0; offset < page.length; offset += PACKED_UTXO_SIZE_BYTES) {
      for (let index = 0; index < TXID_SIZE_BYTES; index++) {
        wantedTxid[index] = page[offset + index] as number;
      }
      for (let index = 0; index < PUBLIC_KEY_SIZE_BYTES; index++) {
        packedOwner[index] = page[offset + PACKED_OWNER_OFFSET + index] as number;
      }
      wanted[OUTPUT_INDEX_WORD] = view.getUint32(offset + PACKED_OUTPUT_INDEX_OFFSET);
      const amount = packedAmount(view, offset);
      invariant(amount !== undefined, "A packed output has an amount");
      invariant(this.#findWanted() === NONE, "No packed output comes twice");

      const height = view.getUint32(offset + PACKED_HEIGHT_OFFSET) as Height;
      this.#insertWanted(packedOwner.toHex() as PublicKey, amount, height);
      sum += amount;
    }
    return sum;
  }

  /** Puts a coin in under the wanted name, which is not there yet. */
  #insertWanted(owner: PublicKey, amount: Amount, height: Height): void {
    if (this.#size === this.#capacity) this.#grow(Math.max(1, 2 * this.#capacity));

    const slot = this.#takeSlot();
    this.#keep(slot);
    this.#words.set(wanted, SLOT_WORDS * slot);
    this.#words[SLOT_WORDS * slot + HEIGHT_WORD] = height;
    this.#amounts[slot] = amount;
    this.#append(this.#listOf(owner), slot);
    this.#index[this.#freePlace(wanted, 0)] = slot;
    this.#size++;
  }

  /** Takes a coin out; `undefined` when there is none of that name. */
  remove(outpoint: Outpoint): Utxo | undefined {
    const place = this.#find(outpoint);
    if (place === NONE) return undefined;
    const slot = this.#index[place] as number;
    const coin = this.#coinAt(slot);

    this.#keep(slot);
    this.#vacate(place);
    this.#unlink(slot);
    this.#words[SLOT_WORDS * slot + OWNER_WORD] = NONE;
    this.#words[SLOT_WORDS * slot + NEXT_WORD] = this.#freeSlot;
    this.#freeSlot = slot;
    this.#size--;
    return coin;
  }

  /** All coins, in no order that means anything. */
  *entries(): IterableIterator<[Outpoint, Utxo]> {
    for (const slot of this.#index) {
      if (slot !== NONE) yield [this.#outpointAt(slot), this.#coinAt(slot)];
    }
  }

  /** The coins as they are now, to walk through once while this table changes. Whoever asks releases it. */
  snapshot(): CoinSnapshot {
    const snapshot = new CoinSnapshot({
      arrays: () => ({ words: this.#words, amounts: this.#amounts }),
      usedSlots: this.#usedSlots,
      owners: this.#listsByNumber.slice(),
    }, () => {
      const others = this.#snapshots.filter((each) => each !== snapshot);
      this.#snapshots = others.length === 0 ? NO_SNAPSHOTS : others;
    });
    this.#snapshots = [...this.#snapshots, snapshot];
    return snapshot;
  }

  /** A slot is about to change: whoever still has to walk over it keeps what was there. */
  #keep(slot: number): void {
    if (this.#snapshots.length === 0) return;
    for (const snapshot of this.#snapshots) snapshot.keep(slot);
  }

  owners(): IterableIterator<PublicKey> {
    return this.#lists.keys();
  }

  /** What an owner's coins come to. O(1). */
  sumOf(owner: PublicKey): number {
    return this.#lists.get(owner)?.sum ?? 0;
  }

  coinsOf(owner: PublicKey): OwnerCoins {
    const sizeOf = () => this.#lists.get(owner)?.size ?? 0;
    const slots = () => this.#slotsOf(owner);
    const [outpointAt, coinAt] = [
      (slot: number) => this.#outpointAt(slot),
      (slot: number) => this.#coinAt(slot),
    ];
    return {
      get size() {
        return sizeOf();
      },
      *keys() {
        for (const slot of slots()) yield outpointAt(slot);
      },
      *values() {
        for (const slot of slots()) yield coinAt(slot);
      },
      *[Symbol.iterator]() {
        for (const slot of slots()) yield [outpointAt(slot), coinAt(slot)] as const;
      },
    };
  }

  *#slotsOf(owner: PublicKey): Generator<number> {
    let slot = this.#lists.get(owner)?.first ?? NONE;
    while (slot !== NONE) {
      yield slot;
      slot = this.#words[SLOT_WORDS * slot + NEXT_WORD] as number;
    }
  }

  #outpointAt(slot: number): Outpoint {
    const offset = SLOT_WORDS * slot;
    const { buffer, byteOffset } = this.#words;
    const txid = new Uint8Array(buffer, byteOffset + 4 * offset, TXID_SIZE_BYTES) as HexBytes;
    const index = this.#words[offset + OUTPUT_INDEX_WORD] as number;
    return outpointOf(txid.toHex() as Txid, index >>> 0);
  }

  #coinAt(slot: number): Utxo {
    return {
      owner: this.#listAt(slot).owner,
      amount: smallInteger(this.#amounts[slot] as number) as Amount,
      height: (this.#words[SLOT_WORDS * slot + HEIGHT_WORD] as number >>> 0) as Height,
    };
  }

  /** Makes a name the wanted one and gives its place in the index. */
  #find(outpoint: Outpoint): number {
    wantedTxid.setFromHex(txidOfOutpoint(outpoint));
    wanted[OUTPUT_INDEX_WORD] = indexOfOutpoint(outpoint);
    return this.#findWanted();
  }

  #findWanted(): number {
    const mask = this.#index.length - 1;
    for (let place = this.#homeOf(wanted, 0);; place = (place + 1) & mask) {
      const slot = this.#index[place] as number;
      if (slot === NONE) return NONE;
      if (this.#isWanted(slot)) return place;
    }
  }

  #isWanted(slot: number): boolean {
    const offset = SLOT_WORDS * slot;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#words[offset + word] !== wanted[word]) return false;
    }
    return true;
  }

  /** Where the search for a key begins. */
  #homeOf(words: Int32Array, offset: number): number {
    const outputIndex = words[offset + OUTPUT_INDEX_WORD] as number;
    const mixed = (words[offset] as number) ^ Math.imul(outputIndex, 0x9e3779b1);
    return mixed & (this.#index.length - 1);
  }

  #freePlace(words: Int32Array, offset: number): number {
    const mask = this.#index.length - 1;
    let place = this.#homeOf(words, offset);
    while (this.#index[place] !== NONE) place = (place + 1) & mask;
    return place;
  }

  /** Frees a place and moves back what was pushed past it. */
  #vacate(place: number): void {
    const mask = this.#index.length - 1;
    let hole = place;
    for (let next = (hole + 1) & mask;; next = (next + 1) & mask) {
      const slot = this.#index[next] as number;
      if (slot === NONE) break;
      // It may move when the hole lies between its home and where it is, in a ring.
      const isMovable =
        ((next - this.#homeOf(this.#words, SLOT_WORDS * slot)) & mask) >= ((next - hole) & mask);
      if (!isMovable) continue;
      this.#index[hole] = slot;
      hole = next;
    }
    this.#index[hole] = NONE;
  }

  #takeSlot(): number {
    if (this.#freeSlot === NONE) return this.#usedSlots++;
    const slot = this.#freeSlot;
    this.#freeSlot = this.#words[SLOT_WORDS * slot + NEXT_WORD] as number;
    return slot;
  }

  #grow(capacity: number): void {
    if (this.#capacity === 0) return this.#begin(capacity);
    const factor = capacity / this.#capacity;
    this.#capacity = capacity;
    const grown = ({ buffer }: { readonly buffer: ArrayBuffer }) =>
      // The old one is given back at once, not when it is collected.
      buffer.transfer(factor * buffer.byteLength);
    this.#words = new Int32Array(grown(this.#words));
    this.#amounts = new Float64Array(grown(this.#amounts));

    // A table that is full or empty has no free slot: all that were used are in use.
    this.#index = new Int32Array(grown(this.#index)).fill(NONE);
    for (let slot = 0; slot < this.#usedSlots; slot++) {
      this.#index[this.#freePlace(this.#words, SLOT_WORDS * slot)] = slot;
    }
  }

  #begin(capacity: number): void {
    this.#capacity = capacity;
    this.#words = new Int32Array(SLOT_WORDS * capacity);
    this.#amounts = new Float64Array(capacity);
    this.#index = new Int32Array(2 * capacity).fill(NONE);
  }

  #listOf(owner: PublicKey): OwnerList {
    const known = this.#lists.get(owner);
    if (known !== undefined) return known;
    const number = this.#freeNumbers.pop() ?? this.#listsByNumber.length;
    const list: OwnerList = { number, owner, first: NONE, last: NONE, size: 0, sum: 0 };
    this.#lists.set(owner, list);
    // The first of them makes a list of one: most tables have no second owner, or none at all.
    if (this.#listsByNumber === NO_LISTS) this.#listsByNumber = [list];
    else this.#listsByNumber[number] = list;
    return list;
  }

  /** The list of the owner of a slot's coin. */
  #listAt(slot: number): OwnerList {
    const number = this.#words[SLOT_WORDS * slot + OWNER_WORD] as number;
    const list = this.#listsByNumber[number];
    invariant(list !== undefined, "A coin has an owner");
    return list;
  }

  #append(list: OwnerList, slot: number): void {
    const offset = SLOT_WORDS * slot;
    this.#words[offset + OWNER_WORD] = list.number;
    this.#words[offset + PREVIOUS_WORD] = list.last;
    this.#words[offset + NEXT_WORD] = NONE;
    if (list.last === NONE) list.first = slot;
    else this.#words[SLOT_WORDS * list.last + NEXT_WORD] = slot;
    list.last = slot;
    list.size++;
    list.sum += this.#amounts[slot] as number;
  }

  #unlink(slot: number): void {
    const list = this.#listAt(slot);
    const previous = this.#words[SLOT_WORDS * slot + PREVIOUS_WORD] as number;
    const next = this.#words[SLOT_WORDS * slot + NEXT_WORD] as number;
    if (previous === NONE) list.first = next;
    else this.#words[SLOT_WORDS * previous + NEXT_WORD] = next;
    if (next === NONE) list.last = previous;
    else this.#words[SLOT_WORDS * next + PREVIOUS_WORD] = previous;

    list.size--;
    list.sum -= this.#amounts[slot] as number;
    if (list.size > 0) return;
    this.#lists.delete(list.owner);
    this.#listsByNumber[list.number] = undefined;
    if (this.#freeNumbers === NO_FREE) this.#freeNumbers = [list.number];
    else this.#freeNumbers.push(list.number);
  }
}
