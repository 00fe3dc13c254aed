/**
 * Whether two sets of measurements differ by more than chance: Welch's t-test.
 *
 * Welch (1947) compares two means without assuming equal variances; the p-value is that of Student's
 * distribution, computed through the regularised incomplete beta function (continued fraction of Lentz,
 * log-gamma of Lanczos). Pure.
 *
 * Called by the report's conclusions and by `noobcash report compare`.
 *
 * @module
 */
import { deviation, mean } from "./estimate.ts";

/** What the test says of b against a. */
export interface WelchResult {
  readonly meanA: number;
  readonly meanB: number;

  /** The mean of b as a multiple of the mean of a. */
  readonly ratio: number;
  readonly t: number;
  readonly degrees: number;

  /** How likely so large a difference is if there is none; null with fewer than two values on a side. */
  readonly p: number | null;

  /** Half width of the difference's 95 % confidence interval. */
  readonly halfWidth: number;
}

/** Differences less likely than this by chance count as real. */
export const SIGNIFICANCE_LEVEL = 0.05;

/**
 * Tests whether two means differ.
 *
 * @example
 * ```ts
 * import { welchTest } from "./significance.ts";
 * import assert from "node:assert/strict";
 *
 * const { p } = welchTest([10, 11, 12], [20, 21, 22]);
 * assert(p !== null && p < 0.001);
 * ```
 */
export function welchTest(a: readonly number[], b: readonly number[]): WelchResult {
  const [meanA, meanB] = [mean(a), mean(b)];
  const ratio = meanB / meanA;
  if (a.length < 2 || b.length < 2) {
    return { meanA, meanB, ratio, t: NaN, degrees: 0, p: null, halfWidth: Infinity };
  }

  const [errorA, errorB] = [deviation(a) ** 2 / a.length, deviation(b) ** 2 / b.length];
  const error = errorA + errorB;
  if (error === 0) {
    const p = meanA === meanB ? 1 : 0;
    const degrees = a.length + b.length - 2;
    return { meanA, meanB, ratio, t: p === 1 ? 0 : Infinity, degrees, p, halfWidth: 0 };
  }
  const t = (meanB - meanA) / Math.sqrt(error);
  const degrees = error ** 2 / (errorA ** 2 / (a.length - 1) + errorB ** 2 / (b.length - 1));
  const halfWidth = studentQuantile(degrees) * Math.sqrt(error);
  return { meanA, meanB, ratio, t, degrees, p: studentTwoSided(t, degrees), halfWidth };
}

/** The t beyond which 5 % of the distribution lie, both sides together: found by halving. */
function studentQuantile(degrees: number): number {
  let [low, high] = [0, 1000];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, degrees) > SIGNIFICANCE_LEVEL) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability that |T| is at least |t| with so many degrees of freedom. */
export function studentTwoSided(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/**
 * The probability that a standard normal value lies at |z| or farther out.
 *
 * By formula 7.1.26 of Abramowitz & Stegun (1964), off by less than 1.5e-7.
 */
export function normalTwoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const polynomial = coefficients.reduce((sum, coefficient) => (sum + coefficient) * t, 0);
  return polynomial * Math.exp(-x * x);
}

/** The regularised incomplete beta function I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x),
  );

  // The fraction converges fast on one side of the mean; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2)
    ? front * betaFraction(x, a, b) / a
    : 1 - front * betaFraction(1 - x, b, a) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 300; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;

    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return fraction;

  function nonZero(value: number): number {
    return Math.abs(value) < tiny ? tiny : value;
  }
}

/** Lanczos' approximation with g = 7 and nine terms: 15 digits. */
function logGamma(z: number): number {
  const terms = [
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
  ];
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const sum = terms.reduce((total, term, index) => total + term / (z + index), 0.99999999999980993);
  const base = z + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (z - 0.5) * Math.log(base) - base + Math.log(sum);
}
