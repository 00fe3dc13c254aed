/**
 * What simulated networks say: a row a run, a row an interval, and two plots.
 *
 * @module
 */
import { type ChartRow, drawChart } from "../simulation/chart.ts";
import {
  FIGURE_NAMES,
  type NetworkOutcome,
  type NetworkRun,
  outcomeOf,
} from "../simulation/network_experiment.ts";
import { continuousForkRate } from "../simulation/published_theory.ts";
import type { Cell } from "../table/table.ts";
import type { NetworkSweepChoice } from "./network_sweep.ts";
import type { Parts } from "./sweep_folder.ts";

/** The outcome of each interval of which a run is done. */
export function networkOutcomes(
  { network, intervalsMs, repeat }: NetworkSweepChoice,
  parts: Parts,
): readonly NetworkOutcome[] {
  return intervalsMs.flatMap((intervalMs) => {
    const runs = Array.from(
      { length: repeat },
      (_, index) =>
        parts.get(`interval=${intervalMs} #${index}`) as unknown as NetworkRun | undefined,
    ).filter((run) => run !== undefined);
    return runs.length === 0 ? [] : [outcomeOf({ ...network, intervalMs }, runs)];
  });
}

export function networkPointRows(choice: NetworkSweepChoice, parts: Parts): Record<string, Cell>[] {
  return networkOutcomes(choice, parts).map(({ choice, runs, estimates, expectedForkRate }) => ({
    nodes: choice.nodes,
    intervalMs: choice.intervalMs,
    runs: runs.length,
    ...Object.fromEntries(FIGURE_NAMES.flatMap((name): [string, Cell][] => [
      [name, estimates[name].mean],
      [`${name}HalfWidth95`, finite(estimates[name].halfWidth)],
    ])),
    expectedForkRate,
  }));
}

export function networkRunRows(
  choice: NetworkSweepChoice,
  parts: Parts,
): Record<string, Cell>[] {
  return networkOutcomes(choice, parts).flatMap(({ choice, runs }) =>
    runs.map((run, index) => ({
      nodes: choice.nodes,
      intervalMs: choice.intervalMs,
      seed: choice.seed + index,
      ...Object.fromEntries(FIGURE_NAMES.map((name): [string, Cell] => [name, run[name]])),
      expectedForkRate: continuousForkRate(run.meanPropagationMs, choice.intervalMs),
    }))
  );
}

export async function drawNetworks(
  choice: NetworkSweepChoice,
  parts: Parts,
): Promise<Record<string, string>> {
  const outcomes = networkOutcomes(choice, parts);
  const [first] = outcomes;
  if (first === undefined) return {};
  const forks = outcomes.flatMap(({ choice, estimates, expectedForkRate }): ChartRow[] => [
    {
      x: choice.intervalMs,
      y: estimates.forkRate.mean,
      halfWidth: estimates.forkRate.halfWidth,
      series: "simulated",
      kind: "simulated",
    },
    { x: choice.intervalMs, y: expectedForkRate, series: "from propagation", kind: "theory" },
  ]);
  const miners = first.hashShares.map((x, node): ChartRow => ({
    x,
    y: first.runs[0]?.revenueShares[node] ?? 0,
    series: "miner",
    kind: "simulated",
  }));
  const shareMax = first.hashShares.reduce((most, share) => Math.max(most, share), 0);
  const fair = [0, shareMax].map((x): ChartRow => ({ x, y: x, series: "fair", kind: "theory" }));
  return {
    "fork-rate": await drawChart(forks, {
      title: "Fork rate by block interval",
      xTitle: "mean block interval, ms",
      yTitle: "heights with more than one block",
      isXLogarithmic: outcomes.length > 1,
    }),
    revenue: await drawChart([...miners, ...fair], {
      title: "Revenue by hash power",
      xTitle: "share of the hash power",
      yTitle: "share of the main chain",
    }),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
