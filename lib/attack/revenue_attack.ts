/**
 * Attacks that go on: a strategy against honest miners, and which share of the main chain it gets.
 *
 * @module
 */
import { selfishRevenue } from "../simulation/published_theory.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { Attack, AttackCell, AttackContext, AttackFigures } from "./attack.ts";
import { besetBy } from "./branch_miner.ts";
import { followersFor, planRace } from "./race_network.ts";
import { SELFISH_STRATEGY } from "./strategies/selfish_strategy.ts";
import { stubbornStrategy } from "./strategies/stubborn_strategy.ts";
import { WITHHOLD_STRATEGY } from "./strategies/withhold_strategy.ts";
import type { Strategy } from "./strategy.ts";
import { strategyRevenue } from "./strategy_revenue.ts";

const USES = new Set(
  ["honest", "topology", "latency", "intervalMs", "blocks", "strategy"] as const,
);

const REVENUE = {
  name: "revenue",
  title: "share of the main chain",
  kind: "mean",
} as const;

export const SELFISH_ATTACK: Attack = {
  name: "selfish",
  description: "a pool keeps blocks back and shows them when honest ones threaten its lead",
  axes: ["gamma"],
  uses: USES,
  figure: REVENUE,
  problemOf: () => undefined,
  run: (cell, context) => runRevenue(context.strategy ?? SELFISH_STRATEGY, cell, context),
  theory({ share, gamma }, { honest }, measured) {
    const had = gamma === undefined ? measured.gamma ?? 0 : followersFor(gamma, honest).gamma;
    return share > 0.5
      ? []
      : [{ name: "Eyal and Sirer", value: selfishRevenue(share, had), isExact: true }];
  },
};

export const STUBBORN_ATTACK: Attack = {
  name: "stubborn",
  description:
    "selfish mining that holds on: by lead (L), in a race (F), while it trails (T1, T2, …)",
  axes: ["variant", "gamma"],
  uses: USES,
  figure: REVENUE,
  isTheoryDear: true,
  problemOf: ({ variant = "" }) =>
    stubbornStrategy(variant).ok
      ? undefined
      : `got "${variant}", wanted such as L, F, T1, LF, LFT2`,
  run: (cell, context) => runRevenue(context.strategy ?? strategyOf(cell), cell, context),
  theory(cell, { honest }, measured) {
    const { share, gamma } = cell;
    const had = gamma === undefined ? measured.gamma ?? 0 : followersFor(gamma, honest).gamma;
    // From half of the power on the lead has no stationary distribution.
    if (share > 0.48) return [];
    const value = strategyRevenue(strategyOf(cell), { alpha: share, gamma: had });
    return [
      { name: "Nayak et al., as a Markov chain", value, isExact: true },
      { name: "selfish", value: selfishRevenue(share, had), isExact: false },
    ];
  },
};

export const WITHHOLD_ATTACK: Attack = {
  name: "withhold",
  description: "a miner shows no block ever: how fast the chain of the others grows",
  axes: [],
  uses: USES,
  figure: { name: "growth", title: "chain growth against that of all power", kind: "mean" },
  problemOf: ({ share }) => share < 1 ? undefined : "got a share of 1, wanted honest power, too",
  run: (cell, context) => runRevenue(context.strategy ?? WITHHOLD_STRATEGY, cell, context),
  theory: ({ share }) => [{ name: "1 - share", value: 1 - share, isExact: true }],
};

function strategyOf({ variant = "" }: AttackCell): Strategy {
  const strategy = stubbornStrategy(variant);
  return strategy.ok ? strategy.value : SELFISH_STRATEGY;
}

/** The strategy's share of what is settled, the γ that it found, and how fast the chain grew. */
function runRevenue(
  strategy: Strategy,
  { share, gamma = 0 }: AttackCell,
  { setting, seed }: AttackContext,
): AttackFigures {
  const planned = planRace({ seed, share, gamma, setting });
  const { world, attacker } = planned;
  const miner = besetBy(attacker, strategy);
  const [, first] = world.nodes as [SimNode, SimNode];
  const heightOf = () => first.state?.network?.chain.height ?? 0;
  // At half of the power and more the attacker may keep everything back: what was found counts, too.
  const foundMax = 2 * setting.blocks;
  world.run(Infinity, () => heightOf() >= setting.blocks || miner.ownCount >= foundMax);

  const key = attacker.config.keyPair.publicKey;
  const chain = first.state?.network?.chain;
  const settledHeight = Math.min(miner.settledHeight, heightOf());
  let own = 0;
  for (let height = 1; height <= settledHeight; height++) {
    if (chain?.atHeight(height)?.header.miner === key) own++;
  }
  const { count, followed } = miner.races;
  return {
    revenue: settledHeight === 0 ? 0 : own / settledHeight,
    growth: heightOf() * setting.intervalMs / world.nowMs,
    gamma: count === 0 ? 0 : followed / count,
    races: count,
    blocks: settledHeight,
  };
}
