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
import { boundsOf } from "./work_bounds.ts";

const HEADER = [
  "nodes",
  "difficulty",
  "capacity",
  "tx/s",
  "bound",
  "reference",
  "best of 18 others",
  "× best",
  "block time, ms",
  "16^d / H, ms",
  "stale",
  "efficiency",
  "without luck",
];

export function renderMarkdown(
  { experiment, results, plots, conclusions }: {
    readonly experiment: ExperimentRecord;
    readonly results: Results;
    readonly plots: readonly Omit<Plot, "svg">[];
    readonly conclusions: readonly Conclusion[];
  },
): string {
  const { environment, command, plan } = experiment;
  const valid = results.runs.filter(({ invalid }) => invalid.length === 0).length;
  const shared = plan.network.hashRateLimit === null
    ? "all nodes share its cores"
    : `each node is limited to ${formatFigure(plan.network.hashRateLimit / 1000)} kH/s`;
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
    `# Results: ${experiment.preset ?? "experiment"}`,
    "",
    `Made by \`${command}\` on ${environment.processor}, ${environment.cores} cores (${environment.os}, ` +
    `Deno ${environment.deno}); ${shared}. ${valid} of ${results.runs.length} runs are valid. ` +
    "Intervals are 95 % confidence intervals. `docs/experiments.md` defines every figure.",
    "",
    ...withoutEmptyColumns([HEADER, "---|".repeat(HEADER.length).split("|").slice(0, -1), ...rows])
      .map((row) => `| ${row.join(" | ")} |`),
    "",
    "## Conclusions",
    "",
    "Drawn by code from the data.",
    "",
    ...conclusions.flatMap(({ question, verdict, evidence }) => [
      `- **${question}** ${verdict}`,
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
