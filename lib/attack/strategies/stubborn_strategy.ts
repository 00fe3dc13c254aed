/**
 * Stubborn mining (K. Nayak, S. Kumar, A. Miller, E. Shi 2016): selfish mining that holds on where it
 * would settle.
 *
 * - `L`, lead: of a lead of two it shows one and goes on, instead of taking both.
 * - `F`, equal fork: an own block found in a race is kept back, instead of winning the race.
 * - `T1`, `T2`, …, trail: it mines on while it is at most so many blocks behind.
 *
 * They combine: `LF`, `LT1`, `LFT2`.
 *
 * @module
 */
import { err, ok, type Result } from "../../result.ts";
import type { BranchView, Move, Strategy } from "../strategy.ts";

export interface VariantError {
  readonly code: "variant-unreadable";
  readonly text: string;
}

/** The strategy of a variant such as `L`, `F`, `LF`, `T1` or `LFT1`. */
export function stubbornStrategy(variant: string): Result<Strategy, VariantError> {
  const match = /^(L?)(F?)(?:T([1-9]))?$/.exec(variant);
  if (match === null || variant === "") return err({ code: "variant-unreadable", text: variant });
  const [, lead, fork, trail] = match;
  const isLead = lead === "L";
  const isFork = fork === "F";
  const trailMax = Number(trail ?? 0);
  return ok({
    name: `stubborn ${variant}`,
    react({ own, honest, isRace, found }: BranchView): Move {
      if (found === "own") {
        // One that trailed and drew level waits: everybody has the honest block of that height already.
        const isWon = own === honest + 1 && (isRace || trailMax > 0) && honest > 0;
        return isWon && !(isFork && isRace) ? "override" : "wait";
      }
      if (own < honest) return own > 0 && honest - own <= trailMax ? "wait" : "adopt";
      return own === honest + 1 && !isLead ? "override" : "match";
    },
  });
}
