/**
 * Selfish mining in a network of honest miners: which share of the main chain the pool gets.
 *
 * The share γ of honest power that mines on the pool's block in a race is made with latencies: some honest
 * nodes hear the pool first, the others hear it last. A block's own finder always stays on its own block,
 * so with m honest miners the effective γ is γ (1 - 1/m).
 *
 * @module
 */
import { DEFAULT_NETWORK_CHOICE, planNetwork, runNetwork } from "../simulation/network_plan.ts";
import { type NetworkFigures, NetworkStatistics } from "../simulation/network_statistics.ts";
import { SelfishMiner } from "./selfish_miner.ts";
import type { World } from "../simulation/world.ts";

export interface SelfishChoice {
  readonly seed: number;
  /** The pool's share of all hash power. */
  readonly alpha: number;
  readonly gamma: number;
  readonly honestMiners: number;
  readonly blocks: number;
}

export interface SelfishOutcome {
  /** The pool's share of the main chain. */
  readonly revenue: number;
  /** The γ that the network really has. */
  readonly gamma: number;
  readonly figures: NetworkFigures;
}

const INTERVAL_MS = 600_000;
const HONEST_LATENCY_MS = 10;
const LATE_MS = 30;

export function runSelfishMining(choice: SelfishChoice): SelfishOutcome {
  const { alpha, honestMiners: honest } = choice;
  const statistics: NetworkStatistics = new NetworkStatistics((): World => planned.world);
  const planned = planNetwork({
    ...DEFAULT_NETWORK_CHOICE,
    seed: choice.seed,
    nodes: honest + 1,
    topology: { kind: "full" },
    latency: { kind: "constant", value: HONEST_LATENCY_MS },
    intervalMs: INTERVAL_MS,
  }, {
    observers: [statistics],
    hashPowers: [alpha, ...new Array<number>(honest).fill((1 - alpha) / honest)],
  });
  const { world } = planned;
  const pool = world.nodes[0];
  if (pool !== undefined) pool.adversary = new SelfishMiner();
  const favoured = Math.round(choice.gamma * honest);
  for (let index = 1; index <= honest; index++) {
    world.links.setLatency(index, 0, 1);
    world.links.setLatency(0, index, index <= favoured ? 1 : LATE_MS);
  }
  runNetwork(planned, choice.blocks);
  const figures = statistics.figures();
  return {
    revenue: figures.revenueShares[0] ?? 0,
    gamma: favoured / honest * (1 - 1 / honest),
    figures,
  };
}
