/**
 * What published work says a network like this does: the yardsticks that simulated results are held to.
 *
 * - S. Nakamoto, "Bitcoin: A Peer-to-Peer Electronic Cash System", 2008, section 11
 * - M. Rosenfeld, "Analysis of Hashrate-Based Double Spending", 2014 (arXiv:1402.2009)
 * - C. Decker and R. Wattenhofer, "Information Propagation in the Bitcoin Network", IEEE P2P 2013
 * - I. Eyal and E. G. Sirer, "Majority is not Enough: Bitcoin Mining is Vulnerable", FC 2014
 *
 * Pure formulas; nothing here knows the simulator.
 *
 * @module
 */

/**
 * Nakamoto's chance that an attacker with the share `q` of all hash power ever catches up from `z` blocks
 * behind. Takes the attacker's progress as Poisson distributed with the mean that the honest chain's
 * expected time gives.
 *
 * @example
 * ```ts
 * import { nakamotoDoubleSpend } from "./published_theory.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(nakamotoDoubleSpend(0.1, 1).toFixed(7), "0.2045873");
 * ```
 */
export function nakamotoDoubleSpend(q: number, z: number): number {
  const p = 1 - q;
  if (q >= p) return 1;
  const lambda = z * q / p;
  let poisson = Math.exp(-lambda);
  let failure = 0;
  for (let blocks = 0; blocks <= z; blocks++) {
    if (blocks > 0) poisson *= lambda / blocks;
    failure += poisson * (1 - (q / p) ** (z - blocks));
  }
  return 1 - failure;
}

/**
 * Rosenfeld's exact chance of the same: while the honest miners find `z` blocks, the attacker's number is
 * negative binomial, not Poisson. The attacker has mined one block before and must get strictly ahead.
 */
export function rosenfeldDoubleSpend(q: number, z: number): number {
  const p = 1 - q;
  if (q >= p) return 1;
  // C(m + z - 1, m), by recurrence.
  let choices = 1;
  let failure = 0;
  for (let blocks = 0; blocks <= z; blocks++) {
    if (blocks > 0) choices *= (blocks + z - 1) / blocks;
    failure += choices * (p ** z * q ** blocks - p ** blocks * q ** z);
  }
  return 1 - failure;
}

/**
 * Decker and Wattenhofer's chance that a block has a rival: somebody finds one while the block is on its
 * way to those who do not have it yet.
 *
 * @param meanPropagation the integral of 1 - f(t), f the share of the hash power that has the block after
 *   t: the mean time until a unit of hash power has it
 * @param interval the mean time between two blocks, in the same unit
 */
export function deckerForkRate(meanPropagation: number, interval: number): number {
  return 1 - (1 - 1 / interval) ** meanPropagation;
}

/** The same in continuous time, for intervals that are not long against the unit. */
export function continuousForkRate(meanPropagation: number, interval: number): number {
  return 1 - Math.exp(-meanPropagation / interval);
}

/**
 * Eyal and Sirer's share of all main-chain blocks that a selfish pool gets.
 *
 * @param alpha the pool's share of the hash power
 * @param gamma the share of honest hash power that mines on the pool's block in a race
 */
export function selfishRevenue(alpha: number, gamma: number): number {
  const above = alpha * (1 - alpha) ** 2 * (4 * alpha + gamma * (1 - 2 * alpha)) - alpha ** 3;
  return above / (1 - alpha * (1 + (2 - alpha) * alpha));
}

/** From which share of the hash power on selfish mining pays. */
export function selfishThreshold(gamma: number): number {
  return (1 - gamma) / (3 - 2 * gamma);
}

/** The mean time between blocks, for miners that hash at `hashesPerSecond` together. */
export function meanBlockIntervalSec(difficulty: number, hashesPerSecond: number): number {
  return 16 ** difficulty / hashesPerSecond;
}
