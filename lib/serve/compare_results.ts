/**
 * Two results side by side: experiments by cell and figure, with the significance of each difference;
 * simulations by point and column.
 *
 * Pure.
 *
 * @module
 */
import { formatCell } from "../measure/run_record.ts";
import { compareResults } from "../report/compare.ts";
import { formatFigure } from "../report/conclusions.ts";
import { metricText, type ReportTexts } from "../report/texts.ts";
import type { Described } from "./describe_result.ts";

/** One line of a comparison. */
export interface ComparedRow {
  readonly where: string;
  readonly figure: string;
  readonly a: string;
  readonly b: string;
  readonly ratio: string;

  /** A key of the texts: what is to be thought of the difference. */
  readonly verdict: ComparedVerdict;
}

export type ComparedVerdict =
  | "better"
  | "worse"
  | "different"
  | "no difference found"
  | "single runs"
  | "same"
  | "not judged";

const ROWS_MAX = 1000;
const NOTHING = "–";

/** `undefined` where the two are of different kinds. */
export function compareDescribed(
  a: Described,
  b: Described,
  text: ReportTexts,
): readonly ComparedRow[] | undefined {
  if (a.results !== null && b.results !== null) {
    return compareResults(a.results, b.results).slice(0, ROWS_MAX)
      .map(({ cell, metric, meanA, meanB, ratio, verdict }) => ({
        where: formatCell(cell),
        figure: metricText(text, metric),
        a: formatFigure(meanA),
        b: formatFigure(meanB),
        ratio: Number.isFinite(ratio) ? formatFigure(ratio) : NOTHING,
        verdict,
      }));
  }
  if (a.results !== null || b.results !== null) return undefined;
  return comparePoints(a, b);
}

/** Columns with numbers that differ; those in which the points were chosen alike name the point. */
function comparePoints({ points: a }: Described, { points: b }: Described): readonly ComparedRow[] {
  const rows: ComparedRow[] = [];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left, right] = [a[index] ?? {}, b[index] ?? {}];
    for (const [figure, value] of Object.entries(left)) {
      const other = right[figure];
      if (typeof value !== "number" || typeof other !== "number") continue;
      rows.push({
        where: String(index + 1),
        figure,
        a: formatFigure(value),
        b: formatFigure(other),
        ratio: value === 0 ? NOTHING : formatFigure(other / value),
        verdict: value === other ? "same" : "not judged",
      });
    }
  }
  return rows.slice(0, ROWS_MAX);
}
