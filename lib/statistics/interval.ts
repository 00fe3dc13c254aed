/**
 * Intervals of any level, and how far a measurement lies from what theory says.
 *
 * @module
 */
import { deviation, mean } from "./estimate.ts";
import { normalTwoSided, studentTwoSided } from "./significance.ts";

/** How a measurement stands to a value that theory gives. */
export interface Distance {
  /** Standard errors between the two; 0 where the measurement does not vary and agrees. */
  readonly errors: number;
  /** The measurement's interval of the level that was asked for holds the value. */
  readonly isInside: boolean;
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
  if (values.length < 2) return { errors: NaN, isInside: true };
  if (error === 0) return { errors: off === 0 ? 0 : Infinity, isInside: Math.abs(off) < 1e-12 };
  const errors = off / error;
  return { errors, isInside: studentTwoSided(errors, values.length - 1) >= 1 - level };
}

/** A share of successes against a probability, with the error that this probability has. */
export function distanceOfShare(
  { successes, trials }: { readonly successes: number; readonly trials: number },
  probability: number,
  level: number,
): Distance {
  const error = Math.sqrt(probability * (1 - probability) / trials);
  const off = successes / trials - probability;
  if (error === 0) return { errors: off === 0 ? 0 : Infinity, isInside: off === 0 };
  const errors = off / error;
  return { errors, isInside: normalTwoSided(errors) >= 1 - level };
}
