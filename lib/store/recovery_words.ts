/**
 * A key as 24 words that a person can write down (BIP 39, English): the seed itself, so that nothing else
 * is needed to have the wallet back.
 *
 * @module
 */
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { SECRET_KEY_SIZE_BYTES } from "../crypto/keys.ts";

/**
 * The words of a seed.
 *
 * @example
 * ```ts
 * import { recoveryWords, seedOfWords } from "./recovery_words.ts";
 * import assert from "node:assert/strict";
 *
 * const words = recoveryWords(new Uint8Array(32));
 * assert.match(words, /^(abandon ){23}art$/);
 * assert.deepEqual(seedOfWords(` ${words.toUpperCase()}\n`), new Uint8Array(32));
 * ```
 */
export function recoveryWords(seed: Uint8Array): string {
  return entropyToMnemonic(seed, wordlist);
}

/** The seed of 24 words, however they are spaced; `undefined` where a word or their checksum is wrong. */
export function seedOfWords(text: string): Uint8Array | undefined {
  try {
    const seed = mnemonicToEntropy(text.trim().toLowerCase().split(/\s+/).join(" "), wordlist);
    return seed.length === SECRET_KEY_SIZE_BYTES ? seed : undefined;
  } catch {
    return undefined;
  }
}
