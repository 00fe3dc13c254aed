/**
 * One network under one variant of the consensus rules, with or without a hidden attacker: how often it
 * forks, and when its blocks are final.
 *
 * The attacker hears nobody and shows nothing from genesis on; when the honest chain is as high as wanted,
 * everybody stops mining and it shows its branch. Whether honest nodes go over to it is what the nodes
 * themselves do.
 *
 * @module
 */
import { StayRecorder, timeToFinality } from "../simulation/finality.ts";
import {
  type ConsensusRules,
  drawHashPowers,
  type NetworkChoice,
  planNetwork,
  runNetwork,
} from "../simulation/network_plan.ts";
import { NetworkStatistics } from "../simulation/network_statistics.ts";
import type { SimNode, WorldObserver } from "../simulation/sim_node.ts";
import type { World } from "../simulation/world.ts";
import { pauseMining, tipOf } from "./trial_network.ts";
import { Withholder } from "./withholder.ts";

/** What is compared: a fork choice with one difficulty, or an adjustment under the most work. */
export const VARIANTS = [
  "most-work",
  "lower-hash",
  "longest",
  "ghost",
  "window",
  "lwma",
] as const;
export type Variant = typeof VARIANTS[number];

/** How likely it is at most that a final block leaves the main chain. */
export const FINALITY_LEVEL = 1e-3;
/** The window of an adjustment, in blocks. */
const ADJUSTMENT_WINDOW = 20;
/** What it takes at most until a branch that is shown is everybody's. */
const SHOWING_MS_MAX = 600_000;

export interface VariantRun {
  readonly staleRate: number;
  readonly forkRate: number;
  readonly meanIntervalMs: number;
  readonly meanPropagationMs: number;
  readonly reorgDepthMax: number;
  /** Null where the run was too short to tell. */
  readonly finalityMs: number | null;
  readonly stays: number;
  readonly lostStays: number;
  /** The share of all power with which a hidden branch would have kept up with the honest blocks. */
  readonly hiddenShareToKeepUp: number;
  /** Whether the honest nodes went over to the hidden branch; null without one. */
  readonly hiddenWon: number | null;
}

export function runVariant(
  network: NetworkChoice,
  { variant, hiddenShare }: { readonly variant: Variant; readonly hiddenShare: number },
): VariantRun {
  const hasHidden = hiddenShare > 0;
  const powers = drawHashPowers(network);
  const powerSum = powers.reduce((sum, power) => sum + power, 0);
  const hashPowers = hasHidden
    ? [...powers.map((power) => (1 - hiddenShare) * power / powerSum), hiddenShare]
    : powers;
  const choice = { ...network, rules: rulesOf(variant), nodes: hashPowers.length };
  const world = (): World => planned.world;
  const hiddenIndex = hasHidden ? network.nodes : -1;
  const statistics = new NetworkStatistics(world);
  const recorder = new StayRecorder(() => world().nowMs);
  const observers = [statistics, recorder].map((observer) => honestOnly(observer, hiddenIndex));
  const planned = planNetwork(choice, { observers, hashPowers });
  const hidden = planned.world.nodes[hiddenIndex];
  const withholder = new Withholder();
  if (hidden !== undefined) hidden.adversary = withholder;

  runNetwork(planned, network.blocks);
  const figures = statistics.figures();
  const stays = recorder.stays();
  const growth = variant === "ghost" ? 1 : 1 - figures.staleRate;
  return {
    staleRate: figures.staleRate,
    forkRate: figures.forkRate,
    meanIntervalMs: figures.meanIntervalMs,
    meanPropagationMs: figures.meanPropagationMs,
    reorgDepthMax: Math.max(0, ...Object.keys(figures.reorgDepths).map(Number)),
    finalityMs: timeToFinality(stays, FINALITY_LEVEL) ?? null,
    stays: stays.lostMs.length + stays.keptMs.length,
    lostStays: stays.lostMs.length,
    hiddenShareToKeepUp: growth / (1 + growth),
    hiddenWon: hidden === undefined ? null : Number(winsWhenShown(world(), hidden, withholder)),
  };
}

function rulesOf(variant: Variant): ConsensusRules {
  return variant === "window" || variant === "lwma"
    ? { difficultyAdjustment: variant, adjustmentWindow: ADJUSTMENT_WINDOW }
    : { forkChoice: variant };
}

/** What nobody hears of is in no figure. */
function honestOnly(observer: NetworkStatistics | StayRecorder, hidden: number): WorldObserver {
  return {
    onStep(node, input, effects) {
      if (node.index !== hidden) observer.onStep(node, input, effects);
    },
  };
}

function winsWhenShown(world: World, hidden: SimNode, withholder: Withholder): boolean {
  const tip = tipOf(hidden);
  for (const node of world.nodes) pauseMining(world, node);
  withholder.release({ world, node: hidden });
  const [honest] = world.nodes as [SimNode];
  world.run(world.nowMs + SHOWING_MS_MAX, () => tipOf(honest) === tip);
  return tipOf(honest) === tip;
}
