/**
 * All blocks of a tree in the order of their hashes, so that the beginning of one is found without a walk.
 *
 * A tree only grows, so what has come since the last question is all that has to be put in.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";
import { lowerBound } from "../lower_bound.ts";

/** What is asked of a chain. */
export interface GrowingTree {
  readonly size: number;
  /** In the order of arrival. */
  entries(): IterableIterator<BlockEntry>;
}

/** More new ones than this are sorted in at once, fewer one by one. */
const INSERTED_MAX = 64;

export class SortedHashes {
  readonly #tree: GrowingTree;
  /** Never read to its end, so that it goes on where it stopped. */
  readonly #arrivals: IterableIterator<BlockEntry>;
  readonly #sorted: BlockEntry[] = [];

  constructor(tree: GrowingTree) {
    this.#tree = tree;
    this.#arrivals = tree.entries();
  }

  /** The first blocks with a hash that begins so, no more than that many. */
  startingWith(prefix: string, countMax: number): readonly BlockEntry[] {
    this.#catchUp();
    const from = this.#placeOf(prefix);
    const found: BlockEntry[] = [];
    for (let index = from; found.length < countMax; index++) {
      const entry = this.#sorted[index];
      if (entry === undefined || !entry.hash.startsWith(prefix)) break;
      found.push(entry);
    }
    return found;
  }

  #catchUp(): void {
    const missing = this.#tree.size - this.#sorted.length;
    for (let count = 0; count < missing; count++) {
      const entry = this.#arrivals.next().value as BlockEntry;
      if (missing > INSERTED_MAX) this.#sorted.push(entry);
      else this.#sorted.splice(this.#placeOf(entry.hash), 0, entry);
    }
    if (missing > INSERTED_MAX) this.#sorted.sort((a, b) => a.hash < b.hash ? -1 : 1);
  }

  /** Where a text stands, or would stand, among the hashes. */
  #placeOf(text: string): number {
    const sorted = this.#sorted;
    return lowerBound(sorted.length, (place) => (sorted[place] as BlockEntry).hash < text);
  }
}
