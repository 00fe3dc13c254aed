/**
 * What `noobcash report compare` prints: a line for each figure that two result folders share.
 *
 * Pure.
 *
 * @module
 */
import { formatCell } from "../measure/run_record.ts";
import type { ComparedFigure } from "./compare.ts";
import { formatFigure } from "./conclusions.ts";
import { metricText, type ReportTexts } from "./texts.ts";

export interface ComparisonTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function comparisonOf(
  figures: readonly ComparedFigure[],
  text: ReportTexts,
): ComparisonTable {
  return {
    head: [
      text("column.cell"),
      text("column.figure"),
      text("compared.a"),
      text("compared.b"),
      text("compared.ratio"),
      text("compared.p"),
      text("compared.verdict"),
    ],
    rows: figures.map(({ cell, metric, meanA, meanB, ratio, p, verdict }) => [
      formatCell(cell),
      metricText(text, metric),
      formatFigure(meanA),
      formatFigure(meanB),
      Number.isFinite(ratio) ? formatFigure(ratio) : "–",
      p === null ? "–" : p.toFixed(3),
      text(`compared.${verdict}`),
    ]),
  };
}
