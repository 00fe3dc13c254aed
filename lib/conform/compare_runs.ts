/**
 * A table of a whole class: one line a run, points by level, and what most of them fail.
 *
 * @module
 */
import type { RunResult } from "./result.ts";
import { formatPoints, type Score, scoreOf, type Weights } from "./score.ts";

export interface ComparedRun {
  /** The folder's name. */
  readonly name: string;
  readonly run: RunResult;
}

/** The best first; equals by name. */
export function compareRuns(
  runs: readonly ComparedRun[],
  weights: Weights,
): readonly (ComparedRun & { readonly score: Score })[] {
  return runs.map((one) => ({ ...one, score: scoreOf(one.run.results, weights) }))
    .toSorted((a, b) => b.score.earned - a.score.earned || a.name.localeCompare(b.name, "en"));
}

/** How many runs fail each test; those that nobody fails are left out. */
export function commonFailures(
  runs: readonly ComparedRun[],
): readonly { readonly code: string; readonly title: string; readonly count: number }[] {
  const counts = new Map<string, { code: string; title: string; count: number }>();
  for (const { code, title, verdict } of runs.flatMap(({ run }) => run.results)) {
    if (verdict !== "failed" && verdict !== "flaky") continue;
    const known = counts.get(code) ?? { code, title, count: 0 };
    counts.set(code, { ...known, count: known.count + 1 });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || a.code.localeCompare(b.code));
}

/** A line a run and a column a test, for a spreadsheet. */
export function compareCsv(runs: readonly ComparedRun[], weights: Weights): string {
  const compared = compareRuns(runs, weights);
  const codes = [...new Set(compared.flatMap(({ run }) => run.results.map(({ code }) => code)))]
    .toSorted();
  const levels = ["1", "2", "3", "4", "5", "6"];
  const head = [
    "run",
    "implementation",
    "seed",
    "earned",
    "possible",
    "not_applicable",
    ...levels.map((level) => `level_${level}`),
    ...codes,
  ];
  const rows = compared.map(({ name, run, score }) => {
    const verdicts = new Map(run.results.map(({ code, verdict }) => [code, verdict]));
    return [
      name,
      run.implementation,
      String(run.seed),
      formatPoints(score.earned),
      formatPoints(score.possible),
      formatPoints(score.notApplicable),
      ...levels.map((level) =>
        formatPoints(score.levels.find((one) => String(one.level) === level)?.earned ?? 0)
      ),
      ...codes.map((code) => verdicts.get(code) ?? ""),
    ];
  });
  return [head, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n") + "\r\n";
}

/** Quoted where it has to be; what a spreadsheet would take for a formula gets an apostrophe. */
function csvField(text: string): string {
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
