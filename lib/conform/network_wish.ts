/**
 * What a test wants of the network that it is run on, and what of it an implementation can have.
 *
 * @module
 */
import type { Adapter } from "./adapter_schema.ts";

/** What a test wants of its network. */
export interface NetworkWish {
  readonly nodes: number;
  readonly capacity: number;
  readonly difficulty: "usual" | "easy" | "hard";
  /**
   * `bootstrap-last` starts the others before the node that they call; `one-twice` kills a node that has
   * joined and starts it again, before the last ones come.
   */
  readonly order?: "bootstrap-first" | "bootstrap-last" | "one-twice";
}

/** The number of zeros for a wish, as this implementation can have it. */
export function difficultyOf(
  { parameters: { difficulty } }: Adapter,
  wish: NetworkWish["difficulty"],
): number {
  if (wish === "easy") return difficulty.easy ?? difficulty.usual;
  if (wish === "hard") return difficulty.hard ?? difficulty.usual;
  return difficulty.usual;
}
