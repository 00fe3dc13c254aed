/**
 * Summarises the repetitions of each cell: mean, standard deviation, 95 % confidence interval.
 *
 * Only valid runs are averaged; invalid ones are listed with their reasons. Pure.
 *
 * Called by the experiment (results.json, results.csv) and by the report.
 *
 * @module
 */
import { deviation, estimate } from "../statistics/estimate.ts";
import { csvOfTable, type Table, tableOfRows } from "../table/table.ts";
import { METRIC_KEYS, type MetricKey, METRICS } from "./metric_table.ts";
import { computeMetrics, type RunMetrics } from "./run_metrics.ts";
import { type Cell, type Finding, formatCell, type RunData } from "./run_record.ts";

/** A figure over the valid repetitions of a cell. */
export interface MetricSummary {
  readonly mean: number;
  readonly deviation: number;

  /** Half width of the 95 % confidence interval; null with a single value. */
  readonly halfWidth: number | null;
  readonly values: readonly number[];
}

/** One run's figures and verdict. */
export interface RunSummary {
  readonly cell: Cell;
  readonly repeat: number;
  readonly metrics: RunMetrics;
  readonly invalid: readonly Finding[];
  readonly warnings: readonly Finding[];

  /** Payments a second that the load generator can make; null when it was not measured. */
  readonly generatorLimitPerSecond: number | null;
}

/** One cell's figures. */
export interface CellSummary {
  readonly cell: Cell;
  readonly validRuns: number;
  readonly invalidRuns: number;
  readonly metrics: Readonly<Partial<Record<MetricKey, MetricSummary>>>;
}

export interface Results {
  readonly cells: readonly CellSummary[];
  readonly runs: readonly RunSummary[];
}

/** Computes each run's figures. */
export function summarizeRun(data: RunData): RunSummary {
  const { cell, repeat, invalid, warnings, load, network } = data.run;
  const metrics = computeMetrics(data);
  const difficultyAdjustment = network.rules?.difficultyAdjustment;
  return {
    cell: difficultyAdjustment === undefined ? cell : { ...cell, difficultyAdjustment },
    repeat,
    metrics,
    invalid,
    warnings,
    generatorLimitPerSecond: load.limitPerSecond,
  };
}

/** Groups runs by cell, in the order in which cells first appear. */
export function summarizeRuns(runs: readonly RunSummary[]): Results {
  const byCell = Map.groupBy(runs, ({ cell }) => formatCell(cell));
  const cells = [...byCell.values()].map((cellRuns): CellSummary => {
    const valid = cellRuns.filter(({ invalid }) => invalid.length === 0);
    const metrics: Partial<Record<MetricKey, MetricSummary>> = {};
    for (const key of METRIC_KEYS) {
      const values = valid.flatMap((run) => METRICS[key].valueOf(run.metrics) ?? []);
      if (values.length > 0) metrics[key] = summarizeValues(values);
    }
    const { cell } = cellRuns[0] as RunSummary;
    return {
      cell,
      validRuns: valid.length,
      invalidRuns: cellRuns.length - valid.length,
      metrics,
    };
  });
  return { cells, runs };
}

function summarizeValues(values: readonly number[]): MetricSummary {
  const { mean, halfWidth } = estimate(values);
  return {
    mean,
    deviation: deviation(values),
    halfWidth: Number.isFinite(halfWidth) ? halfWidth : null,
    values,
  };
}

/** One row per cell and figure: what a spreadsheet wants. */
export function formatCsv(results: Results): string {
  return csvOfTable(tableOfResults(results));
}

/** The same as columns, for Parquet. */
export function tableOfResults({ cells }: Results): Table {
  return tableOfRows(cells.flatMap(({ cell, metrics }) =>
    METRIC_KEYS.flatMap((key) => {
      const summary = metrics[key];
      if (summary === undefined) return [];
      return [{
        nodes: cell.nodes,
        capacity: cell.capacity,
        difficulty: cell.difficulty,
        metric: key,
        unit: METRICS[key].unit,
        mean: summary.mean,
        deviation: summary.deviation,
        half_width_95: summary.halfWidth ?? null,
        valid_runs: summary.values.length,
      }];
    })
  ));
}
