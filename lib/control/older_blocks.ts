/**
 * Fills the room's picture downwards: asks a node for older blocks when somebody scrolls to them.
 *
 * A cluster on an old chain tells its newest heights first. Which of the older ones are on the main chain
 * follows from each block's parent.
 *
 * @module
 */
import {
  hasHeights,
  type OlderBlocks,
  olderBlocksOf,
  takeOlderBlocks,
} from "../page/older_blocks.ts";
import type { NetworkView } from "../page/network_view.ts";
import { LAB_PATH, type LabBlocks } from "../wire/lab.ts";
import { blockEventOf } from "./merge_feed.ts";

const CALL_MS_MAX = 5_000;

export interface OlderSource {
  /** Nodes that can be asked now. */
  readonly urls: readonly string[];
  readonly secret: string;
}

/** The blocks of these heights: those of the picture, completed by the first node that answers. */
export async function readOlderBlocks(
  view: NetworkView,
  { from, to, source }: {
    readonly from: number;
    readonly to: number;
    readonly source: OlderSource;
  },
): Promise<OlderBlocks> {
  for (const url of source.urls) {
    if (hasHeights(view, from, to)) break;
    const found = await askNode(view, { url, from, to, secret: source.secret });
    if (found !== undefined) takeOlderBlocks(view, found);
  }
  return olderBlocksOf(view, from, to);
}

async function askNode(
  view: NetworkView,
  { url, from, to, secret }: {
    readonly url: string;
    readonly from: number;
    readonly to: number;
    readonly secret: string;
  },
): Promise<OlderBlocks | undefined> {
  try {
    const response = await fetch(`${url}${LAB_PATH}/blocks?from=${from}&to=${to}`, {
      headers: { authorization: `Bearer ${secret}` },
      signal: AbortSignal.timeout(CALL_MS_MAX),
    });
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    const { blocks } = await response.json() as LabBlocks;
    const events = blocks.map((block) => blockEventOf(block, 0, view.head));
    return { blocks: events, seen: [], main: mainOf(view, events, to) };
  } catch {
    // The node is down: another one is asked.
    return undefined;
  }
}

/** Walks down from the block above; without one, from the highest of a height that has a single block. */
function mainOf(
  view: NetworkView,
  blocks: OlderBlocks["blocks"],
  to: number,
): readonly string[] {
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const above = view.blocks.get(view.main[to + 1] ?? "");
  let next = byId.get(above?.parent ?? "");
  for (let height = to; next === undefined && above === undefined && height >= 0; height--) {
    const level = blocks.filter((block) => block.height === height);
    if (level.length === 1) next = level[0];
  }
  const main: string[] = [];
  for (; next !== undefined; next = byId.get(next.parent)) main.push(next.id);
  return main;
}
