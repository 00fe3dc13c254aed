/**
 * Small worlds for attacks that succeed or fail, and what their scripts do with the nodes: pause, resume,
 * look up heights, show a tip.
 *
 * @module
 */
import {
  DEFAULT_NETWORK_CHOICE,
  type PlannedNetwork,
  planNetwork,
} from "../simulation/network_plan.ts";
import type { SimNode, SimWorld, WorldObserver } from "../simulation/sim_node.ts";
import type { World } from "../simulation/world.ts";

const LATENCY_MS = 1;

/** A full mesh in which each node has the given hash power. */
export function planTrial(
  { seed, hashPowers, intervalMs, observers = [] }: {
    readonly seed: number;
    readonly hashPowers: readonly number[];
    readonly intervalMs: number;
    readonly observers?: readonly WorldObserver[];
  },
): PlannedNetwork {
  const planned = planNetwork({
    ...DEFAULT_NETWORK_CHOICE,
    seed,
    nodes: hashPowers.length,
    topology: { kind: "full" },
    latency: { kind: "constant", value: LATENCY_MS },
    intervalMs,
  }, { hashPowers, observers });
  planned.world.run(0);
  return planned;
}

export function heightOf({ state }: SimNode): number {
  return state?.network?.chain.height ?? 0;
}

export function tipOf({ state }: SimNode): string {
  return state?.network?.chain.tip.hash ?? "";
}

export function pauseMining(world: World, node: SimNode): void {
  control(world, node, "pause-mining");
}

export function resumeMining(world: World, node: SimNode): void {
  control(world, node, "resume-mining");
}

/** Lets all other nodes hear of a node's tip, as its next block would. */
export function showTip(world: Pick<SimWorld, "nodes" | "sendMessage">, node: SimNode): void {
  const chain = node.state?.network?.chain;
  const tip = chain?.block(chain.tip.hash);
  if (tip === undefined || tip.header.height === 0) return;
  const { hash, header, transactions } = tip;
  const txids = transactions.map(({ txid }) => txid);
  for (const other of world.nodes) {
    if (other === node) continue;
    world.sendMessage(node, other, { type: "compact-block", hash, header, txids, prefilled: [] });
  }
}

/** The seed of a run's trial: trials of one run do not share a stream. */
export function trialSeed(seed: number, trial: number): number {
  return seed * 1_000_003 + trial;
}

function control(world: World, node: SimNode, kind: "pause-mining" | "resume-mining"): void {
  world.request(node, (requestId) => ({ type: "control", requestId, command: { kind } }));
}
