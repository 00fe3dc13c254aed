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
export const EFFICIENCY_WANTED = 0.8;

/** Means that differ by less than this share count as the same, if the data can tell. */
const EQUIVALENCE_MARGIN = 0.25;

/** A check of the program, asked twice, not a question to the data: it may fail by chance once in 50. */
const AGREEMENT_LEVEL = 0.01;

interface Comparison {
  readonly low: CellSummary;
  readonly high: CellSummary;
  readonly text: string;
}

type TestedMetric = "txPerSecond" | "blockTimeMs";

/** Answers every question that the results can speak to. */
export function drawConclusions(results: Results): readonly Conclusion[] {
  const cells = results.cells.filter(({ validRuns }) => validRuns > 0);
  const [byCapacity, byDifficulty, byNodes] = [
    compareAlong(cells, "capacity"),
    compareAlong(cells, "difficulty"),
    compareAlong(cells, "nodes"),
  ];
  return [
    effect("Does a larger capacity raise throughput?", byCapacity, "txPerSecond", "more"),
    effect("Does a larger capacity leave block time as it is?", byCapacity, "blockTimeMs", "same"),
    effect("Does a higher difficulty lengthen block time?", byDifficulty, "blockTimeMs", "more"),
    effect("Does a higher difficulty lower throughput?", byDifficulty, "txPerSecond", "less"),
    effect("Do more nodes raise throughput?", byNodes, "txPerSecond", "more"),
    againstPublished(cells),
    efficiencyReached(cells),
    hashRatesAgree(results),
    allRunsValid(results),
  ].filter(({ evidence }) => evidence.length > 0);
}

/** Pairs the lowest and the highest cell along one axis, the other two axes fixed. */
function compareAlong(
  cells: readonly CellSummary[],
  axis: "nodes" | "capacity" | "difficulty",
): readonly Comparison[] {
  const slices = Map.groupBy(cells, ({ cell }) => sliceName(cell, axis));
  return [...slices].flatMap(([slice, members]) => {
    const sorted = members.toSorted((a, b) => a.cell[axis] - b.cell[axis]);
    const [low, high] = [sorted[0], sorted.at(-1)];
    if (low === undefined || high === undefined || low === high) return [];
    return [{ low, high, text: `${slice}, ${axis} ${low.cell[axis]} to ${high.cell[axis]}` }];
  });
}

function sliceName(cell: CellSummary["cell"], axis: string): string {
  return [
    ...(axis === "nodes" ? [] : [`${cell.nodes} nodes`]),
    ...(axis === "capacity" ? [] : [`capacity ${cell.capacity}`]),
    ...(axis === "difficulty" ? [] : [`difficulty ${cell.difficulty}`]),
  ].join(", ");
}

function effect(
  question: string,
  comparisons: readonly Comparison[],
  metric: TestedMetric,
  wanted: "more" | "less" | "same",
): Conclusion {
  const verdicts: Verdict[] = [];
  const evidence: string[] = [];
  for (const { low, high, text } of comparisons) {
    const [a, b] = [low.metrics[metric]?.values, high.metrics[metric]?.values];
    if (a === undefined || b === undefined || a.length < 2 || b.length < 2) continue;
    const { ratio, p, meanA, meanB, halfWidth } = welchTest(a, b);
    const significant = p !== null && p < SIGNIFICANCE_LEVEL;
    const found = !significant ? "same" : ratio > 1 ? "more" : "less";
    const shown = `${text}: ${formatFigure(meanA)} to ${formatFigure(meanB)} ${unitOf(metric)} ` +
      `(× ${formatFigure(ratio)})`;

    if (p === null) {
      verdicts.push("undecided");
      evidence.push(`${shown}; the runs are too few to tell`);
    } else {
      // No difference found is no proof of none: the interval must leave no room for one that matters.
      const couldHide = found === "same" &&
        Math.abs(meanB - meanA) + halfWidth > EQUIVALENCE_MARGIN * meanA;
      verdicts.push(couldHide ? "undecided" : found === wanted ? "yes" : "no");
      evidence.push(
        `${shown}; ${significant ? "outside" : "inside"} the error, p ${formatP(p)}`,
      );
    }
  }
  return { question, verdict: overall(verdicts), evidence };
}

function againstPublished(cells: readonly CellSummary[]): Conclusion {
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
    evidence.push(
      `${cellName(summary)}: ${formatFigure(ours.mean)} tx/s, best published ${best} ` +
        `(× ${formatFigure(ours.mean / best)})` +
        (outOfReach
          ? `; out of reach here: at ${formatFigure(bound)} tx/s the hash rate sets the bound`
          : above || below
          ? ""
          : "; the interval holds both"),
    );
  }
  return {
    question:
      "Is throughput above the best published value in every cell whose hash rate allows it?",
    verdict: overall(verdicts),
    evidence,
  };
}

/** Blocks come as a Poisson process: the half width of the 95 % interval of one run, as a share. */
function chanceOfOneRun({ metrics }: CellSummary): number {
  return 1.96 / Math.sqrt(metrics.blocks?.mean ?? 1);
}

function efficiencyReached(cells: readonly CellSummary[]): Conclusion {
  const verdicts: Verdict[] = [];
  const evidence: string[] = [];
  for (const summary of cells.filter(({ cell }) => cell.difficulty >= 5)) {
    const efficiency = summary.metrics.efficiency;
    const luck = summary.metrics.luck;
    if (efficiency === undefined || luck === undefined) continue;
    const withoutLuck = efficiency.mean / luck.mean;
    verdicts.push(withoutLuck >= EFFICIENCY_WANTED ? "yes" : "no");
    evidence.push(
      `${cellName(summary)}: ${percent(efficiency.mean)} measured, of which luck ` +
        `× ${formatFigure(luck.mean)}; ${percent(withoutLuck)} without it`,
    );
  }
  return {
    question: `Is efficiency at least ${percent(EFFICIENCY_WANTED)} from difficulty 5 on?`,
    verdict: overall(verdicts),
    evidence,
  };
}

function hashRatesAgree({ runs }: Results): Conclusion {
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
    question: "Do the blocks found agree with the hashes made?",
    verdict: Math.min(pWorst, pTogether) >= AGREEMENT_LEVEL ? "yes" : "no",
    evidence: count === 1
      ? [`the run lies ${formatFigure(worst)} standard deviations off, p ${formatP(pWorst)}`]
      : [
        `all ${count} runs together lie ${formatFigure(together)} standard deviations off, ` +
        `p ${formatP(pTogether)}`,
        `the farthest of ${count} runs lies ${formatFigure(worst)} off, p ${formatP(pWorst)} ` +
        "for the farthest of so many",
      ],
  };
}

function allRunsValid({ runs }: Results): Conclusion {
  const invalid = runs.filter((run) => run.invalid.length > 0);
  return {
    question: "Did every run end on one chain with every coin accounted for?",
    verdict: invalid.length === 0 ? "yes" : "no",
    evidence: [`${runs.length - invalid.length} of ${runs.length} runs are valid`],
  };
}

function overall(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("no")) return "no";
  return verdicts.length === 0 || verdicts.includes("undecided") ? "undecided" : "yes";
}

function unitOf(metric: TestedMetric): string {
  return metric === "txPerSecond" ? "tx/s" : "ms";
}

function cellName({ cell }: CellSummary): string {
  return `${cell.nodes} nodes, capacity ${cell.capacity}, difficulty ${cell.difficulty}`;
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
