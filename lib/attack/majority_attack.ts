/**
 * An attacker with more than half of the power rewrites the newest blocks: it begins below them, mines
 * alone, and shows its branch when that is longer.
 *
 * The lead is a random walk from -depth to 1 with the drift 2 share - 1, so the expected number of blocks
 * that anybody finds meanwhile is (depth + 1) / (2 share - 1).
 *
 * @module
 */
import { invariant } from "../result.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { Attack } from "./attack.ts";
import {
  heightOf,
  pauseMining,
  planTrial,
  resumeMining,
  tipOf,
  trialSeed,
} from "./trial_network.ts";
import { Withholder } from "./withholder.ts";

export const MAJORITY_ATTACK: Attack = {
  name: "majority",
  description: "an attacker with most of the power rewrites the newest blocks: how long it takes",
  axes: ["depth"],
  uses: new Set(["trials", "intervalMs"] as const),
  figure: { name: "blocksFound", title: "blocks found until the rewrite", kind: "mean" },
  problemOf: ({ share }) =>
    share > 0.5 && share < 1
      ? undefined
      : `got a share of ${share}, wanted above 0.5 and below 1: with less use double-spend`,
  run({ share, depth = 1 }, { setting: { trials, intervalMs }, seed }) {
    let found = 0;
    let spanMs = 0;
    for (let trial = 0; trial < trials; trial++) {
      const played = rewrite({ seed: trialSeed(seed, trial), share, depth, intervalMs });
      found += played.found;
      spanMs += played.spanMs;
    }
    return { blocksFound: found / trials, minutes: spanMs / trials / 60_000, trials };
  },
  theory: ({ share, depth = 1 }) => [
    { name: "(depth + 1) / (2 share - 1)", value: (depth + 1) / (2 * share - 1), isExact: true },
  ],
};

function rewrite(
  { seed, share, depth, intervalMs }: {
    readonly seed: number;
    readonly share: number;
    readonly depth: number;
    readonly intervalMs: number;
  },
): { readonly found: number; readonly spanMs: number } {
  const { world } = planTrial({ seed, hashPowers: [share, 1 - share], intervalMs });
  const [attacker, honest] = world.nodes as [SimNode, SimNode];
  const withholder = new Withholder();
  attacker.adversary = withholder;

  pauseMining(world, attacker);
  world.run(Infinity, () => heightOf(honest) >= depth);
  resumeMining(world, attacker);
  const fromMs = world.nowMs;
  world.run(Infinity, () => heightOf(attacker) > heightOf(honest));
  const found = heightOf(attacker) + heightOf(honest) - depth;
  const spanMs = world.nowMs - fromMs;

  withholder.release({ world, node: attacker });
  pauseMining(world, honest);
  pauseMining(world, attacker);
  world.run(world.nowMs + 60_000, () => tipOf(honest) === tipOf(attacker));
  invariant(tipOf(honest) === tipOf(attacker), "A longer branch makes everybody come over");
  return { found, spanMs };
}
