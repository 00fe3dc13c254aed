/**
 * The chain with the most work, summed over its blocks; the first seen among equals, as in Bitcoin.
 *
 * @module
 */
import type { TipOrder } from "./tip_order.ts";

export const MOST_WORK: TipOrder = {
  isBetter: (a, b) => a.work > b.work,
  isTie: (a, b) => a.work === b.work,
  strengthOf: ({ work }) => work,
};
