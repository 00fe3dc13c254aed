/**
 * What proof of work allows at a measured hash rate H: one block every 16^d / H on average, and so at
 * most capacity · H / 16^d transactions a second.
 *
 * @module
 */
import { hashesPerBlock } from "../measure/run_metrics.ts";
import type { CellSummary } from "../measure/summary.ts";

/** A cell's bounds; null where no hash rate was measured. */
export interface Bounds {
  readonly hashRate: number;
  readonly blockTimeMs: number;
  readonly txPerSecond: number;
}

export function boundsOf({ cell, metrics }: CellSummary): Bounds | null {
  const hashRate = metrics.hashRateMeasured?.mean;
  if (hashRate === undefined || hashRate <= 0) return null;
  const blocksPerSecond = hashRate / hashesPerBlock(cell.difficulty);
  return {
    hashRate,
    blockTimeMs: 1000 / blocksPerSecond,
    txPerSecond: cell.capacity * blocksPerSecond,
  };
}

/**
 * The share of blocks that go stale when a block takes `spreadMs` to the last node: at most the chance
 * that somebody finds another one meanwhile, 1 - exp(-spread / interval).
 */
export function staleRateBound(spreadMs: number, intervalMs: number): number {
  return 1 - Math.exp(-spreadMs / intervalMs);
}
