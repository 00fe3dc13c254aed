/**
 * Shows each block at once and follows the longest branch: the miner that everybody hopes for.
 *
 * @module
 */
import type { Strategy } from "../strategy.ts";

export const HONEST_STRATEGY: Strategy = {
  name: "honest",
  react: ({ own, honest }) => own > honest ? "override" : own < honest ? "adopt" : "wait",
};
