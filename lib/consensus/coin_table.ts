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
import { invariant } from "../result.ts";
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

const NONE = -1;
const KEY_WORDS = 9;
const KEY_SIZE_BYTES = 4 * KEY_WORDS;
const TXID_SIZE_BYTES = 32;

type HexBytes = Uint8Array & { setFromHex(hex: string): unknown; toHex(): string };

/** The arrays of every empty table: nothing is ever written to them. Most pools are empty. */
const NO_WORDS = new Uint32Array(0);
const NO_BYTES = new Uint8Array(0) as HexBytes;
const NO_NUMBERS = new Int32Array(0);
const NO_AMOUNTS = new Float64Array(0);
const NO_PLACES = new Int32Array(2).fill(NONE);

/** The key that is looked for, as bytes and as words. */
const wanted = new Uint32Array(KEY_WORDS);
const wantedTxid = new Uint8Array(wanted.buffer, 0, TXID_SIZE_BYTES) as HexBytes;
const packedOwner = new Uint8Array(PUBLIC_KEY_SIZE_BYTES) as HexBytes;

export class CoinTable {
  #capacity = 0;
  #size = 0;
  /** How many slots were ever used; those that are free again are a list through `#next`. */
  #usedSlots = 0;
  #freeSlot = NONE;
  #keys = NO_WORDS;
  #keyBytes = NO_BYTES;
  #ownerNumbers = NO_NUMBERS;
  #amounts = NO_AMOUNTS;
  #heights = NO_WORDS;
  #next = NO_NUMBERS;
  #previous = NO_NUMBERS;
  /** Slots by hash, twice as many places as slots. */
  #index = NO_PLACES;

  readonly #lists = new Map<PublicKey, OwnerList>();
  #listsByNumber: (OwnerList | undefined)[] = [];
  #freeNumbers: number[] = [];

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
      wanted[8] = view.getUint32(offset + PACKED_OUTPUT_INDEX_OFFSET);
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
    this.#keys.set(wanted, KEY_WORDS * slot);
    this.#amounts[slot] = amount;
    this.#heights[slot] = height;
    this.#append(this.#listOf(owner), slot);
    this.#index[this.#freePlace(wanted[0] as number, wanted[8] as number)] = slot;
    this.#size++;
  }

  /** Takes a coin out; `undefined` when there is none of that name. */
  remove(outpoint: Outpoint): Utxo | undefined {
    const place = this.#find(outpoint);
    if (place === NONE) return undefined;
    const slot = this.#index[place] as number;
    const coin = this.#coinAt(slot);

    this.#vacate(place);
    this.#unlink(slot);
    this.#next[slot] = this.#freeSlot;
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

  /** A table to walk through while this one changes: it knows its coins and their owners, but no owner's list. */
  copy(): Pick<CoinTable, "entries"> {
    const copy = new CoinTable();
    copy.#index = this.#index.slice();
    copy.#keys = this.#keys.slice();
    copy.#keyBytes = new Uint8Array(copy.#keys.buffer) as HexBytes;
    copy.#ownerNumbers = this.#ownerNumbers.slice();
    copy.#amounts = this.#amounts.slice();
    copy.#heights = this.#heights.slice();
    copy.#listsByNumber = this.#listsByNumber.slice();
    return copy;
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
      slot = this.#next[slot] as number;
    }
  }

  #outpointAt(slot: number): Outpoint {
    const offset = KEY_SIZE_BYTES * slot;
    const txid = this.#keyBytes.subarray(offset, offset + TXID_SIZE_BYTES) as HexBytes;
    return outpointOf(txid.toHex() as Txid, this.#keys[KEY_WORDS * slot + 8] as number);
  }

  #coinAt(slot: number): Utxo {
    const list = this.#listsByNumber[this.#ownerNumbers[slot] as number];
    invariant(list !== undefined, "A coin has an owner");
    return {
      owner: list.owner,
      amount: this.#amounts[slot] as Amount,
      height: this.#heights[slot] as Height,
    };
  }

  /** Makes a name the wanted one and gives its place in the index. */
  #find(outpoint: Outpoint): number {
    wantedTxid.setFromHex(txidOfOutpoint(outpoint));
    wanted[8] = indexOfOutpoint(outpoint);
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
    const offset = KEY_WORDS * slot;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#keys[offset + word] !== wanted[word]) return false;
    }
    return true;
  }

  /** Where the search for a key begins. */
  #home(firstWord: number, outputIndex: number): number {
    return (firstWord ^ Math.imul(outputIndex, 0x9e3779b1)) & (this.#index.length - 1);
  }

  #homeOf(keys: Uint32Array, offset: number): number {
    return this.#home(keys[offset] as number, keys[offset + 8] as number);
  }

  #freePlace(firstWord: number, outputIndex: number): number {
    const mask = this.#index.length - 1;
    let place = this.#home(firstWord, outputIndex);
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
        ((next - this.#homeOf(this.#keys, KEY_WORDS * slot)) & mask) >= ((next - hole) & mask);
      if (!isMovable) continue;
      this.#index[hole] = slot;
      hole = next;
    }
    this.#index[hole] = NONE;
  }

  #takeSlot(): number {
    if (this.#freeSlot === NONE) return this.#usedSlots++;
    const slot = this.#freeSlot;
    this.#freeSlot = this.#next[slot] as number;
    return slot;
  }

  #grow(capacity: number): void {
    if (this.#capacity === 0) return this.#begin(capacity);
    const factor = capacity / this.#capacity;
    this.#capacity = capacity;
    const grown = ({ buffer }: { readonly buffer: ArrayBuffer }) =>
      // The old one is given back at once, not when it is collected.
      buffer.transfer(factor * buffer.byteLength);
    this.#keys = new Uint32Array(grown(this.#keys));
    this.#keyBytes = new Uint8Array(this.#keys.buffer) as HexBytes;
    this.#ownerNumbers = new Int32Array(grown(this.#ownerNumbers));
    this.#amounts = new Float64Array(grown(this.#amounts));
    this.#heights = new Uint32Array(grown(this.#heights));
    this.#next = new Int32Array(grown(this.#next));
    this.#previous = new Int32Array(grown(this.#previous));

    // A table that is full or empty has no free slot: all that were used are in use.
    this.#index = new Int32Array(grown(this.#index)).fill(NONE);
    for (let slot = 0; slot < this.#usedSlots; slot++) {
      const offset = KEY_WORDS * slot;
      const firstWord = this.#keys[offset] as number;
      this.#index[this.#freePlace(firstWord, this.#keys[offset + 8] as number)] = slot;
    }
  }

  #begin(capacity: number): void {
    this.#capacity = capacity;
    this.#keys = new Uint32Array(KEY_WORDS * capacity);
    this.#keyBytes = new Uint8Array(this.#keys.buffer) as HexBytes;
    this.#ownerNumbers = new Int32Array(capacity);
    this.#amounts = new Float64Array(capacity);
    this.#heights = new Uint32Array(capacity);
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#index = new Int32Array(2 * capacity).fill(NONE);
  }

  #listOf(owner: PublicKey): OwnerList {
    const known = this.#lists.get(owner);
    if (known !== undefined) return known;
    const number = this.#freeNumbers.pop() ?? this.#listsByNumber.length;
    const list: OwnerList = { number, owner, first: NONE, last: NONE, size: 0, sum: 0 };
    this.#lists.set(owner, list);
    this.#listsByNumber[number] = list;
    return list;
  }

  #append(list: OwnerList, slot: number): void {
    this.#ownerNumbers[slot] = list.number;
    this.#previous[slot] = list.last;
    this.#next[slot] = NONE;
    if (list.last === NONE) list.first = slot;
    else this.#next[list.last] = slot;
    list.last = slot;
    list.size++;
    list.sum += this.#amounts[slot] as number;
  }

  #unlink(slot: number): void {
    const list = this.#listsByNumber[this.#ownerNumbers[slot] as number];
    invariant(list !== undefined, "A coin has an owner");
    const previous = this.#previous[slot] as number;
    const next = this.#next[slot] as number;
    if (previous === NONE) list.first = next;
    else this.#next[previous] = next;
    if (next === NONE) list.last = previous;
    else this.#previous[next] = previous;

    list.size--;
    list.sum -= this.#amounts[slot] as number;
    if (list.size > 0) return;
    this.#lists.delete(list.owner);
    this.#listsByNumber[list.number] = undefined;
    this.#freeNumbers.push(list.number);
  }
}
