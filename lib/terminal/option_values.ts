/**
 * Reads the values of command-line options; a bad one is a usage error with one line.
 *
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Reads a whole number within bounds. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^-?[0-9]+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`got "${text}", wanted a whole number of ${range(min, max)}`);
    }
    return value;
  };
}

/** Reads a number within bounds. */
export function decimalNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^[0-9]+(?:\.[0-9]+)?$/.test(text) || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`got "${text}", wanted a number of ${range(min, max)}`);
    }
    return value;
  };
}

/** Reads several values, separated by commas. */
export function listOf<T>(parse: (text: string) => T) {
  return (text: string): readonly T[] => text.split(",").map((item) => parse(item.trim()));
}

/** Reads one of a few words. */
export function wordOf<Word extends string>(words: readonly Word[]) {
  return (text: string): Word => {
    const word = words.find((each) => each === text);
    if (word !== undefined) return word;
    throw new InvalidArgumentError(`got "${text}", wanted ${words.join(", ")}`);
  };
}

function range(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
}
