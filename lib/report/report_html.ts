/**
 * The report as one HTML file that needs nothing else: plots, tables, conclusions, method, downloads.
 *
 * Pure: data in, text out. Called by `render_report.ts`.
 *
 * @module
 */
import { type ExperimentRecord, programNamesOf } from "../measure/experiment_record.ts";
import type { Results } from "../measure/summary.ts";
import { type Conclusion, formatFigure } from "./conclusions.ts";
import type { Plot } from "./plots.ts";
import { REPORT_STYLE } from "./report_style.ts";
import {
  cellDetails,
  comparisonTable,
  efficiencyTable,
  environmentTable,
  escapeHtml,
  validityHtml,
} from "./report_tables.ts";
import { type ReportTexts, reportTexts } from "./texts.ts";
import type { Language } from "../translation.ts";

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
    program: programNamesOf(experiment).join(", "),
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
    { id: "figures", title: text("section.figures"), html: comparisonTable(results, text) },
    {
      id: "plots",
      title: text("section.plots"),
      html: plots.map(plotHtml).join(""),
      parts: plots.map(({ name, title }) => ({ id: name, title })),
    },
    { id: "time", title: text("section.time"), html: efficiencyTable(results, text) },
    { id: "validity", title: text("section.validity"), html: validityHtml(results, text) },
    { id: "method", title: text("section.method"), html: method },
    {
      id: "environment",
      title: text("section.environment"),
      html: environmentTable(experiment, text),
    },
    {
      id: "every-figure",
      title: text("section.every"),
      html: results.cells.map((cell) => cellDetails(cell, text)).join(""),
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

function plotHtml({ name, title, caption, svg }: Plot): string {
  return `<figure id="${name}"><h3>${
    escapeHtml(title)
  }</h3><div class="plot" tabindex="0" role="img" aria-label="${escapeHtml(title)}">${svg}</div>
<figcaption>${escapeHtml(caption)} ${
    download(`${name}.svg`, "image/svg+xml", svg)
  }</figcaption></figure>`;
}

function download(name: string, type: string, text: string): string {
  const href = `data:${type};charset=utf-8,${encodeURIComponent(text)}`;
  return `<a download="${name}" href="${href}">${name}</a>`;
}
