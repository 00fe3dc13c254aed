/**
 * Bodies and undo data of the tree's blocks: the newest from memory, the others from whoever keeps them.
 *
 * What the chain hands out in a change is durable only later; until the chain is told so, it lies here.
 * So a reorganisation finds every block, and memory does not grow with the chain.
 * Invariant: whatever was kept is here or with the reader.
 *
 * @module
 */
import { LazyMap } from "../lazy_map.ts";
import {
  type Block,
  type BlockExtent,
  encodeBlock,
  extentOf,
  sizeOfBlockBytes,
} from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { UtxoDelta } from "./utxo.ts";

/** Bodies and undo data of blocks that were handed out in a change before. Synchronous. */
export interface BlockReader {
  /** What it gives back lies in memory anyway: nothing is kept here longer than it has to be. */
  readonly isInMemory?: boolean;
  readBlock(hash: BlockHash): Block | undefined;
  readDelta(hash: BlockHash): UtxoDelta | undefined;
  /** A block as it is encoded, of a reader that keeps it so: no transaction is made an object. */
  readEncodedBlock?(hash: BlockHash): Uint8Array | undefined;
  /** How much there is to a block, of a reader that knows without reading all of it. */
  readExtent?(hash: BlockHash): BlockExtent | undefined;
}

/** How many of the newest blocks stay in memory, whatever the store does. */
export const RECENT_BLOCKS_MAX = 32;
/**
 * The most bytes of them, as encoded: in memory a payment takes five times as much, and what lives is what a
 * collection of garbage costs.
 */
export const RECENT_BLOCKS_SIZE_BYTES_MAX = 4 * 1024 * 1024;
/** So many stay however large they are: a short reorganisation reads no disk. */
export const RECENT_BLOCKS_MIN = 3;

/** The most bytes of them in a node at rest: nobody is about to ask for them. */
export const RESTING_BLOCKS_SIZE_BYTES_MAX = 1024 * 1024;

interface RecentBlock {
  readonly block: Block;
  delta: UtxoDelta | undefined;
  readonly sizeBytes: number;
}

export class RecentBlocks {
  readonly #reader: BlockReader;
  /** The only block that a reader in memory does not have yet: mostly it is no more than one. */
  #only: RecentBlock | undefined;
  /** The oldest first. */
  readonly #recent = new LazyMap<BlockHash, RecentBlock>();
  #sizeBytes = 0;

  constructor(reader: BlockReader) {
    this.#reader = reader;
  }

  /** Keeps a block; with its undo data once it has been connected. */
  keep(block: Block, delta?: UtxoDelta): void {
    const kept = this.#find(block.hash);
    if (kept !== undefined) {
      kept.delta = delta;
      return;
    }
    if (this.#reader.isInMemory === true && this.#only === undefined) {
      this.#only = { block, delta, sizeBytes: 0 };
      return;
    }
    const sizeBytes = sizeOfBlockBytes(block.transactions);
    this.#sizeBytes += sizeBytes;
    this.#recent.set(block.hash, { block, delta, sizeBytes });
  }

  /** How many blocks lie in memory. */
  get size(): number {
    return this.#recent.size + (this.#only === undefined ? 0 : 1);
  }

  block(hash: BlockHash): Block | undefined {
    return this.#find(hash)?.block ?? this.#reader.readBlock(hash);
  }

  /** A block's encoding, by the cheapest way there is. */
  encodedBlock(hash: BlockHash): Uint8Array | undefined {
    const recent = this.#find(hash)?.block;
    if (recent === undefined && this.#reader.readEncodedBlock !== undefined) {
      return this.#reader.readEncodedBlock(hash);
    }
    const block = recent ?? this.#reader.readBlock(hash);
    return block && encodeBlock(block);
  }

  /** How much there is to a block. */
  extent(hash: BlockHash): BlockExtent | undefined {
    const recent = this.#find(hash)?.block;
    if (recent === undefined && this.#reader.readExtent !== undefined) {
      return this.#reader.readExtent(hash);
    }
    const block = recent ?? this.#reader.readBlock(hash);
    return block && extentOf(block);
  }

  delta(hash: BlockHash): UtxoDelta | undefined {
    return this.#find(hash)?.delta ?? this.#reader.readDelta(hash);
  }

  #find(hash: BlockHash): RecentBlock | undefined {
    return this.#only?.block.hash === hash ? this.#only : this.#recent.get(hash);
  }

  /** Forgets what the reader has by now, but for so many bytes, or so many blocks, of the newest ones. */
  releasePersisted(
    sizeBytesMax = RECENT_BLOCKS_SIZE_BYTES_MAX,
    countMin = RECENT_BLOCKS_MIN,
  ): void {
    if (this.#reader.isInMemory === true) {
      this.#only = undefined;
      // A map that is cleared gets a new table each time.
      if (this.#recent.size > 0) this.#recent.clear();
      this.#sizeBytes = 0;
      return;
    }
    for (const [hash, { sizeBytes }] of this.#recent) {
      const isSmall = this.#recent.size <= RECENT_BLOCKS_MAX &&
        this.#sizeBytes <= sizeBytesMax;
      if (isSmall || this.#recent.size <= countMin) break;
      this.#recent.delete(hash);
      this.#sizeBytes -= sizeBytes;
    }
  }
}
