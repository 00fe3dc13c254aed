/**
 * The report as one HTML file that needs nothing else: plots, tables, conclusions, method, downloads.
 *
 * Pure: data in, text out. Called by `render_report.ts`.
 *
 * @module
 */
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import { METRIC_KEYS, METRICS } from "../measure/metric_table.ts";
import { formatCell } from "../measure/run_record.ts";
import type { CellSummary, MetricSummary, Results } from "../measure/summary.ts";
import { type Conclusion, formatFigure, percent } from "./conclusions.ts";
import type { Plot } from "./plots.ts";
import { bestPublished, publishedFigures } from "./published.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { type ReportTexts, reportTexts } from "./texts.ts";
import type { Language } from "../translation.ts";
import { boundsOf } from "./work_bounds.ts";

/** Everything that a report shows. */
export interface ReportContent {
  readonly experiment: ExperimentRecord;
  readonly results: Results;
  readonly plots: readonly Plot[];
  readonly conclusions: readonly Conclusion[];
  readonly csv: string;
  readonly json: string;
  readonly language: Language;
}

/** What stands where there is no figure. */
const NOTHING = "–";

const METHOD = ["run", "metrics", "valid", "statistics", "published"] as const;

export function renderHtml(content: ReportContent): string {
  const { experiment, results, plots, conclusions, language } = content;
  const text = reportTexts(language);
  const title = text("title", { name: experiment.preset ?? text("experiment") });
  const valid = results.runs.filter(({ invalid }) => invalid.length === 0).length;
  const started = new Date(experiment.startedAtMs).toISOString().slice(0, 16).replace("T", " ");
  const summary = text("summary", {
    cells: results.cells.length,
    valid,
    runs: results.runs.length,
    started,
    program: experiment.environment.program,
    processor: experiment.environment.processor,
  });
  const method = METHOD.map((part) => `<p>${escapeHtml(text(`method.${part}`))}</p>`).join("") +
    `\n<p>${escapeHtml(text("again"))} <code>${escapeHtml(experiment.command)}</code></p>`;
  const sections: readonly Section[] = [
    {
      id: "conclusions",
      title: text("section.conclusions"),
      html: conclusions.map((each) => conclusionHtml(each, text)).join(""),
    },
    { id: "figures", title: text("section.figures"), html: comparisonTable(results) },
    {
      id: "plots",
      title: text("section.plots"),
      html: plots.map(plotHtml).join(""),
      parts: plots.map(({ name, title }) => ({ id: name, title })),
    },
    { id: "time", title: text("section.time"), html: efficiencyTable(results) },
    { id: "validity", title: text("section.validity"), html: validityHtml(results, text) },
    { id: "method", title: text("section.method"), html: method },
    { id: "environment", title: text("section.environment"), html: environmentTable(experiment) },
    {
      id: "every-figure",
      title: text("section.every"),
      html: results.cells.map(cellDetails).join(""),
    },
  ];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(summary)}</p>
<p class="notice">${escapeHtml(speedNotice(experiment, text))}</p>
<p class="downloads">${escapeHtml(text("figures"))}: ${
    download("results.csv", "text/csv", content.csv)
  }
${download("results.json", "application/json", content.json)}</p>
</header>
${contentsHtml(sections, text)}
<main>
${sections.map(sectionHtml).join("\n")}
</main>
</body>
</html>
`;
}

/** A part of the report that the table of contents names. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly html: string;
  readonly parts?: readonly { readonly id: string; readonly title: string }[];
}

function contentsHtml(sections: readonly Section[], text: ReportTexts): string {
  const link = ({ id, title }: { readonly id: string; readonly title: string }) =>
    `<a href="#${id}">${escapeHtml(title)}</a>`;
  const items = sections.map((section) => {
    const parts = (section.parts ?? []).map((part) => `<li>${link(part)}</li>`).join("");
    return `<li>${link(section)}${parts === "" ? "" : `<ul>${parts}</ul>`}</li>`;
  });
  return `<nav aria-label="${escapeHtml(text("contents"))}"><ul>${items.join("")}</ul></nav>`;
}

function sectionHtml({ id, title, html }: Section): string {
  return `<section id="${id}"><h2>${escapeHtml(title)}</h2>${html}</section>`;
}

function speedNotice({ plan, environment }: ExperimentRecord, text: ReportTexts): string {
  const { hashRateLimit } = plan.network;
  return hashRateLimit === null
    ? text("speed.shared", { cores: environment.cores })
    : text("speed.limited", { rate: formatFigure(hashRateLimit / 1000) });
}

function conclusionHtml(
  { question, verdict, evidence }: Conclusion,
  text: ReportTexts,
): string {
  return `<details class="conclusion ${verdict}"><summary><span class="verdict">${
    escapeHtml(text(`verdict.${verdict}`))
  }</span> ${escapeHtml(question)}</summary><ul>${
    evidence.map((each) => `<li>${escapeHtml(each)}</li>`).join("")
  }</ul></details>`;
}

/** What others have published stands there only where it compares with something. */
function comparisonTable({ cells }: Results): string {
  const columns: readonly (readonly [title: string, textOf: (summary: CellSummary) => string])[] = [
    ["nodes", ({ cell }) => String(cell.nodes)],
    ["difficulty", ({ cell }) => String(cell.difficulty)],
    ["capacity", ({ cell }) => String(cell.capacity)],
    ["tx/s", ({ metrics }) => withInterval(metrics.txPerSecond)],
    ["bound", (summary) => figure(boundsOf(summary)?.txPerSecond)],
    ["reference", ({ cell }) => figure(publishedFigures(cell)?.referenceTxPerSecond)],
    ["others", ({ cell }) => figure(publishedFigures(cell)?.othersTxPerSecond)],
    ["ours / best", ({ cell, metrics }) => {
      const published = publishedFigures(cell);
      const ours = metrics.txPerSecond;
      return published === undefined || ours === undefined
        ? NOTHING
        : `× ${formatFigure(ours.mean / bestPublished(published))}`;
    }],
    ["block time, ms", ({ metrics }) => withInterval(metrics.blockTimeMs)],
    ["16^d / H, ms", (summary) => figure(boundsOf(summary)?.blockTimeMs)],
    ["reference, ms", ({ cell }) => figure(publishedFigures(cell)?.referenceBlockTimeMs)],
    ["efficiency", ({ metrics: { efficiency } }) => share(efficiency)],
  ];
  const filled = columns.filter(([, textOf]) => cells.some((each) => textOf(each) !== NOTHING));
  return table(
    filled.map(([title]) => title),
    cells.map((summary) => filled.map(([, textOf]) => textOf(summary))),
  );
}

function efficiencyTable({ cells }: Results): string {
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
  const note = "<p>Efficiency = places filled × blocks kept × time spent mining × luck.</p>";
  return note + table(
    [
      "cell",
      "efficiency",
      "places filled",
      "blocks kept",
      "time mining",
      "luck",
      "H measured",
      "H implied",
    ],
    rows,
  );
}

function validityHtml({ runs }: Results, text: ReportTexts): string {
  const findings = runs.flatMap(({ cell, repeat, invalid, warnings }) =>
    [
      ...invalid.map(({ code, text }) => [formatCell(cell), repeat, "invalid", code, text]),
      ...warnings.map(({ code, text }) => [formatCell(cell), repeat, "flagged", code, text]),
    ].map((row) => row.map(String))
  );
  const limits = runs.flatMap((run) => run.generatorLimitPerSecond ?? []);
  const busiest = runs.reduce(
    (most, { metrics, generatorLimitPerSecond }) =>
      Math.max(most, metrics.offeredPerSecond / (generatorLimitPerSecond ?? Infinity)),
    0,
  );
  const generator = limits.length === 0
    ? ""
    : `<p>Load generator: its own limit was measured before each run, ${
      formatFigure(limits.reduce((a, b) => Math.min(a, b)))
    } to ${formatFigure(limits.reduce((a, b) => Math.max(a, b)))} payments a second; at most ${
      percent(busiest)
    } of it was used.</p>`;
  return generator +
    (findings.length === 0
      ? `<p>${escapeHtml(text("validity.all"))}</p>`
      : table(["cell", "repeat", "", "code", "reason"], findings));
}

function environmentTable({ plan, environment, command: _command }: ExperimentRecord): string {
  const { network, load } = plan;
  const memory = `${(environment.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return table(["", ""], [
    ["machine", `${environment.processor}, ${environment.cores} cores, ${memory}`],
    ["system", environment.os],
    ["runtime", `Deno ${environment.deno}, V8 ${environment.v8}`],
    ["repetitions", `${plan.repeats}, order seed ${plan.seed}`],
    [
      "workload",
      `${plan.workload}${plan.linesPerNode === null ? "" : `, ${plan.linesPerNode} lines a node`}`,
    ],
    [
      "load",
      load.ratePerSecond === null
        ? `closed loop, ${load.concurrency} under way a client, lead of ${load.leadLines} lines`
        : `open loop, ${load.ratePerSecond} lines a second`,
    ],
    [
      "network",
      `${network.strict ? "full blocks only" : `block wait ${network.blockWaitMs} ms`}, ` +
      `${network.threadsPerNode} mining thread a node, link latency ${network.linkLatencyMs} ms, ` +
      `loss ${percent(network.linkLoss)}`,
    ],
  ]);
}

function cellDetails({ cell, validRuns, metrics }: CellSummary): string {
  const rows = METRIC_KEYS.flatMap((key) => {
    const summary = metrics[key];
    if (summary === undefined) return [];
    const { label, unit } = METRICS[key];
    return [[
      label,
      unit,
      formatFigure(summary.mean),
      formatFigure(summary.deviation),
      summary.halfWidth === null ? NOTHING : `± ${formatFigure(summary.halfWidth)}`,
    ]];
  });
  return `<details><summary>${formatCell(cell)}, ${validRuns} valid runs</summary>${
    table(["figure", "unit", "mean", "deviation", "95 %"], rows)
  }</details>`;
}

function plotHtml({ name, title, caption, svg }: Plot): string {
  return `<figure id="${name}"><h3>${
    escapeHtml(title)
  }</h3><div class="plot" tabindex="0" role="img" aria-label="${escapeHtml(title)}">${svg}</div>
<figcaption>${escapeHtml(caption)} ${
    download(`${name}.svg`, "image/svg+xml", svg)
  }</figcaption></figure>`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join("");
  return `<div class="table" tabindex="0" role="region" aria-label="Figures"><table><thead><tr>${
    cells("th", header)
  }</tr></thead><tbody>${
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

function download(name: string, type: string, text: string): string {
  const href = `data:${type};charset=utf-8,${encodeURIComponent(text)}`;
  return `<a download="${name}" href="${href}">${name}</a>`;
}

/** Writes text so that HTML shows it as it is. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
