/**
 * Where something belongs in what is sorted.
 *
 * @module
 */

/**
 * The first of so many places that is not below what is looked for; the count itself when all are. O(log n).
 *
 * @param isBelow true for every place in front of one, false from it on
 *
 * @example
 * ```ts
 * import { lowerBound } from "./lower_bound.ts";
 * import assert from "node:assert/strict";
 *
 * const sorted = [1, 3, 3, 7];
 * assert.equal(lowerBound(sorted.length, (place) => sorted[place]! < 3), 1);
 * assert.equal(lowerBound(sorted.length, (place) => sorted[place]! < 9), 4);
 * ```
 */
export function lowerBound(count: number, isBelow: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
