/**
 * The chain with the most work; of equals the one whose tip has the lower hash, at once.
 *
 * The same blocks give the same tip at every node, in whatever order they came.
 *
 * @module
 */
import type { TipOrder } from "./tip_order.ts";

export const LOWER_HASH: TipOrder = {
  isBetter: (a, b) => a.work > b.work || a.work === b.work && a.hash < b.hash,
  isTie: () => false,
  strengthOf: ({ work }) => work,
};
