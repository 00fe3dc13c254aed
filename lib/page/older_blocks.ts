/**
 * Blocks from before a picture began: asked for by range when somebody scrolls back to them.
 *
 * They change nothing of what was counted: figures are of the time since the picture began. Pure.
 *
 * @module
 */
import type { BlockEvent, FeedEvent } from "./feed.ts";
import { addOlderBlock, BLOCKS_KEPT_MAX, markOlderMain } from "./apply_event.ts";
import type { NetworkView, ViewBlock } from "./network_view.ts";

/** The most heights of one answer. */
export const OLDER_HEIGHTS_MAX = 500;

/** Blocks of some heights, and which of them are on the main chain. */
export interface OlderBlocks {
  readonly blocks: readonly BlockEvent[];
  readonly seen: readonly (FeedEvent & { readonly kind: "seen" })[];
  readonly main: readonly string[];
}

/** What a picture has of these heights. */
export function olderBlocksOf(view: NetworkView, from: number, to: number): OlderBlocks {
  const blocks: BlockEvent[] = [];
  const seen: (FeedEvent & { readonly kind: "seen" })[] = [];
  const main: string[] = [];
  for (let height = from; height <= Math.min(to, view.highestHeight); height++) {
    for (const id of view.levels[height] ?? []) {
      const block = view.blocks.get(id);
      if (block === undefined) continue;
      blocks.push(blockEventOf(block));
      block.seen.forEach((seenAt, node) => {
        if (seenAt !== undefined) seen.push({ kind: "seen", at: seenAt, id, node });
      });
      if (block.isMain) main.push(id);
    }
  }
  return { blocks, seen, main };
}

/** A block of a picture, as it was told. */
export function blockEventOf(
  { at, id, parent, height, miner, transactions, txids, difficulty, stamp }: ViewBlock,
): BlockEvent {
  return {
    kind: "block",
    at,
    id,
    parent,
    height,
    miner,
    transactions,
    ...(txids !== undefined && { txids }),
    ...(difficulty !== undefined && { difficulty }),
    stamp,
  };
}

/** Takes them into a picture that has room for them; what it has already stays as it is. */
export function takeOlderBlocks(view: NetworkView, { blocks, seen, main }: OlderBlocks): void {
  if (view.blocks.size + blocks.length > BLOCKS_KEPT_MAX) return;
  for (const block of blocks) addOlderBlock(view, block);
  for (const { id, node, at } of seen) {
    const block = view.blocks.get(id);
    if (block !== undefined) block.seen[node] ??= at;
  }
  markOlderMain(view, main);
  view.version++;
}

/** Whether all heights of this range are in the picture, as far as there are blocks. */
export function hasHeights(view: NetworkView, from: number, to: number): boolean {
  for (let height = from; height <= Math.min(to, view.highestHeight); height++) {
    if (view.levels[height] === undefined) return false;
  }
  return true;
}
