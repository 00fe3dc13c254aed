/**
 * What plots and columns of results are called, in the reader's language.
 *
 * A name that is not known, of a strategy or a file of somebody's own, stands as it is. Pure.
 *
 * @module
 */
import { isReportText, type ReportTexts } from "../report/texts.ts";
import type { Texts } from "../translation.ts";
import { ENGLISH, type ServeTextKey } from "./texts_english.ts";

/** A plot by its file: an experiment's, a simulation's, or somebody's own. */
export function plotTitle(
  file: string,
  text: Texts<ServeTextKey>,
  report: ReportTexts,
): string {
  const name = (file.split("/").at(-1) ?? file).replace(/\.svg$/, "");
  const key = `plot.${name}`;
  if (isReportText(key)) return report(key);
  return isServeText(key) ? text(key) : name.replaceAll("-", " ");
}

/** A column of a simulation's figures; undefined where its own name is all there is. */
export function columnTitle(column: string, text: Texts<ServeTextKey>): string | undefined {
  const theory = /^theory: (.+)$/.exec(column)?.[1];
  if (theory !== undefined) return text("column.theory", { name: theory });
  const spread = /^(.+)HalfWidth95$/.exec(column)?.[1] ??
    /^estimates\.(.+)\.halfWidth$/.exec(column)?.[1];
  const name = spread ??
    column.replace(/^(?:choice|estimates)\./, "").replace(/\.mean$/, "");
  const key = `column.${name}`;
  if (!isServeText(key)) return undefined;
  return spread === undefined ? text(key) : text("column.spread", { figure: text(key) });
}

function isServeText(key: string): key is ServeTextKey {
  return Object.hasOwn(ENGLISH, key);
}
