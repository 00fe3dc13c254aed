/**
 * Turns summaries into the rows that the plots draw: one row per point, with its interval and source.
 *
 * Pure. Called by `plots.ts`.
 *
 * @module
 */
import type { MetricKey } from "../measure/metric_table.ts";
import type { CellSummary, MetricSummary, Results } from "../measure/summary.ts";
import { type PublishedFigures, publishedFigures } from "./published.ts";
import type { ReportTexts } from "./texts.ts";
import { type Bounds, boundsOf, staleRateBound } from "./work_bounds.ts";

/** Where a point comes from, in the order of the legend. */
export const SOURCES = ["ours", "theory", "reference", "others"] as const;
export type Source = (typeof SOURCES)[number];

/** A point of a plot, in the words that its reader sees. */
export interface PlotRow {
  readonly nodes: string;
  readonly nodeCount: number;
  readonly difficultyZeros: number;
  readonly capacity: number;
  readonly difficulty: string;
  readonly series: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Our figure, the bound and what was published, for every cell. */
export function comparisonRows(
  { cells }: Results,
  metric: "txPerSecond" | "blockTimeMs",
  text: ReportTexts,
): readonly PlotRow[] {
  const isThroughput = metric === "txPerSecond";
  return cells.flatMap((cell) => {
    const published = publishedFigures(cell.cell);
    return [
      ...measuredRow(cell, cell.metrics[metric], text),
      ...row(cell, text("source.theory"), boundsOf(cell)?.[metric as keyof Bounds], text),
      ...row(
        cell,
        text("source.reference"),
        published?.[
          (isThroughput
            ? "referenceTxPerSecond"
            : "referenceBlockTimeMs") satisfies keyof PublishedFigures
        ],
        text,
      ),
      ...(isThroughput ? row(cell, text("source.others"), published?.othersTxPerSecond, text) : []),
    ];
  });
}

const STAGES = [
  ["answered", "answeredP50Ms", null, "answeredP99Ms"],
  ["seenByAll", "seenByAllP50Ms", "seenByAllP95Ms", "seenByAllP99Ms"],
  ["inBlock", "inBlockP50Ms", "inBlockP95Ms", "inBlockP99Ms"],
  ["confirmed", "confirmedP50Ms", "confirmedP95Ms", "confirmedP99Ms"],
] as const satisfies readonly (readonly [string, ...(MetricKey | null)[]])[];

/** The stages of a payment, in order. */
export function stageNames(text: ReportTexts): readonly string[] {
  return STAGES.map(([stage]) => text(`stage.${stage}`));
}

/** Latency by stage: p50, p95, p99. */
export function latencyRows(
  { cells }: Results,
  text: ReportTexts,
): readonly (PlotRow & { readonly stage: string })[] {
  return cells.flatMap((cell) =>
    STAGES.flatMap(([stage, p50, p95, p99]) =>
      ([["p50", p50], ["p95", p95], ["p99", p99]] as const).flatMap(([quantile, key]) =>
        row(cell, quantile, key === null ? undefined : cell.metrics[key]?.mean, text)
          .map((point) => ({ ...point, stage: text(`stage.${stage}`) }))
      )
    )
  );
}

/** Stale blocks of all found, with the bound from how long blocks travel. */
export function forkRows({ cells }: Results, text: ReportTexts): readonly PlotRow[] {
  return cells.flatMap((cell) => {
    const spreadMs = cell.metrics.blockSpreadMs?.mean;
    const intervalMs = cell.metrics.miningTimeMs?.mean;
    return [
      ...measuredRow(cell, cell.metrics.staleRate, text),
      ...row(
        cell,
        text("source.theory"),
        spreadMs === undefined || intervalMs === undefined
          ? undefined
          : staleRateBound(spreadMs, intervalMs),
        text,
      ),
    ];
  });
}

/** Efficiency of each cell. */
export function efficiencyRows({ cells }: Results, text: ReportTexts): readonly PlotRow[] {
  return cells.flatMap((cell) => measuredRow(cell, cell.metrics.efficiency, text));
}

function measuredRow(
  cell: CellSummary,
  summary: MetricSummary | undefined,
  text: ReportTexts,
): readonly PlotRow[] {
  if (summary === undefined) return [];
  const { mean, halfWidth } = summary;
  const [point] = row(cell, text("source.ours"), mean, text);
  if (point === undefined || halfWidth === null) return point === undefined ? [] : [point];

  // The lower end stays where a logarithmic axis can show it.
  return [{ ...point, low: Math.max(mean - halfWidth, mean / 20), high: mean + halfWidth }];
}

function row(
  { cell }: CellSummary,
  series: string,
  value: number | undefined,
  text: ReportTexts,
): readonly PlotRow[] {
  return value === undefined ? [] : [{
    nodes: text("slice.nodes", { value: cell.nodes }),
    nodeCount: cell.nodes,
    capacity: cell.capacity,
    difficulty: text("slice.difficulty", { value: cell.difficulty }),
    difficultyZeros: cell.difficulty,
    series,
    value,
    low: null,
    high: null,
  }];
}
