/**
 * What an experiment says of itself on a terminal while it runs, in the reader's language.
 *
 * Pure. Called by `noobcash experiment`.
 *
 * @module
 */
import { formatCell, type RunData } from "../measure/run_record.ts";
import { summarizeRun } from "../measure/summary.ts";
import { formatFigure, percent } from "./conclusions.ts";
import { findingText, type ReportTexts } from "./texts.ts";

/** Where an experiment is. */
export interface RunProgress {
  readonly run: { readonly cell: RunData["run"]["cell"] };
  readonly doneRuns: number;
  readonly totalRuns: number;
  readonly done: number;
  readonly total: number;
  readonly leftMs?: number | undefined;
}

/** One line that is written over and over. */
export function progressText(state: RunProgress, text: ReportTexts): string {
  const { run, doneRuns, totalRuns, done, total, leftMs } = state;
  const progress = text("progress.run", {
    run: doneRuns + 1,
    runs: totalRuns,
    cell: formatCell(run.cell),
    share: `${Math.round(100 * Math.min(1, done / Math.max(1, total)))} %`,
  });
  return leftMs === undefined
    ? progress
    : text("progress.left", { progress, time: timeLeftText(leftMs, text) });
}

/** One line for a run that is over. */
export function runText(data: RunData, text: ReportTexts): string {
  const { run } = data;
  const { invalid, metrics } = summarizeRun(data);
  const name = `${formatCell(run.cell).padEnd(12)} #${run.repeat}`;
  if (invalid.length > 0) {
    const reasons = invalid.map((finding) => findingText(text, finding)).join("; ");
    return text("progress.invalid", { name, reasons });
  }

  const { efficiency, confirmed, offered, txPerSecond } = metrics;
  const limit = run.load.limitPerSecond;
  const parts = [
    text("progress.confirmed", { name, confirmed, offered }),
    txPerSecond === null
      ? text("progress.noThroughput")
      : text("progress.throughput", { rate: formatFigure(txPerSecond) }),
    ...(efficiency === null
      ? []
      : [text("progress.efficiency", { share: percent(efficiency.total) })]),
  ].join(", ");
  const generator = limit === null ? [] : [text("progress.generator", {
    share: percent(metrics.offeredPerSecond / limit),
    limit: formatFigure(limit),
  })];
  // What shaped a load, its wallets above all, is for whoever chooses the next one; lines are what they are.
  const warnings = run.steady === undefined
    ? []
    : run.warnings.map((finding) => findingText(text, finding));
  return [parts, ...generator, ...warnings].join("; ");
}

function timeLeftText(durationMs: number, text: ReportTexts): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 90) return text("progress.seconds", { n: seconds });
  return seconds < 5400
    ? text("progress.minutes", { n: Math.round(seconds / 60) })
    : text("progress.hours", { n: (seconds / 3600).toFixed(1) });
}
