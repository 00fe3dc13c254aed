/**
 * Puts two result folders side by side: each cell that both have, the difference and its significance.
 *
 * Pure. Called by `noobcash report compare`.
 *
 * @module
 */
import { type MetricKey, METRICS } from "../measure/metric_table.ts";
import { type Cell, formatCell } from "../measure/run_record.ts";
import { SIGNIFICANCE_LEVEL, welchTest } from "../statistics/significance.ts";
import type { Results } from "../measure/summary.ts";

/** One figure of one cell in both folders. */
export interface ComparedFigure {
  readonly cell: Cell;
  readonly metric: MetricKey;
  readonly meanA: number;
  readonly meanB: number;
  readonly ratio: number;

  /** How likely so large a difference is by chance; null with single runs. */
  readonly p: number | null;
  readonly verdict: "better" | "worse" | "different" | "no difference found" | "single runs";
}

/** The figures that are compared when nobody says which. */
const COMPARED_METRICS: readonly MetricKey[] = [
  "txPerSecond",
  "blockTimeMs",
  "confirmedP50Ms",
  "confirmedP99Ms",
  "staleRate",
  "efficiency",
  "bytesPerTransaction",
  "cpuMsPerNode",
];

export function compareResults(
  a: Results,
  b: Results,
  metrics: readonly MetricKey[] = COMPARED_METRICS,
): readonly ComparedFigure[] {
  const cellsOfB = new Map(b.cells.map((summary) => [formatCell(summary.cell), summary]));
  return a.cells.flatMap((summaryA) => {
    const summaryB = cellsOfB.get(formatCell(summaryA.cell));
    return metrics.flatMap((metric): ComparedFigure[] => {
      const valuesA = summaryA.metrics[metric]?.values;
      const valuesB = summaryB?.metrics[metric]?.values;
      if (valuesA === undefined || valuesB === undefined) return [];
      const { meanA, meanB, ratio, p } = welchTest(valuesA, valuesB);
      return [{
        cell: summaryA.cell,
        metric,
        meanA,
        meanB,
        ratio,
        p,
        verdict: verdictOf(metric, meanB - meanA, p),
      }];
    });
  });
}

function verdictOf(
  metric: MetricKey,
  difference: number,
  p: number | null,
): ComparedFigure["verdict"] {
  if (p === null) return "single runs";
  if (p >= SIGNIFICANCE_LEVEL || difference === 0) return "no difference found";
  const { moreIsBetter } = METRICS[metric];
  if (moreIsBetter === null) return "different";
  return (difference > 0) === moreIsBetter ? "better" : "worse";
}
