/**
 * Reads several numbers: lists and ranges, as in `0.1,0.25` or `0.05:0.5:0.05`.
 *
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";

/** More values than this are a mistake in the step. */
const VALUES_MAX = 10_000;

/**
 * Reads a list of numbers and ranges `first:last:step`, both ends included.
 *
 * @example
 * ```ts
 * import { numberList } from "./number_list.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(numberList(0, 1)("0.1:0.3:0.1,0.5"), [0.1, 0.2, 0.3, 0.5]);
 * assert.throws(() => numberList(0, 1)("0.5:0.1:0.1"));
 * ```
 */
export function numberList(min: number, max: number, kind: "decimal" | "whole" = "decimal") {
  return (text: string): readonly number[] => {
    const values = text.split(",").flatMap((item) => valuesOf(item.trim(), text));
    for (const value of values) {
      const isGood = value >= min && value <= max &&
        (kind === "decimal" || Number.isInteger(value));
      if (!isGood) {
        const what = kind === "whole" ? "whole numbers" : "numbers";
        throw new InvalidArgumentError(
          `got ${value} in "${text}", wanted ${what} of ${min} to ${max}`,
        );
      }
    }
    return [...new Set(values)];
  };
}

function valuesOf(item: string, text: string): number[] {
  const numbers = item.split(":").map((part) =>
    /^[0-9]+(?:\.[0-9]+)?$/.test(part) ? Number(part) : NaN
  );
  const [first = NaN, last, step] = numbers;
  if (numbers.some(Number.isNaN) || numbers.length === 2 || numbers.length > 3) {
    throw new InvalidArgumentError(
      `got "${text}", wanted numbers with commas or a range first:last:step`,
    );
  }
  if (last === undefined || step === undefined) return [first];
  if (last < first || step <= 0) {
    throw new InvalidArgumentError(`got the empty range "${item}", wanted first:last:step upwards`);
  }
  // The end is a hair later, so that 0.5 is reached by steps of 0.05; values are rounded, so that 0.3 is 0.3.
  const count = Math.floor((last - first) / step + 1e-9) + 1;
  if (count > VALUES_MAX) {
    throw new InvalidArgumentError(
      `got ${count} values in "${item}", wanted at most ${VALUES_MAX}`,
    );
  }
  return Array.from(
    { length: count },
    (_, index) => Number((first + index * step).toPrecision(12)),
  );
}
