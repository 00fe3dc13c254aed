/**
 * What a mining strategy is: a pure answer to what has just been found.
 *
 * A strategy sees its own branch and the honest one since they parted, and says what to do with what it
 * keeps back. One's own strategy is one file that exports such a value as `strategy`; the miner around
 * it (`branch_miner.ts`) and the exact expectation (`strategy_revenue.ts`) take any.
 *
 * @module
 */

/** The two branches since the block that both stand on. */
export interface BranchView {
  /** Blocks of the strategy's own branch, shown or not. */
  readonly own: number;
  /** Blocks of the longest branch of the others. */
  readonly honest: number;
  /** As many own blocks are shown as the honest branch has, so that honest miners are split. */
  readonly isRace: boolean;
  /** Who found the block that asks for this decision. */
  readonly found: "own" | "honest";
}

/**
 * What to do, in the words of Sapirstein, Sompolinsky and Zohar (2016):
 *
 * - `wait`: show nothing.
 * - `match`: show as many own blocks as the honest branch has, right after its newest block: who hears
 *   the own one first mines on it. Needs as many.
 * - `override`: show one more than that, so that everybody comes over. Needs one more.
 * - `adopt`: give the own branch up and mine on the honest one. Needs a shorter one.
 */
export type Move = "wait" | "match" | "override" | "adopt";

export interface Strategy {
  readonly name: string;
  /** Decides anew after each block; the same view gives the same move. */
  react(view: BranchView): Move;
}

/** Why a move cannot be made; `undefined` when it can. */
export function problemOfMove(
  move: Move,
  { own, honest, found }: BranchView,
): string | undefined {
  switch (move) {
    case "wait":
      return undefined;
    case "match":
      if (found === "own") return "Cannot match after an own block: everybody has the honest one";
      return own >= honest ? undefined : `Cannot match ${honest} blocks: got ${own} of its own`;
    case "override":
      return own > honest ? undefined : `Cannot override ${honest} blocks: got ${own} of its own`;
    case "adopt":
      return own < honest ? undefined : `Cannot adopt ${honest} blocks: got ${own} of its own`;
    default:
      return `Cannot make a move: got "${move}", wanted wait, match, override or adopt`;
  }
}
