/**
 * Key pairs for tests and the simulation: numbered, the same on every run, made once.
 *
 * Nobody may hold real coins with them: the seeds are public.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "./hash.ts";
import { type KeyPair, keyPairOfSeed } from "./keys.ts";

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
  const keyPair = keyPairOfSeed(sha256(utf8Bytes(`noobcash/test-key/${number}`)));
  keyPairs.set(number, keyPair);
  return keyPair;
}
