/**
 * Which blocks a node has, or is going to have: so that what would be old news to it need not happen.
 *
 * Most announcements of a block reach nodes that have it by then, and change nothing there. Of all
 * announcements of one block to one node only the earliest arrival is an event. A later one is left out
 * where the earliest is sure to bring the block: it carries no transactions that might be missing, and the
 * node has its parent. Else it waits for what the earliest does, and comes after all if the block is not
 * there then. So a run is the same as without this, but for the number of its events.
 *
 * Only for nodes that never crash. Knows no time but what it is told. Bounded: of the oldest blocks it
 * forgets all, and then leaves out nothing.
 *
 * @module
 */
import type { BlockHash, Header } from "../primitives/header.ts";

/** Of how many blocks it is known who has them. */
const BLOCKS_MAX = 64;
/** What is asked of an announcement. */
export interface Announcement {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly txids: readonly unknown[];
}

/** What comes after all if the first arrival does not bring the block. */
interface Held<Delivery> {
  readonly arrivalMs: number;
  readonly delivery: Delivery;
}

interface Spread<Delivery> {
  /** By node: 1 when it has the block. Apart from the times: it is all that most questions read. */
  readonly hasIt: Uint8Array;
  /** By node: when the block arrives first; Infinity for never so far. */
  readonly firstAtMs: Float64Array;
  /** By node: what waits for the first arrival. */
  readonly later: Map<number, Held<Delivery>[]>;
}

export class OldNews<Delivery> {
  readonly #nodeCount: number;
  /** The oldest first. */
  readonly #spreads = new Map<BlockHash, Spread<Delivery>>();
  /** The block that was asked for last: mostly it is asked for again. */
  #lastHash: BlockHash | undefined;
  #lastSpread: Spread<Delivery> | undefined;
  /** The parent that was asked for last. */
  #lastParentHash: BlockHash | undefined;
  #lastParent: Spread<Delivery> | undefined;

  constructor(nodeCount: number) {
    this.#nodeCount = nodeCount;
  }

  /** Tells whether a node is known to have a block. */
  isKnown(node: number, hash: BlockHash): boolean {
    return this.#find(hash)?.hasIt[node] === 1;
  }

  /** A node has stored a block. */
  note(node: number, hash: BlockHash): void {
    const { hasIt, firstAtMs } = this.#of(hash);
    hasIt[node] = 1;
    firstAtMs[node] = -Infinity;
  }

  /** Tells whether an arrival of a block would be left out for good. */
  isLate(node: number, news: Announcement, arrivalMs: number): boolean {
    const spread = this.#find(news.hash);
    return spread !== undefined && arrivalMs >= (spread.firstAtMs[node] as number) &&
      this.#isSure(node, news);
  }

  /** Plans an arrival: it is an event, or left out for good, or {@link hold | held} for the time being. */
  plan(
    { node, news, arrivalMs }: {
      readonly node: number;
      readonly news: Announcement;
      readonly arrivalMs: number;
    },
  ): "event" | "never" | "held" {
    const spread = this.#of(news.hash);
    const firstAtMs = spread.firstAtMs[node] as number;
    if (arrivalMs < firstAtMs) {
      spread.firstAtMs[node] = arrivalMs;
      return "event";
    }
    return this.#isSure(node, news) ? "never" : "held";
  }

  /** Keeps an arrival until the first one of its block was dealt with. */
  hold(node: number, { hash }: Announcement, held: Held<Delivery>): void {
    const { later } = this.#of(hash);
    const waiting = later.get(node);
    if (waiting === undefined) later.set(node, [held]);
    else waiting.push(held);
  }

  /** A block arrived at a node and was dealt with. Gives what has to come after all. */
  settle(node: number, hash: BlockHash): readonly Held<Delivery>[] {
    const spread = this.#find(hash);
    if (spread === undefined) return NOTHING;
    const isKnown = spread.hasIt[node] === 1;
    if (!isKnown) spread.firstAtMs[node] = Infinity;
    if (spread.later.size === 0) return NOTHING;
    const waiting = spread.later.get(node);
    spread.later.delete(node);
    return isKnown || waiting === undefined ? NOTHING : waiting;
  }

  /** Whoever brings the block first is sure to bring it whole, and on what is there. */
  #isSure(node: number, { txids, header: { height, previousHash } }: Announcement): boolean {
    if (txids.length > 0) return false;
    return height === 1 || this.#parent(previousHash)?.hasIt[node] === 1;
  }

  #parent(hash: BlockHash): Spread<Delivery> | undefined {
    if (hash !== this.#lastParentHash) {
      this.#lastParent = this.#spreads.get(hash);
      this.#lastParentHash = hash;
    }
    return this.#lastParent;
  }

  #find(hash: BlockHash): Spread<Delivery> | undefined {
    if (hash === this.#lastHash) return this.#lastSpread;
    const spread = this.#spreads.get(hash);
    if (spread === undefined) return undefined;
    this.#lastHash = hash;
    this.#lastSpread = spread;
    return spread;
  }

  #of(hash: BlockHash): Spread<Delivery> {
    const known = this.#find(hash);
    if (known !== undefined) return known;
    for (const [oldest, { later }] of this.#spreads) {
      if (this.#spreads.size < BLOCKS_MAX) break;
      // A block for which something waits is kept, so that nothing is ever lost.
      if (later.size > 0) break;
      this.#spreads.delete(oldest);
    }
    const firstAtMs = new Float64Array(this.#nodeCount).fill(Infinity);
    const spread = { hasIt: new Uint8Array(this.#nodeCount), firstAtMs, later: new Map() };
    this.#spreads.set(hash, spread);
    this.#lastHash = hash;
    this.#lastSpread = spread;
    // It may be the one that was just made or forgotten.
    this.#lastParentHash = undefined;
    return spread;
  }
}

const NOTHING: readonly never[] = [];
