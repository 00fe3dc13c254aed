/**
 * Points: what a run earned, by level and together, as a lecturer weighs it.
 *
 * A flaky test earns the share of its runs that passed. What is not applicable earns nothing: it is shown
 * apart, so that a lecturer sees whether the implementation or the adapter lacks it.
 *
 * @module
 */
import { z } from "zod";
import { ALL_TESTS } from "./all_tests.ts";
import { type Level, LEVEL_NAMES } from "./conform_test.ts";
import type { TestResult } from "./result.ts";

/** Factors for points: of levels (`"4": 0.5`), of tests (`L216: 0`), of all that the assignment does not say. */
export const weightsSchema = z.strictObject({
  levels: z.partialRecord(z.enum(["1", "2", "3", "4", "5", "6"]), z.number().min(0).max(100))
    .optional(),
  tests: z.record(z.string().regex(/^L[1-6][0-9]{2}$/), z.number().min(0).max(100)).optional(),
  beyondTheAssignment: z.number().min(0).max(100).optional(),
  /** `lost` counts what is not applicable as not earned, `left-out` takes it from what could be. */
  notApplicable: z.enum(["lost", "left-out"]).optional(),
});
export type Weights = z.infer<typeof weightsSchema>;

export interface LevelScore {
  readonly level: Level;
  readonly name: string;
  readonly earned: number;
  readonly possible: number;
  /** The part of `possible` that was not judged. */
  readonly notApplicable: number;
  readonly passed: number;
  readonly failed: number;
  readonly flaky: number;
}

export interface Score {
  readonly levels: readonly LevelScore[];
  readonly earned: number;
  readonly possible: number;
  readonly notApplicable: number;
}

/** What a test of a result can earn under these weights. */
export function pointsOf(
  { code, level, basis, points }: Pick<TestResult, "code" | "level" | "basis" | "points">,
  weights: Weights,
): number {
  const beyond = basis === "assignment" ? 1 : weights.beyondTheAssignment ?? 1;
  const ofLevel = weights.levels?.[String(level) as "1"] ?? 1;
  return points * ofLevel * beyond * (weights.tests?.[code] ?? 1);
}

export function earnedOf(result: TestResult, weights: Weights): number {
  const share = result.runs === 0 || result.verdict === "not-applicable"
    ? 0
    : (result.runs - result.failures) / result.runs;
  return pointsOf(result, weights) * share;
}

export function scoreOf(results: readonly TestResult[], weights: Weights = {}): Score {
  const levels = ([1, 2, 3, 4, 5, 6] as const).flatMap((level): LevelScore[] => {
    const ofLevel = results.filter((result) => result.level === level);
    if (ofLevel.length === 0) return [];
    const open = ofLevel.filter(({ verdict }) => verdict === "not-applicable");
    const notApplicable = sum(open.map((result) => pointsOf(result, weights)));
    const all = sum(ofLevel.map((result) => pointsOf(result, weights)));
    return [{
      level,
      name: LEVEL_NAMES[level],
      earned: sum(ofLevel.map((result) => earnedOf(result, weights))),
      possible: weights.notApplicable === "left-out" ? all - notApplicable : all,
      notApplicable,
      passed: ofLevel.filter(({ verdict }) => verdict === "passed").length,
      failed: ofLevel.filter(({ verdict }) => verdict === "failed").length,
      flaky: ofLevel.filter(({ verdict }) => verdict === "flaky").length,
    }];
  });
  return {
    levels,
    earned: sum(levels.map(({ earned }) => earned)),
    possible: sum(levels.map(({ possible }) => possible)),
    notApplicable: sum(levels.map(({ notApplicable }) => notApplicable)),
  };
}

/** Codes of a weights file that no test has: a mistyped one must not be silently without effect. */
export function unknownCodes({ tests = {} }: Weights): readonly string[] {
  const known = new Set(ALL_TESTS.map(({ code }) => code));
  return Object.keys(tests).filter((code) => !known.has(code));
}

/** A number of points without needless digits. */
export function formatPoints(points: number): string {
  return String(Math.round(points * 100) / 100);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
