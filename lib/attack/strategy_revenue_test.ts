import assert from "node:assert/strict";
import { selfishRevenue, selfishThreshold } from "../simulation/published_theory.ts";
import { HONEST_STRATEGY } from "./strategies/honest_strategy.ts";
import { SELFISH_STRATEGY } from "./strategies/selfish_strategy.ts";
import { stubbornStrategy } from "./strategies/stubborn_strategy.ts";
import type { Strategy } from "./strategy.ts";
import { strategyRevenue, strategyThreshold } from "./strategy_revenue.ts";

function stubborn(variant: string): Strategy {
  const strategy = stubbornStrategy(variant);
  assert(strategy.ok, variant);
  return strategy.value;
}

Deno.test("strategyRevenue() of the selfish strategy is Eyal and Sirer's formula", () => {
  for (const alpha of [0.1, 0.25, 0.4, 0.45]) {
    for (const gamma of [0, 0.3, 0.9, 1]) {
      const got = strategyRevenue(SELFISH_STRATEGY, { alpha, gamma });
      const wanted = selfishRevenue(alpha, gamma);
      assert(Math.abs(got - wanted) < 1e-5, `${alpha}, ${gamma}: got ${got}, wanted ${wanted}`);
    }
  }
});

Deno.test("strategyRevenue() of an honest miner is its share, whatever γ", () => {
  for (const alpha of [0.1, 0.4]) {
    assert(Math.abs(strategyRevenue(HONEST_STRATEGY, { alpha, gamma: 0.5 }) - alpha) < 1e-6);
  }
});

Deno.test("strategyThreshold() of the selfish strategy is (1 - γ) / (3 - 2 γ)", () => {
  for (const gamma of [0, 0.5, 0.8]) {
    const got = strategyThreshold(SELFISH_STRATEGY, gamma);
    assert(Math.abs(got - selfishThreshold(gamma)) < 1e-3, `${gamma}: ${got}`);
  }
});

Deno.test("stubborn strategies win where Nayak et al. say that they do", () => {
  const revenue = (strategy: Strategy, alpha: number, gamma: number) =>
    strategyRevenue(strategy, { alpha, gamma });
  // With a high γ lead stubbornness beats selfishness, with a low one it does not.
  assert(revenue(stubborn("L"), 0.4, 0.9) > revenue(SELFISH_STRATEGY, 0.4, 0.9));
  assert(revenue(stubborn("L"), 0.3, 0) < revenue(SELFISH_STRATEGY, 0.3, 0));
  // Trailing pays for a strong attacker whom few follow, and costs a weak one.
  assert(revenue(stubborn("T1"), 0.4, 0.1) > revenue(SELFISH_STRATEGY, 0.4, 0.1));
  assert(revenue(stubborn("T1"), 0.2, 0.1) < revenue(SELFISH_STRATEGY, 0.2, 0.1));
  // Whom nobody follows and who never takes a race wins nothing at all.
  assert(revenue(stubborn("LF"), 0.4, 0) < 1e-3);
});

Deno.test("stubbornStrategy() reads combinations and refuses other words", () => {
  for (const variant of ["L", "F", "T1", "LF", "LT2", "LFT3"]) stubborn(variant);
  for (const variant of ["", "X", "FL", "T0", "T", "lf"]) {
    assert.equal(stubbornStrategy(variant).ok, false, variant);
  }
});
