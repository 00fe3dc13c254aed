/**
 * Random numbers from a seed: xoshiro128** (Blackman and Vigna 2018), one stream per purpose.
 *
 * A stream's state is the first 128 bits of SHA-256("noobcash/sim/" ‖ seed ‖ "/" ‖ name), so streams of
 * different names do not know of each other: a node more, or a draw more for one purpose, disturbs no
 * other (S01). Only operations whose results every engine agrees on bit by bit are used for whole
 * numbers; logarithms and square roots come from the one engine that runs the program everywhere.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { invariant } from "../result.ts";

/** What a whole run follows from. */
export type Seed = number;

export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param state four 32-bit words, not all zero */
  constructor(state: readonly [number, number, number, number]) {
    invariant(state.some((word) => word !== 0), "A generator's state is not all zero");
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** 32 random bits. */
  u32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** A number in [0, 1) with 53 random bits. */
  float(): number {
    return ((this.u32() >>> 5) * 0x400_0000 + (this.u32() >>> 6)) / 0x20_0000_0000_0000;
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    invariant(max >= min, `Cannot draw a number: got ${min} to ${max}, wanted a range`);
    return min + Math.floor(this.float() * (max - min + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.float() < probability;
  }

  /** A number in [min, max). */
  uniform(min: number, max: number): number {
    return min + this.float() * (max - min);
  }

  /** A waiting time of a Poisson process. */
  exponential(mean: number): number {
    return -Math.log(1 - this.float()) * mean;
  }

  /** A normally distributed number (Box and Muller 1958). */
  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.float());
  }

  /** One of several. */
  pick<T>(items: readonly T[]): T {
    invariant(items.length > 0, "Cannot pick: got an empty list, wanted at least one item");
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** The items in random order (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let index = shuffled.length - 1; index > 0; index--) {
      const other = this.integer(0, index);
      const item = shuffled[index] as T;
      shuffled[index] = shuffled[other] as T;
      shuffled[other] = item;
    }
    return shuffled;
  }
}

/**
 * The stream of one purpose under one seed.
 *
 * @example
 * ```ts
 * import { randomStream } from "./random_stream.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(randomStream(7, "load").u32(), randomStream(7, "load").u32());
 * assert.notEqual(randomStream(7, "load").u32(), randomStream(7, "faults").u32());
 * ```
 */
export function randomStream(seed: Seed, name: string): RandomStream {
  const digest = sha256(utf8Bytes(`noobcash/sim/${seed}/${name}`));
  const view = new DataView(digest.buffer);
  return new RandomStream([
    view.getUint32(0),
    view.getUint32(4),
    view.getUint32(8),
    view.getUint32(12),
  ]);
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
