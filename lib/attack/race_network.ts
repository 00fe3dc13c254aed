/**
 * Networks in which one attacker mines among honest miners, and what share γ of these follow it in a race.
 *
 * In a full mesh γ is made with latencies: some honest nodes hear the attacker before they hear anybody
 * else, the others last. A block's own finder never leaves its block, so with equal powers the γ that is
 * had would be smaller than the one that was asked for; the favoured nodes get so much more power that it
 * is the same. m honest nodes cannot do more than 1 - 1/m. In any other shape γ is what the shape makes of
 * it, and is measured.
 *
 * @module
 */
import type { Distribution } from "../random/distribution.ts";
import {
  DEFAULT_NETWORK_CHOICE,
  type PlannedNetwork,
  planNetwork,
  type TopologyChoice,
} from "../simulation/network_plan.ts";
import type { SimNode, WorldObserver } from "../simulation/sim_node.ts";

/** What all cells of an attack have in common. */
export interface AttackSetting {
  readonly honest: number;
  readonly topology: TopologyChoice;
  /** Latency of each link, one way, in ms; in a full mesh it is chosen so that γ comes out. */
  readonly latency: Distribution;
  readonly intervalMs: number;
  /** How high the chain grows, for attacks that go on. */
  readonly blocks: number;
  /** How many tries a run has, for attacks that succeed or fail. */
  readonly trials: number;
}

/** The attacker is the first node. */
export const ATTACKER = 0;

const ATTACKER_MS = 1;
const HONEST_MS = 10;
const LATE_MS = 30;

/** Powers of the honest nodes that sum to 1, and how many of them hear the attacker first. */
export interface Followers {
  readonly powers: readonly number[];
  readonly favoured: number;
  /** The γ that this gives. */
  readonly gamma: number;
}

/**
 * Spreads the honest power so that γ is what is asked for, or as near as so many nodes can come.
 *
 * With the power F spread evenly over f favoured nodes γ is F - F² / f: the favoured power but for the
 * finder's own.
 *
 * @example
 * ```ts
 * import { followersFor } from "./race_network.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(followersFor(0.5, 10).gamma, 0.5);
 * assert.equal(followersFor(1, 10).gamma, 0.9);
 * ```
 */
export function followersFor(gamma: number, honest: number): Followers {
  const even = (count: number, power: number) => new Array<number>(count).fill(power / count);
  if (gamma === 0) return { powers: even(honest, 1), favoured: 0, gamma };
  for (
    let favoured = Math.min(honest - 1, Math.ceil(gamma * honest));
    favoured < honest;
    favoured++
  ) {
    const root = 1 - 4 * gamma / favoured;
    if (favoured < 1 || root < 0) continue;
    const power = favoured / 2 * (1 - Math.sqrt(root));
    if (power >= 1) continue;
    const powers = [...even(favoured, power), ...even(honest - favoured, 1 - power)];
    return { powers, favoured, gamma };
  }
  // All hear the attacker first, so only a block's finder stays with it. One node has more power than the
  // others, so that Σ p² = 1 - γ.
  const had = Math.min(gamma, 1 - 1 / honest);
  const root = Math.sqrt(Math.max(0, 1 - honest * (1 - (honest - 1) * (1 - had))));
  const largest = (1 + root) / honest;
  return { powers: [largest, ...even(honest - 1, 1 - largest)], favoured: honest, gamma: had };
}

/** A network of the attacker and honest miners; `gamma` only in a full mesh. */
export function planRace(
  { seed, share, gamma, setting, observers = [] }: {
    readonly seed: number;
    readonly share: number;
    readonly gamma: number;
    readonly setting: AttackSetting;
    readonly observers?: readonly WorldObserver[];
  },
): PlannedNetwork & { readonly attacker: SimNode } {
  const { honest, topology, intervalMs } = setting;
  const isMesh = topology.kind === "full";
  const followers = followersFor(isMesh ? gamma : 0, honest);
  const planned = planNetwork({
    ...DEFAULT_NETWORK_CHOICE,
    seed,
    nodes: honest + 1,
    topology,
    latency: isMesh ? { kind: "constant", value: HONEST_MS } : setting.latency,
    intervalMs,
  }, {
    hashPowers: [share, ...followers.powers.map((power) => (1 - share) * power)],
    observers,
  });
  const { links, nodes } = planned.world;
  for (let index = 1; isMesh && index <= honest; index++) {
    links.setLatency(index, ATTACKER, ATTACKER_MS);
    links.setLatency(ATTACKER, index, index <= followers.favoured ? ATTACKER_MS : LATE_MS);
  }
  return { ...planned, attacker: nodes[ATTACKER] as SimNode };
}
