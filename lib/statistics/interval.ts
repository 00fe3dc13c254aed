/**
 * Intervals of any level, and how far a measurement lies from what theory says.
 *
 * @module
 */
import { deviation, mean } from "./estimate.ts";
import { normalTwoSided, studentTwoSided } from "./significance.ts";

/** As often is an interval's end halved down: as exact as numbers are. */
const HALVINGS = 60;

/** How a measurement stands to a value that theory gives. */
export interface Distance {
  /** Standard errors between the two; 0 where the measurement does not vary and agrees. */
  readonly errors: number;
  /** The measurement's interval of the level that was asked for holds the value. */
  readonly isInside: boolean;
  /** Half of that interval's width. */
  readonly halfWidth: number;
  /** It holds the value for want of runs alone: as many errors off, many runs would exclude it. */
  readonly isTooWide: boolean;
}

/**
 * The level of each of so many intervals that all hold with the level given (Šidák 1967).
 *
 * @example
 * ```ts
 * import { sidakLevel } from "./interval.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(sidakLevel(0.99, 1), 0.99);
 * assert.equal((sidakLevel(0.99, 30) ** 30).toFixed(6), "0.990000");
 * ```
 */
export function sidakLevel(level: number, count: number): number {
  return level ** (1 / Math.max(1, count));
}

/** Independent runs against a value: Student's interval. */
export function distanceOfMean(values: readonly number[], value: number, level: number): Distance {
  const off = mean(values) - value;
  const error = deviation(values) / Math.sqrt(values.length);
  if (values.length < 2) {
    return { errors: NaN, isInside: true, halfWidth: Infinity, isTooWide: true };
  }
  if (error === 0) {
    const errors = off === 0 ? 0 : Infinity;
    return { errors, isInside: Math.abs(off) < 1e-12, halfWidth: 0, isTooWide: false };
  }
  const errors = off / error;
  const probabilityOf = (t: number) => studentTwoSided(t, values.length - 1);
  const isInside = probabilityOf(errors) >= 1 - level;
  const halfWidth = error * errorsAt(1 - level, probabilityOf);
  const isTooWide = isInside && normalTwoSided(errors) < 1 - level;
  return { errors, isInside, halfWidth, isTooWide };
}

/** A share of successes against a probability, with the error that this probability has. */
export function distanceOfShare(
  { successes, trials }: { readonly successes: number; readonly trials: number },
  probability: number,
  level: number,
): Distance {
  const error = Math.sqrt(probability * (1 - probability) / trials);
  const off = successes / trials - probability;
  if (error === 0) {
    const errors = off === 0 ? 0 : Infinity;
    return { errors, isInside: off === 0, halfWidth: 0, isTooWide: false };
  }
  const errors = off / error;
  const isInside = normalTwoSided(errors) >= 1 - level;
  const halfWidth = error * errorsAt(1 - level, normalTwoSided);
  return { errors, isInside, halfWidth, isTooWide: false };
}

/** How many errors off is that unlikely: by halving, since the probability falls with the errors. */
function errorsAt(probability: number, probabilityOf: (errors: number) => number): number {
  let high = 1;
  while (probabilityOf(high) > probability && high < Number.MAX_SAFE_INTEGER) high *= 2;
  let low = 0;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (probabilityOf(middle) > probability) low = middle;
    else high = middle;
  }
  return high;
}
