/**
 * Blocks whose parent is not here yet: those that a parallel download brings out of order.
 *
 * Bounded in number and bytes; the oldest leaves first.
 *
 * @module
 */
import { LazyMap } from "../lazy_map.ts";
import { type Block, sizeOfBlockBytes } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";

/** The most blocks that are held. */
export const ORPHAN_BLOCKS_MAX = 512;
/** The most bytes that are held. */
export const ORPHAN_BLOCKS_SIZE_BYTES_MAX = 64 * 1024 * 1024;

export class OrphanBlocks {
  readonly #byHash = new LazyMap<BlockHash, { block: Block; sizeBytes: number }>();
  readonly #byParent = new LazyMap<BlockHash, Set<BlockHash>>();
  #sizeBytes = 0;

  get size(): number {
    return this.#byHash.size;
  }

  has(hash: BlockHash): boolean {
    return this.#byHash.has(hash);
  }

  get(hash: BlockHash): Block | undefined {
    return this.#byHash.get(hash)?.block;
  }

  hold(block: Block): void {
    if (this.#byHash.has(block.hash)) return;
    const sizeBytes = sizeOfBlockBytes(block.transactions);
    for (const oldest of this.#byHash.keys()) {
      const fits = this.#byHash.size < ORPHAN_BLOCKS_MAX &&
        this.#sizeBytes + sizeBytes <= ORPHAN_BLOCKS_SIZE_BYTES_MAX;
      if (fits) break;
      this.#drop(oldest);
    }

    this.#byHash.set(block.hash, { block, sizeBytes });
    this.#sizeBytes += sizeBytes;
    const { previousHash } = block.header;
    const siblings = this.#byParent.get(previousHash);
    if (siblings === undefined) this.#byParent.set(previousHash, new Set([block.hash]));
    else siblings.add(block.hash);
  }

  /** Hands out the children of a block that has come in; they are no longer held. */
  takeChildrenOf(parent: BlockHash): Block[] {
    const children = this.#byParent.get(parent);
    if (children === undefined) return [];
    const taken: Block[] = [];
    for (const hash of [...children]) {
      const held = this.#byHash.get(hash);
      if (held !== undefined) taken.push(held.block);
      this.#drop(hash);
    }
    return taken;
  }

  #drop(hash: BlockHash): void {
    const held = this.#byHash.get(hash);
    if (held === undefined) return;
    this.#byHash.delete(hash);
    this.#sizeBytes -= held.sizeBytes;
    const { previousHash } = held.block.header;
    const siblings = this.#byParent.get(previousHash);
    siblings?.delete(hash);
    if (siblings?.size === 0) this.#byParent.delete(previousHash);
  }
}
