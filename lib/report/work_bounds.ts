/**
 * What proof of work allows at a measured hash rate H: one block every w / H on average, and so at most
 * capacity · H / w transactions a second. A block's work w is 16^d, or where the difficulty is adjusted
 * what the blocks took on average.
 *
 * @module
 */
import { hashesPerBlock } from "../measure/run_metrics.ts";
import type { Cell } from "../measure/run_record.ts";
import type { CellSummary } from "../measure/summary.ts";

/** A cell's bounds. */
export interface Bounds {
  readonly hashRate: number;
  readonly blockTimeMs: number;
  readonly txPerSecond: number;
}

/** Null where no hash rate was measured, or the blocks' work is not known. */
export function boundsOf({ cell, metrics }: CellSummary): Bounds | null {
  const hashRate = metrics.hashRateMeasured?.mean;
  if (hashRate === undefined || hashRate <= 0) return null;
  const work = workPerBlock(cell, metrics);
  if (work === null) return null;
  const blocksPerSecond = hashRate / work;
  return {
    hashRate,
    blockTimeMs: 1000 / blocksPerSecond,
    txPerSecond: cell.capacity * blocksPerSecond,
  };
}

function workPerBlock(cell: Cell, metrics: CellSummary["metrics"]): number | null {
  const { difficulty, difficultyAdjustment: adjustment } = cell;
  if (adjustment === undefined || adjustment === "none") return hashesPerBlock(difficulty);

  // All blocks' work in a second of mining, times the seconds for one block.
  const { hashRateImplied, miningTimeMs } = metrics;
  return hashRateImplied === undefined || miningTimeMs === undefined
    ? null
    : hashRateImplied.mean * miningTimeMs.mean / 1000;
}

/**
 * The share of blocks that go stale when a block takes `spreadMs` to the last node: at most the chance
 * that somebody finds another one meanwhile, 1 - exp(-spread / interval).
 */
export function staleRateBound(spreadMs: number, intervalMs: number): number {
  return 1 - Math.exp(-spreadMs / intervalMs);
}
