/**
 * Simulated networks against published results. Tolerances come from the spread of the runs themselves.
 */
import assert from "node:assert/strict";
import { DEFAULT_NETWORK_CHOICE, type NetworkChoice } from "../simulation/network_plan.ts";
import { playDoubleSpends } from "./double_spend.ts";
import type { AttackSetting } from "./race_network.ts";
import { experimentWithNetwork, measureNetwork } from "../simulation/network_experiment.ts";
import { SELFISH_ATTACK } from "./revenue_attack.ts";
import { estimate, estimateShare, kolmogorovSmirnov, mean } from "../statistics/estimate.ts";
import {
  continuousForkRate,
  meanBlockIntervalSec,
  rosenfeldDoubleSpend,
  selfishRevenue,
} from "../simulation/published_theory.ts";

const SMALL: NetworkChoice = {
  ...DEFAULT_NETWORK_CHOICE,
  nodes: 20,
  topology: { kind: "regular", degree: 4 },
};

Deno.test("S03 block intervals are exponential with the mean 16^d / H", () => {
  // Difficulty 1 and 8 hashes a second together: a block every two seconds.
  const intervalMs = 1000 * meanBlockIntervalSec(1, 8);
  assert.equal(intervalMs, 2000);
  const { figures } = measureNetwork({ ...SMALL, difficulty: 1, intervalMs, blocks: 2000 });
  const intervalsMs = figures.foundIntervalsMs;
  const distance = kolmogorovSmirnov(intervalsMs, (ms) => 1 - Math.exp(-ms / intervalMs));
  assert(distance < 1.628, `Kolmogorov-Smirnov ${distance}`);
  // An exponential mean's standard error is mean / sqrt(n).
  const error = Math.abs(mean(intervalsMs) - intervalMs);
  assert(error < 3 * intervalMs / Math.sqrt(intervalsMs.length), `off by ${error} ms`);
});

Deno.test("S03 the fork rate is what propagation lets expect", () => {
  for (const intervalMs of [1_000, 4_000]) {
    const { estimates, runs } = experimentWithNetwork({ ...SMALL, intervalMs, blocks: 400 }, 6);
    // Forks are not rare at one second: a height may be forked by either of two neighbours, so the
    // first-order formula is a lower bound that is met as forks become rare.
    const expected = continuousForkRate(estimates.meanPropagationMs.mean, intervalMs);
    const { mean: got, halfWidth } = estimate(runs.map(({ forkRate }) => forkRate));
    const secondOrder = 2 * expected * expected;
    assert(got > expected - halfWidth, `got ${got} ± ${halfWidth}, wanted ${expected}`);
    assert(
      got < expected + halfWidth + secondOrder,
      `got ${got} ± ${halfWidth}, wanted ${expected}`,
    );
  }
});

Deno.test("a selfish pool gets what Eyal and Sirer calculate", () => {
  const setting: AttackSetting = {
    honest: 10,
    topology: { kind: "full" },
    latency: { kind: "constant", value: 10 },
    intervalMs: 600_000,
    blocks: 500,
    trials: 1,
  };
  for (const [share, gamma] of [[0.3, 0], [0.35, 0.9], [0.4, 0.5]] as const) {
    const runs = [1, 2, 3, 4, 5, 6].map((seed) =>
      SELFISH_ATTACK.run({ share, gamma }, { seed, setting, strategy: undefined })
    );
    const revenue = estimate(runs.map((figures) => figures.revenue ?? 0));
    const wanted = selfishRevenue(share, gamma);
    assert(
      Math.abs(revenue.mean - wanted) < 1.5 * revenue.halfWidth,
      `share ${share}, gamma ${gamma}: got ${revenue.mean} ± ${revenue.halfWidth}, wanted ${wanted}`,
    );
    // The network splits the honest miners as it was asked to.
    const races = runs.reduce((sum, figures) => sum + (figures.races ?? 0), 0);
    const had = mean(runs.map((figures) => figures.gamma ?? 0));
    assert(Math.abs(had - gamma) < 4 * Math.sqrt(0.25 / races), `made ${had} of ${gamma}`);
  }
});

Deno.test("double spends succeed as often as Rosenfeld calculates", () => {
  for (const [attackerShare, confirmations] of [[0.1, 1], [0.1, 2], [0.3, 2], [0.3, 5]] as const) {
    const trials = 400;
    const won = playDoubleSpends({ seed: 7, attackerShare, confirmations, trials });
    const { mean: got, halfWidth } = estimateShare(won, trials);
    const wanted = rosenfeldDoubleSpend(attackerShare, confirmations);
    assert(
      Math.abs(got - wanted) < 1.5 * halfWidth,
      `q ${attackerShare}, z ${confirmations}: got ${got} ± ${halfWidth}, wanted ${wanted}`,
    );
  }
});
