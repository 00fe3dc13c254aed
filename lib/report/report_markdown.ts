/**
 * The report's table and conclusions as Markdown, with links to the plots beside it. Pure.
 *
 * Called by `render_report.ts`; what stands in `docs/` as an example was written by it.
 *
 * @module
 */
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import type { MetricSummary, Results } from "../measure/summary.ts";
import { type Conclusion, formatFigure, percent } from "./conclusions.ts";
import type { Plot } from "./plots.ts";
import { bestPublished, publishedFigures } from "./published.ts";
import type { ReportTextKey, ReportTexts } from "./texts.ts";
import { boundsOf } from "./work_bounds.ts";

const COLUMNS = [
  "axis.nodes",
  "axis.difficulty",
  "axis.capacity",
  "column.txPerSecond",
  "column.bound",
  "column.reference",
  "source.others",
  "column.best",
  "column.blockTimeMs",
  "column.blockTimeBoundMs",
  "column.stale",
  "column.efficiency",
  "column.withoutLuck",
] as const satisfies readonly ReportTextKey[];

export function renderMarkdown(
  { experiment, results, plots, conclusions }: {
    readonly experiment: ExperimentRecord;
    readonly results: Results;
    readonly plots: readonly Omit<Plot, "svg">[];
    readonly conclusions: readonly Conclusion[];
  },
  text: ReportTexts,
): string {
  const { environment, command, plan } = experiment;
  const valid = results.runs.filter(({ invalid }) => invalid.length === 0).length;
  const { hashRateLimit } = plan.network;
  const speed = hashRateLimit === null
    ? text("markdown.shared")
    : text("markdown.limited", { rate: formatFigure(hashRateLimit / 1000) });
  const rows = results.cells.map((summary) => {
    const { cell, metrics } = summary;
    const published = publishedFigures(cell);
    const bounds = boundsOf(summary);
    const { efficiency, luck, txPerSecond } = metrics;
    return [
      cell.nodes,
      cell.difficulty,
      cell.capacity,
      withInterval(txPerSecond),
      bounds === null ? "–" : formatFigure(bounds.txPerSecond),
      published?.referenceTxPerSecond ?? "–",
      published?.othersTxPerSecond ?? "–",
      published === undefined || txPerSecond === undefined
        ? "–"
        : formatFigure(txPerSecond.mean / bestPublished(published)),
      withInterval(metrics.blockTimeMs),
      bounds === null ? "–" : formatFigure(bounds.blockTimeMs),
      metrics.staleRate === undefined ? "–" : percent(metrics.staleRate.mean),
      efficiency === undefined ? "–" : percent(efficiency.mean),
      efficiency === undefined || luck === undefined ? "–" : percent(efficiency.mean / luck.mean),
    ].map(String);
  });
  return [
    `# ${text("markdown.title", { name: experiment.preset ?? text("experiment") })}`,
    "",
    text("markdown.made", {
      command,
      speed,
      valid,
      runs: results.runs.length,
      processor: environment.processor,
      cores: environment.cores,
      os: environment.os,
      deno: environment.deno,
    }),
    "",
    ...withoutEmptyColumns([COLUMNS.map((key) => text(key)), COLUMNS.map(() => "---"), ...rows])
      .map((row) => `| ${row.join(" | ")} |`),
    "",
    `## ${text("section.conclusions")}`,
    "",
    text("markdown.drawn"),
    "",
    ...conclusions.flatMap(({ question, verdict, evidence }) => [
      `- **${question}** ${text(`verdict.${verdict}`)}`,
      ...evidence.map((text) => `  - ${text}`),
    ]),
    "",
    ...plots.flatMap(({ name, title, caption }) => [
      `## ${title}`,
      "",
      `![${title}](plots/${name}.svg)`,
      "",
      caption,
      "",
    ]),
  ].join("\n");
}

/** Leaves out the columns that hold nothing but dashes below their two lines of head. */
function withoutEmptyColumns(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const body = rows.slice(2);
  return rows.map((row) => row.filter((_, column) => body.some((each) => each[column] !== "–")));
}

function withInterval(summary: MetricSummary | undefined): string {
  if (summary === undefined) return "–";
  const { mean, halfWidth } = summary;
  return formatFigure(mean) + (halfWidth === null ? "" : ` ± ${formatFigure(halfWidth)}`);
}
