/**
 * The figures of a picture: rates and means over its last seconds.
 *
 * Seconds that have not ended yet are left out. Pure.
 *
 * @module
 */
import {
  type NetworkView,
  parentOf,
  tipsOf,
  type ViewBlock,
  type ViewSecond,
} from "../../page/network_view.ts";
import { rivalsOf } from "./tree_layout.ts";

export interface Figures {
  readonly height: number;
  readonly tipCount: number;
  /** Transactions a second. */
  readonly throughput: number;
  /** Mean ms between main-chain blocks; `undefined` with fewer than two. */
  readonly intervalMs: number | undefined;
  /** Blocks that lost for good; those whose race goes on are not among them. */
  readonly staleCount: number;
  readonly staleShare: number | undefined;
  readonly waiting: number;
  readonly lastBlockAt: number | undefined;
}

const THROUGHPUT_SECONDS = 10;
const INTERVAL_MS = 60_000;
const INTERVAL_BLOCKS_MAX = 500;

export function figuresOf(view: NetworkView, nowMs: number): Figures {
  const best = view.best === undefined ? undefined : view.blocks.get(view.best);
  const staleCount = Math.max(0, view.besideCount - rivalsOf(view).size);
  return {
    height: best?.height ?? 0,
    tipCount: tipsOf(view).size,
    throughput: throughputOf(view, nowMs),
    intervalMs: intervalOf(view, best, nowMs),
    staleCount,
    staleShare: view.blockCount === 0 ? undefined : staleCount / view.blockCount,
    waiting: Math.max(0, ...view.nodes.map(({ gauge }) => gauge?.pool ?? 0)),
    lastBlockAt: best === undefined || best.height === 0 ? undefined : best.at,
  };
}

function throughputOf(view: NetworkView, nowMs: number): number {
  const from = nowMs / 1000 - THROUGHPUT_SECONDS;
  let confirmed = 0;
  for (let index = view.seconds.length - 1; index >= 0; index--) {
    const second = view.seconds[index] as ViewSecond;
    if (second.second < from) break;
    confirmed += second.confirmed;
  }
  return Math.max(0, confirmed) / THROUGHPUT_SECONDS;
}

function intervalOf(
  view: NetworkView,
  best: ViewBlock | undefined,
  nowMs: number,
): number | undefined {
  if (best === undefined) return undefined;
  let first = best;
  for (let count = 0; count < INTERVAL_BLOCKS_MAX; count++) {
    const parent = parentOf(view, first);
    if (parent === undefined || parent.height === 0 || parent.at < nowMs - INTERVAL_MS) break;
    first = parent;
  }
  const blocks = best.height - first.height;
  return blocks < 1 ? undefined : Math.max(0, best.at - first.at) / blocks;
}
