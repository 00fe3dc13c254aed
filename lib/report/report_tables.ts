/**
 * The tables of the report's page: figures beside their bounds, where time went, what was found wrong, the
 * plan, and every figure of a cell.
 *
 * Pure. Called by `report_html.ts`.
 *
 * @module
 */
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import { METRIC_KEYS, METRICS } from "../measure/metric_table.ts";
import { type Finding, formatCell } from "../measure/run_record.ts";
import type { CellSummary, MetricSummary, Results } from "../measure/summary.ts";
import { formatFigure, percent } from "./conclusions.ts";
import { bestPublished, publishedFigures } from "./published.ts";
import { findingText, type ReportTexts, unitText } from "./texts.ts";
import { boundsOf } from "./work_bounds.ts";

/** What stands where there is no figure. */
const NOTHING = "–";

/** What others have published stands there only where it compares with something. */
export function comparisonTable({ cells }: Results, text: ReportTexts): string {
  const columns: readonly (readonly [title: string, textOf: (summary: CellSummary) => string])[] = [
    [text("axis.nodes"), ({ cell }) => String(cell.nodes)],
    [text("axis.difficulty"), ({ cell }) => String(cell.difficulty)],
    [text("axis.capacity"), ({ cell }) => String(cell.capacity)],
    [text("column.txPerSecond"), ({ metrics }) => withInterval(metrics.txPerSecond)],
    [text("column.bound"), (summary) => figure(boundsOf(summary)?.txPerSecond)],
    [text("column.reference"), ({ cell }) => figure(publishedFigures(cell)?.referenceTxPerSecond)],
    [text("column.others"), ({ cell }) => figure(publishedFigures(cell)?.othersTxPerSecond)],
    [text("column.best"), ({ cell, metrics }) => {
      const published = publishedFigures(cell);
      const ours = metrics.txPerSecond;
      return published === undefined || ours === undefined
        ? NOTHING
        : `× ${formatFigure(ours.mean / bestPublished(published))}`;
    }],
    [text("column.blockTimeMs"), ({ metrics }) => withInterval(metrics.blockTimeMs)],
    [text("column.blockTimeBoundMs"), (summary) => figure(boundsOf(summary)?.blockTimeMs)],
    [
      text("column.referenceMs"),
      ({ cell }) => figure(publishedFigures(cell)?.referenceBlockTimeMs),
    ],
    [text("column.efficiency"), ({ metrics: { efficiency } }) => share(efficiency)],
  ];
  const filled = columns.filter(([, textOf]) => cells.some((each) => textOf(each) !== NOTHING));
  return table(
    filled.map(([title]) => title),
    cells.map((summary) => filled.map(([, textOf]) => textOf(summary))),
    text,
  );
}

export function efficiencyTable({ cells }: Results, text: ReportTexts): string {
  const rows = cells.map(({ cell, metrics }) => [
    formatCell(cell),
    share(metrics.efficiency),
    share(metrics.efficiencyFilled),
    share(metrics.efficiencyKept),
    share(metrics.efficiencyMining),
    figure(metrics.luck?.mean),
    figure(metrics.hashRateMeasured?.mean),
    figure(metrics.hashRateImplied?.mean),
  ]);
  const columns = [
    "cell",
    "efficiency",
    "filled",
    "kept",
    "mining",
    "luck",
    "measured",
    "implied",
  ] as const;
  return `<p>${escapeHtml(text("efficiency.product"))}</p>` +
    table(columns.map((column) => text(`column.${column}`)), rows, text);
}

export function validityHtml({ runs }: Results, text: ReportTexts): string {
  const findings = runs.flatMap(({ cell, repeat, invalid, warnings }) => {
    const row = (finding: Finding, judged: string) => [
      formatCell(cell),
      String(repeat),
      judged,
      finding.code,
      findingText(text, finding),
    ];
    return [
      ...invalid.map((each) => row(each, text("finding.invalid"))),
      ...warnings.map((each) => row(each, text("finding.flagged"))),
    ];
  });
  const limits = runs.flatMap((run) => run.generatorLimitPerSecond ?? []);
  const busiest = runs.reduce(
    (most, { metrics, generatorLimitPerSecond }) =>
      Math.max(most, metrics.offeredPerSecond / (generatorLimitPerSecond ?? Infinity)),
    0,
  );
  const used = {
    low: formatFigure(limits.reduce((a, b) => Math.min(a, b), Infinity)),
    high: formatFigure(limits.reduce((a, b) => Math.max(a, b), 0)),
    share: percent(busiest),
  };
  const generator = limits.length === 0 ? "" : `<p>${escapeHtml(text("generator", used))}</p>`;
  const columns = ["cell", "repeat", "judged", "code", "reason"] as const;
  return generator +
    (findings.length === 0
      ? `<p>${escapeHtml(text("validity.all"))}</p>`
      : table(columns.map((column) => text(`column.${column}`)), findings, text));
}

export function environmentTable(
  { plan, environment, resumedBy = [] }: ExperimentRecord,
  text: ReportTexts,
): string {
  const { network, load, workload, linesPerNode } = plan;
  const { processor, cores } = environment;
  const memory = `${(environment.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  const rows = [
    [text("plan.machine"), text("plan.machine.value", { processor, cores, memory })],
    [text("plan.system"), environment.os],
    [text("plan.runtime"), `Deno ${environment.deno}, V8 ${environment.v8}`],
    // Named here where it is not one: its figures may differ from the others'.
    ...resumedBy.map(({ program, deno, sinceMs }) => [
      text("plan.resumed", { time: new Date(sinceMs).toISOString() }),
      `${program}, Deno ${deno}`,
    ]),
    [
      text("plan.repetitions"),
      text("plan.repetitions.value", { repeats: plan.repeats, seed: plan.seed }),
    ],
    [
      text("plan.workload"),
      linesPerNode === null
        ? workload
        : text("plan.workload.lines", { workload, lines: linesPerNode }),
    ],
    [
      text("plan.load"),
      load.ratePerSecond === null
        ? text("plan.load.closed", { concurrency: load.concurrency, lead: load.leadLines })
        : text("plan.load.open", { rate: load.ratePerSecond }),
    ],
    [
      text("plan.network"),
      text("plan.network.value", {
        n: network.threadsPerNode,
        threads: network.threadsPerNode,
        blocks: network.strict
          ? text("plan.network.strict")
          : text("plan.network.wait", { wait: network.blockWaitMs }),
        latency: network.linkLatencyMs,
        loss: percent(network.linkLoss),
      }),
    ],
  ];
  return table([text("column.what"), text("column.value")], rows, text);
}

export function cellDetails({ cell, validRuns, metrics }: CellSummary, text: ReportTexts): string {
  const rows = METRIC_KEYS.flatMap((key) => {
    const summary = metrics[key];
    if (summary === undefined) return [];
    return [[
      text(`metric.${key}`),
      unitText(text, METRICS[key].unit),
      formatFigure(summary.mean),
      formatFigure(summary.deviation),
      summary.halfWidth === null ? NOTHING : `± ${formatFigure(summary.halfWidth)}`,
    ]];
  });
  const title = text("cell.runs", { cell: formatCell(cell), n: validRuns });
  const columns = ["figure", "unit", "mean", "deviation", "interval"] as const;
  return `<details><summary>${escapeHtml(title)}</summary>${
    table(columns.map((column) => text(`column.${column}`)), rows, text)
  }</details>`;
}

function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  text: ReportTexts,
): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join("");
  return `<div class="table" tabindex="0" role="region" aria-label="${
    escapeHtml(text("figures"))
  }"><table><thead><tr>${cells("th", header)}</tr></thead><tbody>${
    rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")
  }</tbody></table></div>`;
}

function withInterval(summary: MetricSummary | undefined): string {
  if (summary === undefined) return NOTHING;
  const { mean, halfWidth } = summary;
  return formatFigure(mean) + (halfWidth === null ? "" : ` ± ${formatFigure(halfWidth)}`);
}

function figure(value: number | undefined): string {
  return value === undefined ? NOTHING : formatFigure(value);
}

function share(summary: MetricSummary | undefined): string {
  return summary === undefined ? NOTHING : percent(summary.mean);
}

/** Writes text so that HTML shows it as it is. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
