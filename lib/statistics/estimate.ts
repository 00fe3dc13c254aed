/**
 * What is said about numbers that were measured: means, percentiles, confidence intervals, and how far a
 * sample lies from a distribution.
 *
 * @module
 */
import { invariant } from "../result.ts";

/** A mean with the half width of its 95 % confidence interval. */
export interface Estimate {
  readonly mean: number;
  /** Infinity for a single value: one run says nothing about its own spread. */
  readonly halfWidth: number;
  readonly count: number;
}

export function mean(values: readonly number[]): number {
  invariant(values.length > 0, "A mean has at least one value");
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The deviation of a sample (divisor n - 1). */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const center = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - center) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/** The mean of independent runs with Student's 95 % confidence interval. */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const halfWidth = count < 2
    ? Infinity
    : studentQuantile975(count - 1) * deviation(values) / Math.sqrt(count);
  return { mean: mean(values), halfWidth, count };
}

/** A share of successes with the half width of its 95 % interval (Agresti and Coull 1998). */
export function estimateShare(successes: number, count: number): Estimate {
  const z = 1.959964;
  const adjustedCount = count + z * z;
  const share = (successes + z * z / 2) / adjustedCount;
  const halfWidth = z * Math.sqrt(share * (1 - share) / adjustedCount);
  return { mean: successes / count, halfWidth, count };
}

/** The value below which `percent` of the values lie, linear between two of them. */
export function percentile(values: readonly number[], percent: number): number {
  return percentiles(values, [percent])[0] as number;
}

/** Several percentiles of the same values, which are sorted once. */
export function percentiles(
  values: readonly number[],
  percents: readonly number[],
): readonly number[] {
  invariant(values.length > 0, "A percentile has at least one value");
  const sorted = new Float64Array(values).sort();
  return percents.map((percent) => {
    const place = (sorted.length - 1) * percent / 100;
    const below = sorted[Math.floor(place)] as number;
    const above = sorted[Math.ceil(place)] as number;
    return below + (above - below) * (place - Math.floor(place));
  });
}

/**
 * The distance of Kolmogorov and Smirnov between a sample and a distribution, times √n. Below 1.628 in
 * 99 % of samples that come from it.
 *
 * @param cumulative the distribution's share at or below a value
 */
export function kolmogorovSmirnov(
  values: readonly number[],
  cumulative: (value: number) => number,
): number {
  const sorted = values.toSorted((a, b) => a - b);
  let distance = 0;
  for (const [index, value] of sorted.entries()) {
    const share = cumulative(value);
    distance = Math.max(
      distance,
      share - index / sorted.length,
      (index + 1) / sorted.length - share,
    );
  }
  return distance * Math.sqrt(sorted.length);
}

/** Student's t with 97.5 % of its distribution below: tabled up to 30 degrees, then Cornish-Fisher. */
function studentQuantile975(degrees: number): number {
  const tabled = STUDENT_975[degrees - 1];
  if (tabled !== undefined) return tabled;
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}

const STUDENT_975: readonly number[] = [
  12.7062,
  4.3027,
  3.1824,
  2.7764,
  2.5706,
  2.4469,
  2.3646,
  2.306,
  2.2622,
  2.2281,
  2.201,
  2.1788,
  2.1604,
  2.1448,
  2.1314,
  2.1199,
  2.1098,
  2.1009,
  2.093,
  2.086,
  2.0796,
  2.0739,
  2.0687,
  2.0639,
  2.0595,
  2.0555,
  2.0518,
  2.0484,
  2.0452,
  2.0423,
];
