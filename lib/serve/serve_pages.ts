/**
 * The pages of results: the list, one result, two beside each other. Pure: data in, HTML out.
 *
 * Every value goes through `html`, which writes it as text; a name of a file is never markup.
 *
 * @module
 */
import { html, raw } from "hono/html";
import { drawConclusions, formatFigure } from "../report/conclusions.ts";
import { reportTexts } from "../report/texts.ts";
import { type Language, LANGUAGES, type Texts } from "../translation.ts";
import type { ComparedRow } from "./compare_results.ts";
import type { Described } from "./describe_result.ts";
import { columnTitle, plotTitle } from "./figure_names.ts";
import type { FoundResult } from "./find_results.ts";
import type { ServeTextKey } from "./texts_english.ts";

export interface PageContext {
  readonly text: Texts<ServeTextKey>;
  readonly language: Language;
}

export interface ListedResult {
  readonly found: FoundResult;
  readonly described: Described;
}

type Markup = ReturnType<typeof html>;

/** Points and columns that a page shows of a simulation; the files have all. */
const POINTS_SHOWN = 200;
const COLUMNS_SHOWN = 24;
/** Each language in its own words. */
const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", el: "Ελληνικά" };

/** Where a file of a result is to be had. */
function rawUrl(name: string, file?: string): string {
  return `/raw/${
    encodeName(file === undefined || name === "" ? name + (file ?? "") : `${name}/${file}`)
  }`;
}

export function listPage(
  context: PageContext,
  { folder, results, isCut }: {
    readonly folder: string;
    readonly results: readonly ListedResult[];
    readonly isCut: boolean;
  },
): Markup {
  const { text } = context;
  return frame(
    context,
    text("heading"),
    html`
      <header>
        <h1>${text("heading")}</h1>
        <p class="quiet">${text("in", { folder })}</p>
      </header>
      ${results.length === 0
        ? html`
          <p class="panel">${text("empty", { folder: `${folder}/quick` })}</p>
        `
        : html`
          <form id="compare" method="get" action="/compare" class="bar">
            <button class="main">${text("compare")}</button>
            <span class="quiet">${text("compare.hint")}</span>
          </form>
          <ul class="results">
            ${results.map((each) => resultItem(context, each))}
          </ul>
        `} ${isCut
        ? html`
          <p class="quiet">${text("cut")}</p>
        `
        : ""}
    `,
  );
}

function resultItem({ text }: PageContext, { found, described }: ListedResult): Markup {
  const { kind, name } = found;
  const [plot] = described.plots;
  const isRecording = kind === "recording";
  const url = `/view/${encodeName(name)}`;
  return html`
    <li class="result">
      ${isRecording ? html`<span></span>` : html`
        <input type="checkbox" name="with" value="${name}" form="compare" aria-label="${text(
          "compare.choose",
          { name: described.title },
        )}">
      `}
      <a class="thumb ${plot === undefined ? "bare" : ""}" href="${isRecording
        ? rawUrl(name)
        : url}" tabindex="-1" aria-hidden="true">${plot === undefined
        ? text(`kind.${kind}`)
        : html`<img src="${rawUrl(name, plot)}" alt="" loading="lazy">`}</a>
      <div>
        <h2>${isRecording ? described.title : html`<a href="${url}">${described.title}</a>`}</h2>
        <p>${text(`kind.${kind}`)} · <time>${timeText(
          described.startedAtMs,
        )}</time>${name.includes("/")
          ? html`
            · <span class="quiet">${name}</span>
          `
          : ""}</p>
        <p>${verdictMarkup(text, described)}</p>
        ${described.command === null
          ? ""
          : html`<p class="quiet"><code>${described.command}</code></p>`}
      </div>
      <div class="actions">
        ${isRecording
          ? playForm(text, name)
          : html`<a class="button" href="${url}">${text("open")}</a>`}
        ${described.hasReport
          ? html`<a class="button" href="${rawUrl(name, "report.html")}">${text("report")}</a>`
          : ""}
        ${isRecording ? html`<a class="button" href="${rawUrl(name)}">${text("raw")}</a>` : ""}
      </div>
    </li>
  `;
}

function playForm(text: PageContext["text"], name: string): Markup {
  return html`<form method="post" action="/play"><input type="hidden" name="recording" value="${name}">
    <button class="main">${text("play")}</button></form>`;
}

function verdictMarkup(text: PageContext["text"], described: Described): Markup {
  const { verdict, verdictText, runs, points } = described;
  const counted = runs === null
    ? points.length === 0 ? "" : text("points", { n: points.length })
    : text("runs", { valid: runs.valid, n: runs.all });
  const judged = verdictText ?? (runs === null ? "" : text(`verdict.${verdict}`));
  return html`
    <span class="verdict ${verdict}" ${verdictText === null
      ? ""
      : raw(' lang="en"')}>${judged}</span>${judged !== "" && counted !== "" ? " · " : ""}${counted}
  `;
}

export function resultPage(
  context: PageContext,
  { found, described }: ListedResult,
): Markup {
  const { text } = context;
  const { name } = found;
  const facts: readonly (readonly [string, string | null])[] = [
    [text("time"), timeText(described.startedAtMs)],
    [text("made"), described.command],
    [text("program"), described.program],
    [text("machine"), described.machine],
  ];
  return frame(
    context,
    described.title,
    html`
      <header>
        <p><a href="/">‹ ${text("back")}</a></p>
        <h1>${described.title}</h1>
        <p>${text(`kind.${found.kind}`)} · ${verdictMarkup(text, described)}</p>
        <p class="bar">${described.hasReport
          ? html`<a class="button" href="${rawUrl(name, "report.html")}">${text("report")}</a>`
          : ""}</p>
      </header>
      <dl class="panel">${facts.filter(([, value]) => value !== null)
        .map(([title, value]) =>
          html`
            <dt>${title}</dt>
            <dd translate="no">${value}</dd>
          `
        )}</dl>
      ${problemsMarkup(text, described)} ${conclusionsMarkup(context, described)} ${plotsMarkup(
        context,
        name,
        described,
      )}
      ${pointsMarkup(text, described)} ${filesMarkup(text, name, described)}
    `,
  );
}

function problemsMarkup(text: PageContext["text"], { problems }: Described): Markup | string {
  if (problems.length === 0) return "";
  return html`
    <h2>${text("spoilt")}</h2>
    <ul class="panel">${problems.map((each) => html`<li>${each}</li>`)}</ul>
  `;
}

function conclusionsMarkup(
  { text, language }: PageContext,
  { results }: Described,
): Markup | string {
  const conclusions = results === null ? [] : drawConclusions(results, reportTexts(language));
  if (conclusions.length === 0) return "";
  return html`
    <h2>${text("conclusions")}</h2>
    <ul class="plain panel">${conclusions.map(({ question, verdict, evidence }) =>
      html`
        <li class="conclusion">
          <details>
            <summary><span class="verdict ${verdict}">${text(
              `answer.${verdict}`,
            )}</span> ${question}</summary>
            <ul>${evidence.map((each) => html`<li class="quiet">${each}</li>`)}</ul>
          </details>
        </li>
      `
    )}</ul>
  `;
}

function plotsMarkup(
  { text, language }: PageContext,
  name: string,
  { plots }: Described,
): Markup | string {
  if (plots.length === 0) return "";
  const report = reportTexts(language);
  const titleOf = (plot: string) => plotTitle(plot, text, report);
  return html`
    <h2>${text("plots")}</h2>
    <div class="plots">${plots.map((plot) =>
      html`<figure><a href="${rawUrl(name, plot)}"><img src="${rawUrl(name, plot)}" alt="${
        titleOf(plot)
      }" loading="lazy"></a><figcaption>${titleOf(plot)}</figcaption></figure>`
    )}</div>
  `;
}

function pointsMarkup(text: PageContext["text"], { points }: Described): Markup | string {
  if (points.length === 0) return "";
  const columns = columnsOf(points);
  return html`
    <h2>${text("figures")}</h2>
    <div class="table panel" tabindex="0" role="region" aria-label="${text("figures")}">
      <table>
        <thead>
          <tr>${columns.map((column) =>
            html`<th>${columnTitle(column, text) ?? html`<code>${column}</code>`}</th>`
          )}</tr>
        </thead>
        <tbody>${points.slice(0, POINTS_SHOWN).map((point) =>
          html`<tr>${columns.map((column) => html`<td>${cellText(point[column])}</td>`)}</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

function filesMarkup(
  text: PageContext["text"],
  name: string,
  { files }: Described,
): Markup | string {
  if (files.length === 0) return "";
  return html`
    <h2>${text("files")}</h2>
    <ul class="plain panel">${files.map((file) =>
      html`<li><a href="${
        rawUrl(name, file.name)
      }" translate="no">${file.name}</a> <span class="quiet">${
        sizeText(file.sizeBytes)
      }</span></li>`
    )}</ul>
  `;
}

export function comparePage(
  context: PageContext,
  { a, b, rows }: {
    readonly a: ListedResult;
    readonly b: ListedResult;
    readonly rows: readonly ComparedRow[] | undefined;
  },
): Markup {
  const { text } = context;
  const [titleA, titleB] = [a, b].map(({ found, described }) => found.name || described.title);
  const title = text("compare.title", { a: titleA ?? "", b: titleB ?? "" });
  const problem = rows === undefined
    ? text("compare.kinds")
    : rows.length === 0
    ? text("compare.none")
    : undefined;
  return frame(
    context,
    title,
    html`
      <header>
        <p><a href="/">‹ ${text("back")}</a></p>
        <h1>${title}</h1>
      </header>
      ${problem === undefined
        ? html`
          <div class="table panel" tabindex="0" role="region" aria-label="${text("figures")}">
            <table>
              <thead>
                <tr>
                  <th>${text("where")}</th>
                  <th class="left">${text("figure")}</th>
                  <th>${titleA}</th>
                  <th>${titleB}</th>
                  <th>${text("ratio")}</th>
                  <th class="left">${text("difference")}</th>
                </tr>
              </thead>
              <tbody>${(rows ?? []).map((row) =>
                html`
                  <tr>
                    <td>${row.where}</td>
                    <td class="left">${columnTitle(row.figure, text) ?? row.figure}</td>
                    <td>${row.a}</td>
                    <td>${row.b}</td>
                    <td>${row.ratio}</td>
                    <td class="left ${classOf(row.verdict)}">${text(`compared.${row.verdict}`)}</td>
                  </tr>
                `
              )}</tbody>
            </table>
          </div>
        `
        : html`<p class="panel">${problem}</p>`}
    `,
  );
}

/** A page that says one thing. */
export function messagePage(context: PageContext, message: string): Markup {
  return frame(
    context,
    message,
    html`
      <header>
        <p><a href="/">‹ ${context.text("back")}</a></p>
      </header>
      <p class="panel">${message}</p>
    `,
  );
}

function frame({ text, language }: PageContext, title: string, body: Markup): Markup {
  return html`
    <!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title} · Noobcash</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/style.css">
      </head>
      <body>
        <main>
    ${body}
        </main>
        <footer><span>${text("language")}:</span>${LANGUAGES.map((each) =>
          each === language
            ? html`<strong lang="${each}">${LANGUAGE_NAMES[each]}</strong>`
            : html`<a lang="${each}" href="/language/${each}">${LANGUAGE_NAMES[each]}</a>`
        )}</footer>
      </body>
    </html>
  `;
}

/** Colour for what is better or worse, and for nothing else. */
function classOf(verdict: ComparedRow["verdict"]): string {
  return verdict === "better" || verdict === "worse" ? verdict : "";
}

/** The columns that tell the points apart or were measured; what is the same at all points is left out. */
function columnsOf(points: Described["points"]): readonly string[] {
  const all = [...new Set(points.flatMap((point) => Object.keys(point)))];
  const varies = (column: string) =>
    points.length === 1 || new Set(points.map((point) => point[column])).size > 1;
  return all.filter(varies).slice(0, COLUMNS_SHOWN);
}

function encodeName(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

function cellText(value: unknown): string {
  if (typeof value === "number") return formatFigure(value);
  return value === undefined || value === null ? "–" : String(value);
}

function timeText(timeMs: number): string {
  const date = new Date(timeMs - new Date(timeMs).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16).replace("T", " ");
}

function sizeText(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  if (sizeBytes < 1024 ** 2) return `${(sizeBytes / 1024).toFixed(0)} KiB`;
  return `${(sizeBytes / 1024 ** 2).toFixed(1)} MiB`;
}
