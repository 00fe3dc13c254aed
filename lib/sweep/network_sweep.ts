/**
 * Sweeps of honest networks: block intervals, each run under several seeds.
 *
 * @module
 */
import { measureNetwork, type NetworkRun } from "../simulation/network_experiment.ts";
import type { NetworkChoice } from "../simulation/network_plan.ts";

export interface NetworkSweepChoice {
  readonly network: NetworkChoice;
  readonly intervalsMs: readonly number[];
  readonly repeat: number;
}

export function networkKeys({ intervalsMs, repeat }: NetworkSweepChoice): string[] {
  return intervalsMs.flatMap((intervalMs) =>
    Array.from({ length: repeat }, (_, index) => `interval=${intervalMs} #${index}`)
  );
}

export function runNetworkPart({ network }: NetworkSweepChoice, key: string): NetworkRun {
  const [, intervalMs, index] = /^interval=([0-9.e+-]+) #([0-9]+)$/.exec(key) ?? [];
  const { figures, hashShares } = measureNetwork({
    ...network,
    intervalMs: Number(intervalMs),
    seed: network.seed + Number(index),
  });
  // The raw times are as many as there are blocks, and nothing is made of them.
  return { figures: { ...figures, intervalsMs: [], foundIntervalsMs: [] }, hashShares };
}
