/**
 * The double spend as an attack of the command: how often it succeeds.
 *
 * @module
 */
import { nakamotoDoubleSpend, rosenfeldDoubleSpend } from "../simulation/published_theory.ts";
import type { Attack } from "./attack.ts";
import { playDoubleSpends } from "./double_spend.ts";

export const DOUBLE_SPEND_ATTACK: Attack = {
  name: "double-spend",
  description:
    "an attacker pays, mines a branch in which the coins go elsewhere, and shows it later",
  axes: ["confirmations"],
  uses: new Set(["trials"] as const),
  figure: { name: "success", title: "double spends that succeed", kind: "share" },
  problemOf: ({ share }) =>
    share > 0 && share < 0.5
      ? undefined
      : `got a share of ${share}, wanted above 0 and below 0.5: with more it always succeeds`,
  run({ share, confirmations = 1 }, { setting: { trials }, seed }) {
    const successes = playDoubleSpends({ seed, attackerShare: share, confirmations, trials });
    return { success: successes / trials, successes, trials };
  },
  theory: ({ share, confirmations = 1 }) => [
    { name: "Rosenfeld", value: rosenfeldDoubleSpend(share, confirmations), isExact: true },
    { name: "Nakamoto", value: nakamotoDoubleSpend(share, confirmations), isExact: false },
  ],
};
