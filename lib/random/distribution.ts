/**
 * Distributions that a user names in a word: `constant:50`, `uniform:10-100`, `exponential:200`,
 * `normal:100,20`, `lognormal:6500,0.8`, `pareto:1,1.2`.
 *
 * Drawn values are never negative. Knows nothing of what is drawn: delays, bandwidths, hash rates.
 *
 * @module
 */
import { err, ok, type Result, unreachable } from "../result.ts";
import type { RandomStream } from "./random_stream.ts";

export type Distribution =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly min: number; readonly max: number }
  | { readonly kind: "exponential"; readonly mean: number }
  /** Cut off at zero. */
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number }
  /** By its median and the deviation of its logarithm. */
  | { readonly kind: "lognormal"; readonly median: number; readonly sigma: number }
  /** By its smallest value and its exponent: a few are very large. */
  | { readonly kind: "pareto"; readonly min: number; readonly alpha: number };

export interface DistributionError {
  readonly code: "distribution-unreadable";
  readonly text: string;
}

/** Draws once. */
export function draw(distribution: Distribution, stream: RandomStream): number {
  switch (distribution.kind) {
    case "constant":
      return distribution.value;
    case "uniform":
      return stream.uniform(distribution.min, distribution.max);
    case "exponential":
      return stream.exponential(distribution.mean);
    case "normal":
      return Math.max(0, stream.normal(distribution.mean, distribution.deviation));
    case "lognormal":
      return distribution.median * Math.exp(stream.normal(0, distribution.sigma));
    case "pareto":
      return distribution.min * (1 - stream.float()) ** (-1 / distribution.alpha);
    default:
      return unreachable(distribution);
  }
}

/**
 * Reads a distribution from its word.
 *
 * @example
 * ```ts
 * import { parseDistribution } from "./distribution.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseDistribution("uniform:10-100"), {
 *   ok: true,
 *   value: { kind: "uniform", min: 10, max: 100 },
 * });
 * assert.equal(parseDistribution("uniform:100-10").ok, false);
 * ```
 */
export function parseDistribution(text: string): Result<Distribution, DistributionError> {
  const match = /^(?:([a-z]+):)?([0-9.]+)(?:[-,]([0-9.]+))?$/.exec(text);
  const first = Number(match?.[2]);
  const second = match?.[3] === undefined ? undefined : Number(match[3]);
  const distribution = match === null || !Number.isFinite(first)
    ? undefined
    : distributionOf(match[1] ?? "constant", first, second);
  return distribution === undefined
    ? err({ code: "distribution-unreadable", text })
    : ok(distribution);
}

/** The word that {@link parseDistribution} reads. */
export function formatDistribution(distribution: Distribution): string {
  switch (distribution.kind) {
    case "constant":
      return `constant:${distribution.value}`;
    case "uniform":
      return `uniform:${distribution.min}-${distribution.max}`;
    case "exponential":
      return `exponential:${distribution.mean}`;
    case "normal":
      return `normal:${distribution.mean},${distribution.deviation}`;
    case "lognormal":
      return `lognormal:${distribution.median},${distribution.sigma}`;
    case "pareto":
      return `pareto:${distribution.min},${distribution.alpha}`;
    default:
      return unreachable(distribution);
  }
}

function distributionOf(
  kind: string,
  first: number,
  second: number | undefined,
): Distribution | undefined {
  if (second === undefined) {
    if (kind === "constant") return { kind, value: first };
    if (kind === "exponential") return { kind, mean: first };
    return undefined;
  }
  if (!Number.isFinite(second)) return undefined;
  if (kind === "uniform" && second >= first) return { kind, min: first, max: second };
  if (kind === "normal") return { kind, mean: first, deviation: second };
  if (kind === "lognormal" && first > 0) return { kind, median: first, sigma: second };
  if (kind === "pareto" && first > 0 && second > 0) return { kind, min: first, alpha: second };
  return undefined;
}
