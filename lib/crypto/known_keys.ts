/**
 * One text for one public key: of the keys that were read last, each is the same string every time.
 *
 * A network has some keys and a great many payments, and each payment names its keys three times. A text each
 * time is 80 bytes of garbage, which a map has to hash and compare anew. Bounded: a key that takes another's
 * place only has that one's text made again.
 *
 * @module
 */
import { formatHex } from "../bytes.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "./keys.ts";

/** How many keys are known at most; a power of two. */
export const KNOWN_KEYS_MAX = 1_024;

const texts = new Array<PublicKey | undefined>(KNOWN_KEYS_MAX).fill(undefined);
const known = new Uint8Array(KNOWN_KEYS_MAX * PUBLIC_KEY_SIZE_BYTES);

/**
 * The text of a public key.
 *
 * @param bytes 32
 *
 * @example
 * ```ts
 * import { publicKeyOfBytes } from "./known_keys.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(publicKeyOfBytes(new Uint8Array(32).fill(0xab)), "ab".repeat(32));
 * ```
 */
export function publicKeyOfBytes(bytes: Uint8Array): PublicKey {
  const place = ((bytes[0] as number) << 8 | (bytes[1] as number)) & (KNOWN_KEYS_MAX - 1);
  const start = place * PUBLIC_KEY_SIZE_BYTES;
  const text = texts[place];
  if (text !== undefined && isAt(start, bytes)) return text;
  const made = formatHex(bytes) as PublicKey;
  known.set(bytes, start);
  texts[place] = made;
  return made;
}

function isAt(start: number, bytes: Uint8Array): boolean {
  for (let index = 0; index < PUBLIC_KEY_SIZE_BYTES; index++) {
    if (known[start + index] !== bytes[index]) return false;
  }
  return true;
}
