/**
 * The report's texts in every language that there is.
 *
 * What is measured keeps its English name in the tables and plots, as in the files beside them.
 *
 * @module
 */
import { createTexts, type Language, type Texts, type Translations } from "../translation.ts";
import { ENGLISH, type ReportTextKey } from "./texts_english.ts";
import { GREEK } from "./texts_greek.ts";

export const REPORT_TEXTS: Translations<ReportTextKey> = { en: ENGLISH, el: GREEK };

export type ReportTexts = Texts<ReportTextKey>;

export function reportTexts(language: Language): ReportTexts {
  return createTexts(REPORT_TEXTS, language);
}
