/**
 * The network falls into two parts, both go on mining, and then it heals: what share of the blocks is
 * lost.
 *
 * Of n blocks that are found meanwhile B are the smaller part's, binomially distributed; the shorter
 * branch is lost, so the expected loss is E[min(B, n - B)] / n.
 *
 * @module
 */
import { invariant } from "../result.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { Attack } from "./attack.ts";
import { heightOf, pauseMining, planTrial, showTip, tipOf, trialSeed } from "./trial_network.ts";

export const PARTITION_ATTACK: Attack = {
  name: "partition",
  description: "the network is cut in two and heals: how many blocks are lost",
  axes: ["depth"],
  uses: new Set(["trials", "honest", "intervalMs"] as const),
  figure: { name: "lost", title: "blocks that are lost", kind: "mean" },
  problemOf: ({ share }) =>
    share > 0 && share < 1 ? undefined : `got a part of ${share}, wanted above 0 and below 1`,
  run({ share, depth = 1 }, { setting: { trials, honest, intervalMs }, seed }) {
    let lost = 0;
    let deepest = 0;
    for (let trial = 0; trial < trials; trial++) {
      const count = divide({ seed: trialSeed(seed, trial), share, depth, honest, intervalMs });
      lost += count;
      deepest = Math.max(deepest, count);
    }
    return { lost: lost / (depth * trials), deepestReorg: deepest, trials };
  },
  theory: ({ share, depth = 1 }) => [
    { name: "E[min(B, n - B)] / n", value: expectedLoss(share, depth), isExact: true },
  ],
};

/** The binomial sum. */
export function expectedLoss(share: number, blocks: number): number {
  let sum = 0;
  for (let part = 1; part < blocks; part++) {
    let logWeight = part * Math.log(share) + (blocks - part) * Math.log(1 - share);
    for (let index = 1; index <= part; index++) {
      logWeight += Math.log(blocks - part + index) - Math.log(index);
    }
    sum += Math.exp(logWeight) * Math.min(part, blocks - part);
  }
  return sum / blocks;
}

/** How many blocks are lost. */
function divide(
  { seed, share, depth, honest, intervalMs }: {
    readonly seed: number;
    readonly share: number;
    readonly depth: number;
    readonly honest: number;
    readonly intervalMs: number;
  },
): number {
  const smaller = Math.max(1, Math.floor(honest / 2));
  const larger = Math.max(1, honest - smaller);
  const hashPowers = [
    ...new Array<number>(smaller).fill(share / smaller),
    ...new Array<number>(larger).fill((1 - share) / larger),
  ];
  const { world } = planTrial({ seed, hashPowers, intervalMs });
  const groups = new Map(world.nodes.map(({ index }) => [index, index < smaller ? 0 : 1] as const));
  const [left, right] = [world.nodes[0], world.nodes[smaller]] as [SimNode, SimNode];
  world.links.partition(groups);
  world.run(Infinity, () => heightOf(left) + heightOf(right) >= depth);
  for (const node of world.nodes) pauseMining(world, node);
  // Whatever is under way inside a part arrives.
  world.run(world.nowMs + 1000);
  const found = heightOf(left) + heightOf(right);
  const isTie = heightOf(left) === heightOf(right);

  world.links.heal();
  showTip(world, left);
  showTip(world, right);
  world.run(world.nowMs + 60_000, () => tipOf(left) === tipOf(right));
  invariant(tipOf(left) === tipOf(right) || isTie, "The longer branch makes everybody come over");
  return found - heightOf(left);
}
