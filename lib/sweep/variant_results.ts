/**
 * What compared variants say: a row a run, a row a variant and interval, and plots.
 *
 * @module
 */
import { FINALITY_LEVEL, type VariantRun } from "../attack/variant_run.ts";
import { type ChartRow, drawChart } from "../simulation/chart.ts";
import { type Estimate, estimate, estimateShare } from "../statistics/estimate.ts";
import type { Cell } from "../table/table.ts";
import type { Parts } from "./sweep_folder.ts";
import {
  keyOfVariant,
  type VariantCell,
  variantCells,
  type VariantChoice,
} from "./variant_sweep.ts";

/** The figures of a run of which there are intervals over the runs. */
export const VARIANT_FIGURES = [
  "staleRate",
  "forkRate",
  "meanIntervalMs",
  "meanPropagationMs",
  "reorgDepthMax",
  "finalityMs",
  "hiddenShareToKeepUp",
] as const;
export type VariantFigure = typeof VARIANT_FIGURES[number];

export interface VariantPoint {
  readonly cell: VariantCell;
  readonly runs: readonly VariantRun[];
  /** Undefined where no run could tell. */
  readonly estimates: Readonly<Record<VariantFigure, Estimate | undefined>>;
  /** How often the hidden branch won; undefined without one. */
  readonly hiddenWon: Estimate | undefined;
}

export function variantPoints(choice: VariantChoice, parts: Parts): readonly VariantPoint[] {
  return variantCells(choice).flatMap((cell) => {
    const runs = Array.from(
      { length: choice.repeat },
      (_, index) => parts.get(keyOfVariant(cell, index)) as unknown as VariantRun | undefined,
    ).filter((run) => run !== undefined);
    if (runs.length === 0) return [];
    const estimates = Object.fromEntries(VARIANT_FIGURES.map((name) => {
      const values = runs.map((run) => run[name]).filter((value) => value !== null);
      // A run that cannot tell would be left out of a mean that looks better for it.
      return [name, values.length === runs.length ? estimate(values) : undefined];
    })) as VariantPoint["estimates"];
    const won = runs.filter(({ hiddenWon }) => hiddenWon === 1).length;
    const hiddenWon = choice.hiddenShare > 0 ? estimateShare(won, runs.length) : undefined;
    return [{ cell, runs, estimates, hiddenWon }];
  });
}

export function variantPointRows(choice: VariantChoice, parts: Parts): Record<string, Cell>[] {
  return variantPoints(choice, parts).map(({ cell, runs, estimates, hiddenWon }) => ({
    ...cell,
    runs: runs.length,
    ...Object.fromEntries(VARIANT_FIGURES.flatMap((name): [string, Cell][] => [
      [name, estimates[name]?.mean ?? null],
      [`${name}HalfWidth95`, finite(estimates[name]?.halfWidth)],
    ])),
    stays: runs.reduce((sum, { stays }) => sum + stays, 0),
    hiddenShare: choice.hiddenShare,
    hiddenWon: hiddenWon?.mean ?? null,
  }));
}

export function variantRunRows(choice: VariantChoice, parts: Parts): Record<string, Cell>[] {
  return variantPoints(choice, parts).flatMap(({ cell, runs }) =>
    runs.map((run, index) => ({ ...cell, seed: Number(choice.network.seed) + index, ...run }))
  );
}

/** One sentence: which variant's blocks are final first, and whether that is more than chance. */
export function variantVerdict(points: readonly VariantPoint[]): string {
  const sentences = [...Map.groupBy(points, ({ cell }) => cell.intervalMs)].map(
    ([intervalMs, group]) => {
      const told = group.flatMap(({ cell, estimates: { finalityMs } }) =>
        finalityMs === undefined ? [] : [{ variant: cell.variant, ...finalityMs }]
      ).sort((a, b) => a.mean - b.mean);
      const [first] = told;
      const usual = told.find(({ variant }) => variant === "most-work");
      if (first === undefined) {
        return `At ${intervalMs} ms no run is long enough to tell finality at ${FINALITY_LEVEL}.`;
      }
      const text = `At ${intervalMs} ms blocks are final first with ${first.variant}, after ` +
        `${seconds(first)} s`;
      if (usual === undefined || usual === first) return `${text}.`;
      const isApart = first.mean + first.halfWidth < usual.mean - usual.halfWidth;
      return `${text}, with most-work after ${seconds(usual)} s: the intervals ` +
        `${isApart ? "lie apart" : "overlap"}.`;
    },
  );
  return sentences.join(" ");
}

function seconds({ mean, halfWidth }: Estimate): string {
  const spread = Number.isFinite(halfWidth) ? ` ± ${(halfWidth / 1000).toFixed(2)}` : "";
  return `${(mean / 1000).toFixed(2)}${spread}`;
}

export async function drawVariants(
  choice: VariantChoice,
  parts: Parts,
): Promise<Record<string, string>> {
  const points = variantPoints(choice, parts);
  if (points.length === 0) return {};
  const isXLogarithmic = choice.intervalsMs.length > 1;
  const draw = (name: VariantFigure, yTitle: string, title: string) =>
    drawChart(
      points.flatMap(({ cell, estimates }): ChartRow[] => {
        const found = estimates[name];
        return found === undefined ? [] : [{
          x: cell.intervalMs,
          y: name === "finalityMs" ? found.mean / 1000 : found.mean,
          halfWidth: name === "finalityMs" ? found.halfWidth / 1000 : found.halfWidth,
          series: cell.variant,
          kind: "simulated",
        }];
      }),
      { title, xTitle: "mean time between blocks, ms", yTitle, isXLogarithmic },
    );
  return {
    "stale-rate": await draw("staleRate", "stale blocks in all", "Stale rate by variant"),
    finality: await draw("finalityMs", "seconds", "Time to finality at 1e-3 by variant"),
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
