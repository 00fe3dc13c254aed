/**
 * The chain with the most blocks, whatever each of them cost; the first seen among equals.
 *
 * The assignment's rule to the letter. With one difficulty it is the same as most work. Where the difficulty is
 * adjusted it is not safe: many easy blocks beat few hard ones.
 *
 * @module
 */
import type { TipOrder } from "./tip_order.ts";

export const LONGEST: TipOrder = {
  isBetter: (a, b) => a.header.height > b.header.height,
  isTie: (a, b) => a.header.height === b.header.height,
  strengthOf: ({ height }) => height,
};
