/**
 * The report's texts in every language that there is.
 *
 * Names of figures, plots and columns are in `figure_texts_*.ts`, the rest in `texts_*.ts`. Files for
 * programs keep their English keys.
 *
 * @module
 */
import { createTexts, type Language, type Texts, type Translations } from "../translation.ts";
import { type MetricDefinition, type MetricKey, METRICS } from "../measure/metric_table.ts";
import { FIGURES_ENGLISH, type FigureTextKey } from "./figure_texts_english.ts";
import { FIGURES_GREEK } from "./figure_texts_greek.ts";
import { ENGLISH, type ReportTextKey as ProseTextKey } from "./texts_english.ts";
import { GREEK } from "./texts_greek.ts";

export type ReportTextKey = ProseTextKey | FigureTextKey;

export const REPORT_TEXTS: Translations<ReportTextKey> = {
  en: { ...ENGLISH, ...FIGURES_ENGLISH },
  el: { ...GREEK, ...FIGURES_GREEK },
};

export type ReportTexts = Texts<ReportTextKey>;

export function reportTexts(language: Language): ReportTexts {
  return createTexts(REPORT_TEXTS, language);
}

/** A unit that is a word is in the reader's language; a symbol is the same in all. */
export function unitText(text: ReportTexts, unit: MetricDefinition["unit"]): string {
  const key = `unit.${unit}`;
  return isReportText(key) ? text(key) : unit;
}

/** A figure's name with its unit. */
export function metricText(text: ReportTexts, metric: MetricKey): string {
  return `${text(`metric.${metric}`)}, ${unitText(text, METRICS[metric].unit)}`;
}

/** What was found wrong with a run: in its reader's language, with the record's own words where those say more. */
export function findingText(
  text: ReportTexts,
  { code, text: recorded }: { readonly code: string; readonly text: string },
): string {
  const key = `finding.${code}`;
  if (text("language") === "en" || !isReportText(key)) return recorded;
  return `${text(key)}: ${recorded}`;
}

export function isReportText(key: string): key is ReportTextKey {
  return Object.hasOwn(REPORT_TEXTS.en, key);
}
