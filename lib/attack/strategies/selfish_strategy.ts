/**
 * Selfish mining (I. Eyal and E. G. Sirer 2014, algorithm 1): keeps blocks back and shows them only when
 * honest blocks threaten the lead.
 *
 * @module
 */
import type { BranchView, Move, Strategy } from "../strategy.ts";

export const SELFISH_STRATEGY: Strategy = { name: "selfish", react };

function react({ own, honest, isRace, found }: BranchView): Move {
  // An own block wins a race; otherwise it lies and waits.
  if (found === "own") return isRace && own === honest + 1 ? "override" : "wait";
  if (own < honest) return "adopt";
  // A lead of two has shrunk to one: take everything. With a larger lead or none, let the honest miners be
  // split.
  return own === honest + 1 ? "override" : "match";
}
