/**
 * Difficulty, target and work: three views of one number.
 *
 * Difficulty d is how many hex zeros a hash begins with, fractions allowed. The target is the highest
 * hash that passes, 2^(256 - 4 d) - 1. Work is the expected number of hashes, 2^256 / (target + 1),
 * summed along a chain. In headers the target stands as a compact target, as in Bitcoin's nBits but
 * without a sign: `mantissa` in the low three bytes, `exponent` in the high one,
 * target = mantissa * 256^(exponent - 3) - 1.
 *
 * @module
 */
import { invariant } from "../result.ts";

/** The highest hash that passes, as a 256-bit number. */
export type Target = bigint & { readonly __brand: "Target" };
/** Expected hashes. */
export type Work = bigint & { readonly __brand: "Work" };
/** A target in four bytes. */
export type CompactTarget = number & { readonly __brand: "CompactTarget" };

/** The hardest difficulty that a network may choose. */
export const DIFFICULTY_MAX = 16;
/** Difficulties come in steps of a thousandth of a hex zero. */
export const DIFFICULTY_STEPS_PER_UNIT = 1000;

export const NO_WORK = 0n as Work;

const HASH_SPACE = 1n << 256n;

/**
 * The compact target of a difficulty, rounded down to 24 bits.
 *
 * @example
 * ```ts
 * import { compactTargetOfDifficulty, targetOfCompact } from "./target.ts";
 * import assert from "node:assert/strict";
 *
 * const target = targetOfCompact(compactTargetOfDifficulty(4))!;
 * assert.equal(target, 2n ** 240n - 1n);
 * ```
 */
export function compactTargetOfDifficulty(difficulty: number): CompactTarget {
  invariant(difficulty >= 0 && difficulty <= DIFFICULTY_MAX, "Difficulty out of range");

  // In units of 1/250 bit: 2^(256 - 4 d) = 2^(units / 250).
  const units = 64_000 - Math.round(difficulty * DIFFICULTY_STEPS_PER_UNIT);
  const exponent = Math.floor(units / 2000) + 1;
  const power = 1n << BigInt(units - 2000 * (exponent - 3));

  // The greatest mantissa with mantissa^250 <= power: whole numbers only, the same on every engine.
  let mantissa = 0;
  for (let bit = 0x800000; bit >= 1; bit /= 2) {
    if (BigInt(mantissa + bit) ** 250n <= power) mantissa += bit;
  }
  return (exponent * 0x1000000 + mantissa) as CompactTarget;
}

/** The hardest limit that a network comes to, one above its target; the easiest one is the hash space. */
const HARDEST_LIMIT = HASH_SPACE >> BigInt(4 * DIFFICULTY_MAX);

/**
 * The compact target of any target, rounded down to 24 bits, and neither easier nor harder than networks may
 * be.
 */
export function compactTargetOfTarget(target: bigint): CompactTarget {
  let limit = target + 1n;
  if (limit > HASH_SPACE) limit = HASH_SPACE;
  if (limit < HARDEST_LIMIT) limit = HARDEST_LIMIT;
  const exponent = (limit.toString(16).length + 1) >> 1;
  const mantissa = Number(limit >> BigInt(8 * (exponent - 3)));
  return (exponent * 0x1000000 + mantissa) as CompactTarget;
}

/** Tells whether four bytes are a target that a network may come to, in its one normal form. */
export function isTargetInBounds(compact: CompactTarget): boolean {
  const target = targetOfCompact(compact);
  return target !== undefined && target + 1n >= HARDEST_LIMIT;
}

/** The difficulty of a target, in hex zeros: what people read. */
export function difficultyOfTarget(target: Target): number {
  const bits = (target + 1n).toString(2);
  const log2 = bits.length - 1 + Math.log2(Number(`0b${bits.slice(0, 53)}`)) -
    (Math.min(bits.length, 53) - 1);
  return (256 - log2) / 4;
}

/** The target of four bytes; `undefined` when they are not in their one normal form. */
export function targetOfCompact(compact: CompactTarget): Target | undefined {
  const exponent = Math.floor(compact / 0x1000000);
  const mantissa = compact % 0x1000000;
  if (mantissa < 0x010000 || exponent < 3) return undefined;
  const limit = BigInt(mantissa) << BigInt(8 * (exponent - 3));
  return limit > HASH_SPACE ? undefined : (limit - 1n) as Target;
}

/** The expected number of hashes until one is at or below the target. */
export function workOfTarget(target: Target): Work {
  return (HASH_SPACE / (target + 1n)) as Work;
}

/** The target as 64 hex characters: a hash passes when its hex is not greater. */
export function formatTarget(target: Target): string {
  return target.toString(16).padStart(64, "0");
}

export function addWork(a: Work, b: Work): Work {
  return (a + b) as Work;
}
