/**
 * What the runs of an attack say: each cell's figure with its interval, beside what theory says of it.
 *
 * Pure: parts in, rows and sentences out.
 *
 * @module
 */
import {
  type Attack,
  type AttackCell,
  type AttackFigures,
  AXIS_NAMES,
  type Theory,
} from "../attack/attack.ts";
import { attackOf } from "../attack/attack_table.ts";
import { invariant } from "../result.ts";
import { type Estimate, estimate, estimateShare, mean } from "../statistics/estimate.ts";
import {
  type Distance,
  distanceOfMean,
  distanceOfShare,
  sidakLevel,
} from "../statistics/interval.ts";
import type { Cell } from "../table/table.ts";
import { type AttackChoice, keyOfCell } from "./attack_sweep.ts";
import type { Parts } from "./sweep_folder.ts";

/** All points together hold their theory with this level. */
export const FAMILY_LEVEL = 0.99;

export interface AttackPoint {
  readonly cell: AttackCell;
  readonly runs: readonly AttackFigures[];
  /** With the half width of the 95 % interval of this point alone. */
  readonly estimate: Estimate;
  readonly theory: readonly Theory[];
  /** Against the exact theory; undefined where there is none, or one run alone. */
  readonly distance: Distance | undefined;
}

/** The points of which at least one run is done, in the plan's order. */
export function attackPoints(choice: AttackChoice, parts: Parts): readonly AttackPoint[] {
  const attack = attackOf(choice.attack);
  invariant(attack !== undefined, `An attack that was planned is known: ${choice.attack}`);
  const runsByCell = choice.cells.map((cell) => ({ cell, runs: runsOf(choice, cell, parts) }))
    .filter(({ runs }) => runs.length > 0);
  const level = sidakLevel(FAMILY_LEVEL, runsByCell.length);
  return runsByCell.map(({ cell, runs }) => {
    const theory = choice.strategySha256 === null
      ? attack.theory(cell, choice.setting, meansOf(runs))
      : [];
    const exact = theory.find(({ isExact }) => isExact);
    return {
      cell,
      runs,
      estimate: estimateOf(attack, runs),
      theory,
      distance: exact && distanceOf(attack, runs, exact.value, level),
    };
  });
}

/** The mean of each figure over the runs. */
export function meansOf(runs: readonly AttackFigures[]): AttackFigures {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, mean(runs.map((figures) => figures[name] ?? 0))]),
  );
}

/** One sentence on whether theory holds, and where it is farthest off. */
export function verdictOf(points: readonly AttackPoint[]): string {
  const judged = points.filter(({ distance }) => Number.isFinite(distance?.errors));
  if (judged.length === 0) {
    return points.some(({ theory }) => theory.length > 0)
      ? "Theory cannot be judged: a point needs two runs at least (--repeat 2)."
      : "No theory covers these points.";
  }
  const inside = judged.filter(({ distance }) => distance?.isInside === true);
  const farthest = judged.reduce((worst, point) =>
    Math.abs(point.distance?.errors ?? 0) > Math.abs(worst.distance?.errors ?? 0) ? point : worst
  );
  const { errors = 0 } = farthest.distance ?? {};
  const where = keyOfCell(farthest.cell).replaceAll("=", " ");
  return `Theory lies inside the ${100 * FAMILY_LEVEL} % interval at ${inside.length} of ` +
    `${judged.length} points (Šidák-corrected); the farthest, ${where}, is ` +
    `${Math.abs(errors).toFixed(2)} standard errors ${errors < 0 ? "below" : "above"} it.` +
    widthNote(judged, farthest);
}

/** Says where theory lies inside for want of runs alone: far off, and not excluded. */
function widthNote(judged: readonly AttackPoint[], farthest: AttackPoint): string {
  const wide = judged.filter(({ distance }) => distance?.isTooWide === true);
  const shown = wide.includes(farthest) ? farthest : wide[0];
  if (shown === undefined) return "";
  const { runs: { length: runCount }, distance, estimate: { mean } } = shown;
  const where = keyOfCell(shown.cell).replaceAll("=", " ");
  return ` At ${wide.length} of them it is inside only because ${runCount} runs cannot tell: ` +
    `${where} has the interval ${mean.toFixed(4)} ± ${(distance?.halfWidth ?? 0).toFixed(4)} ` +
    `(Student's t, ${runCount - 1} degree${runCount === 2 ? "" : "s"} of freedom); ` +
    `more runs narrow it (--repeat ${Math.max(10, 2 * runCount)}).`;
}

/** A row a point: what is shown as a table and written as figures. */
export function pointRows(
  choice: AttackChoice,
  points: readonly AttackPoint[],
): Record<string, Cell>[] {
  const figure = attackOf(choice.attack)?.figure.name ?? "figure";
  return points.map(({ cell, runs, estimate: { mean, halfWidth }, theory, distance }) => ({
    attack: choice.attack,
    ...axesOf(cell),
    runs: runs.length,
    [figure]: mean,
    low95: mean - halfWidth,
    high95: mean + halfWidth,
    ...Object.fromEntries(theory.map(({ name, value }) => [`theory: ${name}`, value])),
    standardErrorsOff: distance?.errors ?? null,
    isInside99: distance?.isInside ?? null,
    ...otherFigures(meansOf(runs), figure),
  }));
}

/** A row a run: the raw data. */
export function runRows(
  choice: AttackChoice,
  points: readonly AttackPoint[],
): Record<string, Cell>[] {
  return points.flatMap(({ cell, runs }) =>
    runs.map((figures, repeat) => ({
      attack: choice.attack,
      ...axesOf(cell),
      repeat,
      ...figures,
    }))
  );
}

export function axesOf(cell: AttackCell): Record<string, Cell> {
  return Object.fromEntries(
    AXIS_NAMES.flatMap((name) => cell[name] === undefined ? [] : [[name, cell[name]]]),
  );
}

function otherFigures(means: AttackFigures, figure: string): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(means).filter(([name]) => name !== figure)
      .map(([name, value]) => [name === "gamma" ? "gammaMeasured" : name, value]),
  );
}

function runsOf({ repeat }: AttackChoice, cell: AttackCell, parts: Parts): AttackFigures[] {
  return Array.from({ length: repeat }, (_, index) => parts.get(`${keyOfCell(cell)} #${index}`))
    .filter((figures) => figures !== undefined) as AttackFigures[];
}

function estimateOf({ figure }: Attack, runs: readonly AttackFigures[]): Estimate {
  if (figure.kind === "mean") return estimate(runs.map((figures) => figures[figure.name] ?? 0));
  const { successes, trials } = sumOf(runs);
  return estimateShare(successes, trials);
}

function distanceOf(
  { figure }: Attack,
  runs: readonly AttackFigures[],
  value: number,
  level: number,
): Distance {
  return figure.kind === "mean"
    ? distanceOfMean(runs.map((figures) => figures[figure.name] ?? 0), value, level)
    : distanceOfShare(sumOf(runs), value, level);
}

function sumOf(runs: readonly AttackFigures[]): { successes: number; trials: number } {
  return {
    successes: runs.reduce((sum, { successes = 0 }) => sum + successes, 0),
    trials: runs.reduce((sum, { trials = 0 }) => sum + trials, 0),
  };
}
