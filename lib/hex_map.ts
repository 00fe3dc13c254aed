/**
 * A map for texts that begin with random hex: ids of transactions and names of outputs.
 *
 * A `Map` has the engine keep one copy of every text that is a key, and look for it among a hundred thousand
 * others, for an id that has just come over the network is a new text each time. With the maps' own work that
 * was a sixth of the time of a node under load; now it is less than a tenth. This one looks at the first
 * characters alone, which are as good as random, and compares texts where these are the same.
 *
 * ```
 * index: place → position + 1      keys, values, hashes: position → entry, in the order of coming
 * ```
 *
 * Open addressing with linear probing; what is taken out is closed up, so nothing is left behind in the index.
 * A secret that differs in each process goes into the hash: nobody can choose ids that meet in one place. The
 * order of the entries does not depend on it. There are no tables before the first entry, unless somebody says how
 * many will come.
 *
 * @module
 */

/** A power of two, and more than fit into it. */
const PLACES_MIN = 16;
/** An empty map keeps an index of so many places, and none larger. */
const PLACES_KEPT = 1_024;
/** Entries, those that are gone included, for each place of the index. */
const LOAD_MAX = 0.5;
/** Entries that live, for each that there is room for, when room is made. */
const LIVE_MAX = 0.6;
/** Characters that are looked at: 64 bits. */
const PREFIX_LENGTH = 16;

const [secret, multiplier] = secrets();

/** What the engine would do for a `Map`; it must not grow while it is iterated. */
export class HexMap<K extends string, V> {
  #index: Int32Array = NO_NUMBERS;
  #hashes: Int32Array = NO_NUMBERS;
  #keys: (K | undefined)[] = NO_ENTRIES;
  #values: (V | undefined)[] = NO_ENTRIES;
  /** Entries are from the first position on, below the end; some of them are gone. */
  #first = 0;
  #end = 0;
  #size = 0;

  /** @param count so many entries fit in before tables are made anew */
  constructor(count = 0) {
    if (count > 0) this.#makeTables(placesOf(count / LOAD_MAX));
  }

  get size(): number {
    return this.#size;
  }

  has(key: K): boolean {
    return this.#size > 0 && this.#placeOf(key, hashOf(key)) >= 0;
  }

  get(key: K): V | undefined {
    if (this.#size === 0) return undefined;
    const place = this.#placeOf(key, hashOf(key));
    return place < 0 ? undefined : this.#values[(this.#index[place] as number) - 1];
  }

  set(key: K, value: V): this {
    const hash = hashOf(key);
    let place = this.#index.length === 0 ? -1 : this.#placeOf(key, hash);
    if (place >= 0) {
      this.#values[(this.#index[place] as number) - 1] = value;
      return this;
    }
    if (this.#end === this.#hashes.length) {
      this.#makeRoom();
      place = this.#placeOf(key, hash);
    }
    this.#hashes[this.#end] = hash;
    this.#keys[this.#end] = key;
    this.#values[this.#end] = value;
    this.#index[~place] = ++this.#end;
    this.#size++;
    return this;
  }

  delete(key: K): boolean {
    if (this.#size === 0) return false;
    const place = this.#placeOf(key, hashOf(key));
    if (place < 0) return false;
    const position = (this.#index[place] as number) - 1;
    this.#keys[position] = undefined;
    this.#values[position] = undefined;
    this.#closeUp(place);
    this.#size--;
    // Of a map that fills and empties small tables stay, large ones would be for good.
    if (this.#size === 0 && this.#index.length > PLACES_KEPT) this.clear();
    while (this.#first < this.#end && this.#keys[this.#first] === undefined) this.#first++;
    return true;
  }

  clear(): void {
    this.#index = this.#hashes = NO_NUMBERS;
    this.#keys = this.#values = NO_ENTRIES;
    this.#first = this.#end = this.#size = 0;
  }

  *keys(): Generator<K, undefined> {
    for (let position = this.#first; position < this.#end; position++) {
      const key = this.#keys[position];
      if (key !== undefined) yield key;
    }
  }

  *values(): Generator<V, undefined> {
    for (let position = this.#first; position < this.#end; position++) {
      if (this.#keys[position] !== undefined) yield this.#values[position] as V;
    }
  }

  *[Symbol.iterator](): Generator<[K, V], undefined> {
    for (let position = this.#first; position < this.#end; position++) {
      const key = this.#keys[position];
      if (key !== undefined) yield [key, this.#values[position] as V];
    }
  }

  /** Where the index has a key, or the complement of where it would have it. */
  #placeOf(key: K, hash: number): number {
    const index = this.#index;
    const mask = index.length - 1;
    for (let place = hash & mask;; place = (place + 1) & mask) {
      const next = index[place] as number;
      if (next === 0) return ~place;
      if (this.#hashes[next - 1] === hash && this.#keys[next - 1] === key) return place;
    }
  }

  /** Frees a place and moves back what was pushed past it. */
  #closeUp(place: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = place;
    for (let next = (hole + 1) & mask;; next = (next + 1) & mask) {
      const there = index[next] as number;
      if (there === 0) break;
      // It may move when the hole lies between its home and where it is, in a ring.
      const home = (this.#hashes[there - 1] as number) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      index[hole] = there;
      hole = next;
    }
    index[hole] = 0;
  }

  /** Makes the tables anew without what is gone, as large as what lives demands. */
  #makeRoom(): void {
    const [hashes, keys, values, end] = [this.#hashes, this.#keys, this.#values, this.#end];
    const places = placesOf(Math.floor(this.#size / LOAD_MAX / LIVE_MAX) + 1);
    this.#makeTables(places);
    let position = 0;
    for (let before = this.#first; before < end; before++) {
      const key = keys[before];
      if (key === undefined) continue;
      const hash = hashes[before] as number;
      let place = hash & (places - 1);
      while (this.#index[place] !== 0) place = (place + 1) & (places - 1);
      this.#hashes[position] = hash;
      this.#keys[position] = key;
      this.#values[position] = values[before];
      this.#index[place] = ++position;
    }
    this.#first = 0;
    this.#end = position;
  }

  #makeTables(places: number): void {
    const room = LOAD_MAX * places;
    this.#index = new Int32Array(places);
    this.#hashes = new Int32Array(room);
    this.#keys = new Array<K | undefined>(room).fill(undefined);
    this.#values = new Array<V | undefined>(room).fill(undefined);
  }
}

/** What maps without entries have; nothing is ever written to it. */
const NO_NUMBERS = new Int32Array(0);
const NO_ENTRIES: undefined[] = [];

/** The smallest number of places that is large enough. */
function placesOf(placesMin: number): number {
  let places = PLACES_MIN;
  while (places < placesMin) places *= 2;
  return places;
}

function hashOf(key: string): number {
  // The last character tells the outputs of a transaction apart.
  let hash = secret ^ key.charCodeAt(key.length - 1);
  const end = Math.min(PREFIX_LENGTH, key.length);
  for (let index = 0; index < end; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), multiplier);
  }
  return hash ^ hash >>> 15;
}

function secrets(): [secret: number, multiplier: number] {
  const [one = 0, other = 0] = crypto.getRandomValues(new Int32Array(2));
  return [one, other | 1];
}
