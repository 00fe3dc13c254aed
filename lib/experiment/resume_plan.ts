/**
 * Holds what somebody asks of an experiment that is there against what it was begun with.
 *
 * More repetitions extend it; any other difference would mix two experiments in one folder, and is named.
 * Pure. Called by `noobcash experiment --resume`.
 *
 * @module
 */
import type { ExperimentPlan } from "../measure/experiment_record.ts";
import { err, ok, type Result } from "../result.ts";

/** An option that differs. */
export interface PlanDifference {
  readonly option: string;
  readonly there: string;
  readonly wanted: string;
}

/** What each option of the command decides of a plan. */
const OPTIONS: readonly (readonly [option: string, (plan: ExperimentPlan) => unknown])[] = [
  ["--nodes", ({ nodes }) => nodes],
  ["--capacity", ({ capacities }) => capacities],
  ["--difficulty", ({ difficulties }) => difficulties],
  ["--coins", ({ network }) => network.coinsPerNode],
  ["--workload", ({ workload }) => workload],
  ["--lines", ({ linesPerNode }) => linesPerNode],
  ["--seed", ({ seed }) => seed],
  ["--load", ({ load }) => load.durationMs],
  ["--rate", ({ load }) => load.ratePerSecond],
  ["--concurrency", ({ load }) => load.concurrency],
  ["--lead", ({ load }) => load.leadLines],
  ["--retry", ({ load }) => load.retry],
  ["--hash-rate-limit", ({ network }) => network.hashRateLimit],
  ["--link-latency", ({ network }) => network.linkLatencyMs],
  ["--link-loss", ({ network }) => network.linkLoss],
  ["--threads", ({ network }) => network.threadsPerNode],
  ["--no-strict", ({ network }) => !network.strict],
  ["--block-wait", ({ network }) => network.blockWaitMs],
  ["--fork-choice", ({ network }) => network.rules?.forkChoice],
  ["--difficulty-adjustment", ({ network }) => network.rules?.difficultyAdjustment],
  ["--block-interval", ({ network }) => network.rules?.blockIntervalMs],
  ["--adjustment-window", ({ network }) => network.rules?.adjustmentWindow],
];

/** The plan to go on with: the one that is there, with as many repetitions as are wanted. */
export function resumePlan(
  there: ExperimentPlan,
  wanted: ExperimentPlan,
): Result<ExperimentPlan, PlanDifference> {
  for (const [option, valueOf] of OPTIONS) {
    const [before, now] = [textOf(valueOf(there)), textOf(valueOf(wanted))];
    if (before !== now) return err({ option, there: before, wanted: now });
  }
  if (wanted.repeats < there.repeats) {
    const option = "--repeat";
    return err({ option, there: String(there.repeats), wanted: String(wanted.repeats) });
  }
  return ok({ ...there, repeats: wanted.repeats });
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? "none" : String(value);
}
