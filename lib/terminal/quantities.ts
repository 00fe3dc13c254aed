/**
 * Reads quantities with units from the command line: durations, hash rates, shares.
 *
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  "": 1,
  ms: 1,
  s: 1000,
  min: 60_000,
};
const RATE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/**
 * Reads a duration: `500ms`, `1s`, `2.5s`, `1min`; a bare number is milliseconds.
 *
 * @example
 * ```ts
 * import { durationMs } from "./quantities.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(durationMs("2.5s"), 2500);
 * ```
 */
export function durationMs(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*(ms|s|min)?$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new InvalidArgumentError(`got "${text}", wanted a duration such as 500ms or 1s`);
  }
  return Math.round(Number(digits) * (DURATION_UNITS_MS[unit] as number));
}

/**
 * Reads a hash rate: `100kH/s`, `2MH/s`, `50000`.
 *
 * @example
 * ```ts
 * import { hashRate } from "./quantities.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(hashRate("100kH/s"), 100_000);
 * ```
 */
export function hashRate(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kMG]?)(?:H\/s)?$/.exec(text) ?? [];
  const rate = Number(digits) * (RATE_UNITS[unit] as number);
  if (digits === undefined || !(rate > 0)) {
    throw new InvalidArgumentError(`got "${text}", wanted a hash rate such as 100kH/s`);
  }
  return rate;
}

/**
 * Reads a share: `5%` or `0.05`.
 *
 * @example
 * ```ts
 * import { share } from "./quantities.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(share("5%"), 0.05);
 * ```
 */
export function share(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)\s*(%)?$/.exec(text) ?? [];
  const value = Number(digits) / (percent === undefined ? 1 : 100);
  if (digits === undefined || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError(`got "${text}", wanted a share such as 5% or 0.05`);
  }
  return value;
}

/**
 * Writes a duration as {@link durationMs} reads it.
 *
 * @example
 * ```ts
 * import { formatDuration } from "./quantities.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatDuration(120_000), "2min");
 * assert.equal(formatDuration(1500), "1.5s");
 * ```
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms % 60_000 === 0) return `${ms / 60_000}min`;
  return ms >= 1000 ? `${ms / 1000}s` : `${ms}ms`;
}

/** Writes a hash rate as {@link hashRate} reads it. */
export function formatHashRate(rate: number): string {
  const unit = (["G", "M", "k"] as const).find((each) => rate >= (RATE_UNITS[each] as number)) ??
    "";
  return `${rate / (RATE_UNITS[unit] as number)}${unit}H/s`;
}

/** Writes a share as {@link share} reads it. */
export function formatShare(value: number): string {
  return `${Number((100 * value).toPrecision(12))}%`;
}
