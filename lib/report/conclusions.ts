/**
 * Draws conclusions from the data: which effect, how large, is it outside the error.
 *
 * Each question is put to every slice of the matrix that can answer it, by Welch's test at 5 %. A slice
 * with a single run at either end says nothing about chance, so the question is not put to it. Pure.
 *
 * @module
 */
import { normalTwoSided, SIGNIFICANCE_LEVEL, welchTest } from "../statistics/significance.ts";
import type { CellSummary, Results } from "../measure/summary.ts";
import { bestPublished, publishedFigures } from "./published.ts";
import { type ReportTexts, reportTexts } from "./texts.ts";
import { boundsOf } from "./work_bounds.ts";

/** What the data says to a question. */
export type Verdict = "yes" | "no" | "undecided";

export interface Conclusion {
  readonly question: string;
  readonly verdict: Verdict;

  /** One sentence for each slice that was looked at. */
  readonly evidence: readonly string[];
}

/** The efficiency that is expected where blocks take long. */
const EFFICIENCY_WANTED = 0.8;

/** Means that differ by less than this share count as the same, if the data can tell. */
const EQUIVALENCE_MARGIN = 0.25;

/** A check of the program, asked twice, not a question to the data: it may fail by chance once in 50. */
const AGREEMENT_LEVEL = 0.01;

interface Comparison {
  readonly low: CellSummary;
  readonly high: CellSummary;
  readonly text: string;
}

const AXES = ["nodes", "capacity", "difficulty"] as const;
type Axis = (typeof AXES)[number];

type TestedMetric = "txPerSecond" | "blockTimeMs";

/** Answers every question that the results can speak to. */
export function drawConclusions(
  results: Results,
  text: ReportTexts = reportTexts("en"),
): readonly Conclusion[] {
  const cells = results.cells.filter(({ validRuns }) => validRuns > 0);
  const [byCapacity, byDifficulty, byNodes] = [
    compareAlong(cells, "capacity", text),
    compareAlong(cells, "difficulty", text),
    compareAlong(cells, "nodes", text),
  ];
  const effectOf = (
    question: string,
    comparisons: readonly Comparison[],
    metric: TestedMetric,
    wanted: "more" | "less" | "same",
  ) => effect({ question, comparisons, metric, wanted }, text);
  return [
    effectOf(text("ask.capacityThroughput"), byCapacity, "txPerSecond", "more"),
    effectOf(text("ask.capacityBlockTime"), byCapacity, "blockTimeMs", "same"),
    effectOf(text("ask.difficultyBlockTime"), byDifficulty, "blockTimeMs", "more"),
    effectOf(text("ask.difficultyThroughput"), byDifficulty, "txPerSecond", "less"),
    effectOf(text("ask.nodesThroughput"), byNodes, "txPerSecond", "more"),
    againstPublished(cells, text),
    efficiencyReached(cells, text),
    hashRatesAgree(results, text),
    allRunsValid(results, text),
  ].filter(({ evidence }) => evidence.length > 0);
}

/** Pairs the lowest and the highest cell along one axis, the other two axes fixed. */
function compareAlong(
  cells: readonly CellSummary[],
  axis: Axis,
  text: ReportTexts,
): readonly Comparison[] {
  const slices = Map.groupBy(cells, ({ cell }) => sliceName(cell, text, axis));
  return [...slices].flatMap(([slice, members]) => {
    const sorted = members.toSorted((a, b) => a.cell[axis] - b.cell[axis]);
    const [low, high] = [sorted[0], sorted.at(-1)];
    if (low === undefined || high === undefined || low === high) return [];
    const ends = { low: low.cell[axis], high: high.cell[axis] };
    return [{ low, high, text: text("along", { slice, axis: text(`axis.${axis}`), ...ends }) }];
  });
}

/** A cell by its axes, without one of them. */
function sliceName(cell: CellSummary["cell"], text: ReportTexts, without?: Axis): string {
  return AXES.filter((axis) => axis !== without)
    .map((axis) => text(`slice.${axis}`, { value: cell[axis] })).join(", ");
}

function effect(
  { question, comparisons, metric, wanted }: {
    readonly question: string;
    readonly comparisons: readonly Comparison[];
    readonly metric: TestedMetric;
    readonly wanted: "more" | "less" | "same";
  },
  text: ReportTexts,
): Conclusion {
  const verdicts: Verdict[] = [];
  const evidence: string[] = [];
  for (const { low, high, text: cells } of comparisons) {
    const [a, b] = [low.metrics[metric]?.values, high.metrics[metric]?.values];
    if (a === undefined || b === undefined || a.length < 2 || b.length < 2) continue;
    const { ratio, p, meanA, meanB, halfWidth } = welchTest(a, b);
    const significant = p !== null && p < SIGNIFICANCE_LEVEL;
    const found = !significant ? "same" : ratio > 1 ? "more" : "less";
    const shown = text("effect.shown", {
      cells,
      low: formatFigure(meanA),
      high: formatFigure(meanB),
      unit: unitOf(metric),
      ratio: formatFigure(ratio),
    });

    if (p === null) {
      verdicts.push("undecided");
      evidence.push(text("effect.few", { shown }));
    } else {
      // No difference found is no proof of none: the interval must leave no room for one that matters.
      const couldHide = found === "same" &&
        Math.abs(meanB - meanA) + halfWidth > EQUIVALENCE_MARGIN * meanA;
      verdicts.push(couldHide ? "undecided" : found === wanted ? "yes" : "no");
      const key = significant ? "effect.outside" : "effect.inside";
      evidence.push(text(key, { shown, p: formatP(p) }));
    }
  }
  return { question, verdict: overall(verdicts), evidence };
}

function againstPublished(cells: readonly CellSummary[], text: ReportTexts): Conclusion {
  const verdicts: Verdict[] = [];
  const evidence: string[] = [];
  for (const summary of cells) {
    const published = publishedFigures(summary.cell);
    const ours = summary.metrics.txPerSecond;
    if (published === undefined || ours === undefined) continue;
    const best = bestPublished(published);
    const bound = boundsOf(summary)?.txPerSecond;
    const halfWidth = ours.halfWidth ?? chanceOfOneRun(summary) * ours.mean;
    const above = ours.mean - halfWidth > best;
    const below = ours.mean + halfWidth < best;
    const outOfReach = bound !== undefined && bound < best;
    if (!outOfReach) verdicts.push(above ? "yes" : below ? "no" : "undecided");
    const shown = text("published.shown", {
      cell: sliceName(summary.cell, text),
      ours: formatFigure(ours.mean),
      best,
      ratio: formatFigure(ours.mean / best),
    });
    evidence.push(
      outOfReach
        ? text("published.outOfReach", { shown, bound: formatFigure(bound) })
        : above || below
        ? shown
        : text("published.both", { shown }),
    );
  }
  return {
    question: text("ask.published"),
    verdict: overall(verdicts),
    evidence,
  };
}

/** Blocks come as a Poisson process: the half width of the 95 % interval of one run, as a share. */
function chanceOfOneRun({ metrics }: CellSummary): number {
  return 1.96 / Math.sqrt(metrics.blocks?.mean ?? 1);
}

function efficiencyReached(cells: readonly CellSummary[], text: ReportTexts): Conclusion {
  const verdicts: Verdict[] = [];
  const evidence: string[] = [];
  for (const summary of cells.filter(({ cell }) => cell.difficulty >= 5)) {
    const efficiency = summary.metrics.efficiency;
    const luck = summary.metrics.luck;
    if (efficiency === undefined || luck === undefined) continue;
    const withoutLuck = efficiency.mean / luck.mean;
    verdicts.push(withoutLuck >= EFFICIENCY_WANTED ? "yes" : "no");
    evidence.push(text("efficiency.shown", {
      cell: sliceName(summary.cell, text),
      measured: percent(efficiency.mean),
      luck: formatFigure(luck.mean),
      without: percent(withoutLuck),
    }));
  }
  return {
    question: text("ask.efficiency", { share: percent(EFFICIENCY_WANTED) }),
    verdict: overall(verdicts),
    evidence,
  };
}

function hashRatesAgree({ runs }: Results, text: ReportTexts): Conclusion {
  const sigmas = runs.filter(({ invalid }) => invalid.length === 0)
    .flatMap(({ metrics }) => metrics.hashRateSigmas ?? []);
  if (sigmas.length === 0) return { question: "", verdict: "undecided", evidence: [] };
  const count = sigmas.length;
  const worst = sigmas.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a);
  const together = sigmas.reduce((sum, value) => sum + value, 0) / Math.sqrt(count);

  // The farthest of many runs is far by chance (Šidák's correction); a mistake of all adds up (Stouffer).
  const pWorst = 1 - (1 - normalTwoSided(worst)) ** count;
  const pTogether = normalTwoSided(together);
  return {
    question: text("ask.hashRates"),
    verdict: Math.min(pWorst, pTogether) >= AGREEMENT_LEVEL ? "yes" : "no",
    evidence: count === 1
      ? [text("hashRates.one", { sigmas: formatFigure(worst), p: formatP(pWorst) })]
      : [
        text("hashRates.together", {
          count,
          sigmas: formatFigure(together),
          p: formatP(pTogether),
        }),
        text("hashRates.farthest", { count, sigmas: formatFigure(worst), p: formatP(pWorst) }),
      ],
  };
}

function allRunsValid({ runs }: Results, text: ReportTexts): Conclusion {
  const invalid = runs.filter((run) => run.invalid.length > 0);
  return {
    question: text("ask.valid"),
    verdict: invalid.length === 0 ? "yes" : "no",
    evidence: [text("valid.shown", { valid: runs.length - invalid.length, runs: runs.length })],
  };
}

function overall(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("no")) return "no";
  return verdicts.length === 0 || verdicts.includes("undecided") ? "undecided" : "yes";
}

function unitOf(metric: TestedMetric): string {
  return metric === "txPerSecond" ? "tx/s" : "ms";
}

/** Three digits, or a whole number where it is larger. */
export function formatFigure(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return size >= 0.01 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function formatP(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
