/**
 * Key pairs for tests and the simulation: numbered, the same on every run, made once.
 *
 * Nobody may hold real coins with them: the seeds are public.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "./hash.ts";
import { type KeyPair, keyPairOfSeed, type PublicKey } from "./keys.ts";

/** A pair whose secret is made when it is asked for: 10,000 of them would take 30 MB. */
class NumberedKeyPair implements KeyPair {
  readonly publicKey: PublicKey;
  readonly #number: number;
  #secret: KeyObject | undefined;

  constructor(number: number, publicKey: PublicKey) {
    this.publicKey = publicKey;
    this.#number = number;
    this.#secret = undefined;
  }

  get secret(): KeyObject {
    this.#secret ??= keyPairOfSeed(seedOf(this.#number)).secret;
    return this.#secret;
  }
}

const keyPairs = new Map<number, KeyPair>();

/**
 * The key pair of a number; its seed is SHA-256 of "noobcash/test-key/<number>".
 *
 * @example
 * ```ts
 * import { numberedKeyPair } from "./numbered_key_pair.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(numberedKeyPair(0), numberedKeyPair(0));
 * assert.notEqual(numberedKeyPair(0).publicKey, numberedKeyPair(1).publicKey);
 * ```
 */
export function numberedKeyPair(number: number): KeyPair {
  const known = keyPairs.get(number);
  if (known !== undefined) return known;
  const keyPair = keyPairOfSeed(seedOf(number));
  keyPairs.set(number, keyPair);
  return keyPair;
}

/** Uses the key pair of a number once; if nothing else is signed with it, its secret is not kept. */
export function useNumberedKeyPair<T>(number: number, use: (keyPair: KeyPair) => T): T {
  const known = keyPairs.get(number);
  if (known !== undefined) return use(known);
  const made = keyPairOfSeed(seedOf(number));
  keyPairs.set(number, new NumberedKeyPair(number, made.publicKey));
  return use(made);
}

function seedOf(number: number): Uint8Array {
  return sha256(utf8Bytes(`noobcash/test-key/${number}`));
}
