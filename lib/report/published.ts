/**
 * What others published: the reference implementation's report and the best of eighteen further
 * implementations of the same assignment. All nodes together; single runs, five virtual machines of
 * two cores and 2 GB each.
 *
 * @module
 */
import type { Cell } from "../measure/run_record.ts";

/** Published figures of one cell; null where there are none. */
export interface PublishedFigures {
  readonly referenceTxPerSecond: number;
  readonly referenceBlockTimeMs: number;

  /** The best of the eighteen others. */
  readonly othersTxPerSecond: number;
}

/** Rows of `[nodes, capacity, difficulty, reference tx/s, reference block time in s, others' tx/s]`. */
const ROWS: readonly (readonly [number, number, number, number, number, number])[] = [
  [5, 1, 4, 1.06, 0.22, 5.60],
  [5, 5, 4, 2.30, 0.32, 8.01],
  [5, 10, 4, 3.65, 0.12, 13.55],
  [5, 1, 5, 0.09, 2.28, 0.43],
  [5, 5, 5, 0.21, 8.77, 1.19],
  [5, 10, 5, 0.22, 13.08, 1.80],
  [10, 1, 4, 0.67, 0.04, 7.37],
  [10, 5, 4, 4.87, 0.10, 9.56],
  [10, 10, 4, 8.11, 0.18, 14.05],
  [10, 1, 5, 0.20, 0.34, 0.72],
  [10, 5, 5, 0.46, 0.99, 2.35],
  [10, 10, 5, 0.62, 2.32, 3.60],
];

/** The published figures of a cell, where there are any. */
export function publishedFigures(cell: Cell): PublishedFigures | undefined {
  const row = ROWS.find(([nodes, capacity, difficulty]) =>
    nodes === cell.nodes && capacity === cell.capacity && difficulty === cell.difficulty
  );
  return row === undefined ? undefined : {
    referenceTxPerSecond: row[3],
    referenceBlockTimeMs: row[4] * 1000,
    othersTxPerSecond: row[5],
  };
}

/** The best throughput that anybody published for a cell. */
export function bestPublished(
  { referenceTxPerSecond, othersTxPerSecond }: PublishedFigures,
): number {
  return Math.max(referenceTxPerSecond, othersTxPerSecond);
}
