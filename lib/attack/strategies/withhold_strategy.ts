/**
 * Never shows a block: takes hash power out of the network.
 *
 * @module
 */
import type { Strategy } from "../strategy.ts";

/** How far behind the public chain the own branch is given up; nobody ever sees it, so any bound will do. */
const BEHIND_MAX = 1;

export const WITHHOLD_STRATEGY: Strategy = {
  name: "withhold",
  react: ({ own, honest }) => honest - own >= BEHIND_MAX ? "adopt" : "wait",
};
