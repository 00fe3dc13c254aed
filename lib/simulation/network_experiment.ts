/**
 * Runs a choice of network several times under different seeds, and says what came out with confidence
 * intervals.
 *
 * @module
 */
import { type NetworkChoice, planNetwork, runNetwork } from "./network_plan.ts";
import { type NetworkFigures, NetworkStatistics } from "./network_statistics.ts";
import { type Estimate, estimate } from "../statistics/estimate.ts";
import { TightHeap } from "../tight_heap.ts";
import { continuousForkRate } from "./published_theory.ts";
import type { World } from "./world.ts";

/** The figures of one run that are one number each. */
export const FIGURE_NAMES = [
  "staleRate",
  "forkRate",
  "meanIntervalMs",
  "meanPropagationMs",
  "propagation50Ms",
  "propagation90Ms",
  "transactionsPerSec",
  "reorgCount",
  "foundBlocks",
  "eventCount",
] as const;

export type FigureName = typeof FIGURE_NAMES[number];

export interface NetworkOutcome {
  readonly choice: NetworkChoice;
  readonly runs: readonly NetworkFigures[];
  readonly estimates: Readonly<Record<FigureName, Estimate>>;
  /** Each node's share of the hash power in the first run. */
  readonly hashShares: readonly number[];
  /** What the propagation that was measured lets expect. */
  readonly expectedForkRate: number;
}

/** What is known of one run. */
export interface NetworkRun {
  readonly figures: NetworkFigures;
  readonly hashShares: readonly number[];
}

/** One run. */
export function measureNetwork(choice: NetworkChoice): NetworkRun {
  const statistics: NetworkStatistics = new NetworkStatistics((): World => planned.world);
  const planned = planNetwork(choice, { observers: [statistics] });
  const heap = new TightHeap();
  runNetwork(planned, choice.blocks, () => heap.tidy());
  return { figures: statistics.figures(), hashShares: planned.hashShares };
}

/** @param repeat how many runs, with the seeds that follow the choice's own */
export function experimentWithNetwork(choice: NetworkChoice, repeat: number): NetworkOutcome {
  return outcomeOf(
    choice,
    Array.from(
      { length: repeat },
      (_, index) => measureNetwork({ ...choice, seed: choice.seed + index }),
    ),
  );
}

/** What runs under the choice's seed and those that follow it have in common. */
export function outcomeOf(choice: NetworkChoice, measured: readonly NetworkRun[]): NetworkOutcome {
  const runs = measured.map(({ figures }) => figures);
  const estimates = Object.fromEntries(
    FIGURE_NAMES.map((name) => [name, estimate(runs.map((run) => run[name]))]),
  ) as Record<FigureName, Estimate>;
  return {
    choice,
    runs,
    estimates,
    hashShares: measured[0]?.hashShares ?? [],
    expectedForkRate: continuousForkRate(estimates.meanPropagationMs.mean, choice.intervalMs),
  };
}
