/**
 * Where each block of the fork tree stands: one column a height, one lane a branch, the main chain in the
 * uppermost.
 *
 * Looks at the heights that are shown and a few below, never at the whole chain. Pure.
 *
 * @module
 */
import { blocksAt, type NetworkView, parentOf, type ViewBlock } from "../../page/network_view.ts";

export interface PlacedBlock {
  readonly block: ViewBlock;
  readonly lane: number;
  /** The lane of its parent; `undefined` when that is not known. */
  readonly parentLane: number | undefined;
}

export interface TreeLayout {
  readonly placed: readonly PlacedBlock[];
  readonly laneCount: number;
}

/** Branches that began so far below what is shown keep their lane. */
const HEIGHTS_BEFORE = 24;
/** More lanes are not drawn: a height with so many blocks is told in numbers. */
export const LANES_MAX = 12;

/**
 * Places the blocks of these heights.
 *
 * @param from the lowest height that is shown
 * @param to the highest height that is shown
 */
export function layoutTree(view: NetworkView, from: number, to: number): TreeLayout {
  const lanes = new Map<string, number>();
  /** By lane: the height at which its last branch ends. */
  const ends: number[] = [];
  const placed: PlacedBlock[] = [];
  let laneCount = 1;

  for (let height = Math.max(view.lowestHeight, from - HEIGHTS_BEFORE); height <= to; height++) {
    const ids = view.levels[height] ?? [];
    const mainId = view.main[height];
    if (mainId !== undefined) lanes.set(mainId, 0);
    for (const id of ids) {
      const block = view.blocks.get(id);
      if (block === undefined || lanes.has(id)) continue;
      lanes.set(id, laneOf(view, block, { lanes, ends }));
    }
    if (height < from) continue;
    for (const id of ids) {
      const block = view.blocks.get(id);
      const lane = lanes.get(id);
      if (block === undefined || lane === undefined || lane >= LANES_MAX) continue;
      laneCount = Math.max(laneCount, lane + 1);
      placed.push({ block, lane, parentLane: lanes.get(block.parent) });
    }
  }
  return { placed, laneCount };
}

/** A block goes on in its parent's lane if that is a side lane and it is the first child there. */
function laneOf(
  view: NetworkView,
  block: ViewBlock,
  { lanes, ends }: { readonly lanes: ReadonlyMap<string, number>; readonly ends: number[] },
): number {
  const parent = parentOf(view, block);
  const parentLane = lanes.get(block.parent);
  if (parent !== undefined && parentLane !== undefined && parentLane > 0) {
    const first = parent.children.find((id) => view.blocks.get(id)?.isMain === false);
    if (first === block.id) return parentLane;
  }
  let lane = 1;
  // The edge from the parent takes the column before.
  while ((ends[lane] ?? -Infinity) >= block.height - 1) lane++;
  ends[lane] = endOf(view, block);
  return lane;
}

/** The height at which the branch that begins with a block ends. */
function endOf(view: NetworkView, block: ViewBlock): number {
  let last = block;
  for (let steps = 0; steps < 1_000; steps++) {
    const next = last.children.map((id) => view.blocks.get(id))
      .find((child) => child !== undefined && !child.isMain);
    if (next === undefined) break;
    last = next;
  }
  return last.height;
}

/** So many blocks in so many ms are more than an eye can follow one by one. */
const HASTY_BLOCKS = 10;
const HASTY_MS = 2_000;

/** Whether blocks come faster than their movement can be shown. */
export function isHasty(view: NetworkView): boolean {
  const best = view.best === undefined ? undefined : view.blocks.get(view.best);
  if (best === undefined) return false;
  const before = view.blocks.get(view.main[best.height - HASTY_BLOCKS] ?? "");
  return before !== undefined && best.at - before.at < HASTY_MS;
}

/** How a block stands: on the main chain, beside it for good, or still in the race. */
export type Standing = "main" | "rival" | "stale";

export function standingOf(view: NetworkView, block: ViewBlock): Standing {
  if (block.isMain) return "main";
  const best = view.best === undefined ? undefined : view.blocks.get(view.best);
  if (best === undefined) return "rival";
  let top = block;
  while (top.children.length > 0) {
    const next = top.children.map((id) => view.blocks.get(id)).find((child) => child !== undefined);
    if (next === undefined) break;
    top = next;
  }
  return top.height >= best.height ? "rival" : "stale";
}

/** The blocks beside the main chain whose race is not decided: their branch is as high as the best tip. */
export function rivalsOf(view: NetworkView): ReadonlySet<ViewBlock> {
  const rivals = new Set<ViewBlock>();
  const best = view.best === undefined ? undefined : view.blocks.get(view.best);
  if (best === undefined) return rivals;
  for (let height = best.height; height <= view.highestHeight; height++) {
    const tops = blocksAt(view, height);
    // The first one above the best tip is its next one, of which no node has told yet.
    for (const top of height === best.height ? tops : tops.slice(1)) {
      let block: ViewBlock | undefined = top;
      while (block !== undefined && !block.isMain && !rivals.has(block)) {
        rivals.add(block);
        block = parentOf(view, block);
      }
    }
  }
  return rivals;
}

/** The nearest height above (or below) a height at which there is more than one block. */
export function nextFork(view: NetworkView, height: number, step: 1 | -1): number | undefined {
  for (
    let at = height + step;
    at >= view.lowestHeight && at <= view.highestHeight;
    at += step
  ) {
    if ((view.levels[at]?.length ?? 0) > 1) return at;
  }
  return undefined;
}

/** The block to which a key moves the focus; `undefined` where there is none. */
export function neighbourOf(
  view: NetworkView,
  block: ViewBlock,
  key: string,
): ViewBlock | undefined {
  const beside = blocksAt(view, block.height);
  const index = beside.findIndex(({ id }) => id === block.id);
  switch (key) {
    case "ArrowLeft":
      return parentOf(view, block);
    case "ArrowRight": {
      const children = block.children.map((id) => view.blocks.get(id))
        .filter((child) => child !== undefined);
      return children.find(({ isMain }) => isMain) ?? children[0];
    }
    case "ArrowUp":
      return beside[index - 1];
    case "ArrowDown":
      return beside[index + 1];
    case "Home":
      return blocksAt(view, view.lowestHeight)[0];
    case "End":
      return view.best === undefined ? undefined : view.blocks.get(view.best);
    default:
      return undefined;
  }
}
