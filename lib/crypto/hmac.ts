/**
 * HMAC-SHA-256 (RFC 2104) and the key derivation that Noise makes of it.
 *
 * Short messages take 3 us on the hash kernel; node:crypto takes three times as long for each object that it
 * makes. Knows nothing of what the keys are for.
 *
 * @module
 */
import { concatBytes } from "../bytes.ts";
import { sha256 } from "./hash.ts";

const BLOCK_SIZE_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * Authenticates a message.
 *
 * @example
 * ```ts
 * import { formatHex, utf8Bytes } from "../bytes.ts";
 * import { hmacSha256 } from "./hmac.ts";
 * import assert from "node:assert/strict";
 *
 * // RFC 4231, test case 2.
 * const tag = hmacSha256(utf8Bytes("Jefe"), utf8Bytes("what do ya want for nothing?"));
 * assert.equal(
 *   formatHex(tag),
 *   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
 * );
 * ```
 */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK_SIZE_BYTES);
  block.set(key.length > BLOCK_SIZE_BYTES ? sha256(key) : key);
  const inner = sha256(concatBytes([block.map((byte) => byte ^ INNER_PAD), message]));
  return sha256(concatBytes([block.map((byte) => byte ^ OUTER_PAD), inner]));
}

/** HKDF as Noise has it (section 4.3): `count` keys of 32 bytes. */
export function noiseHkdf(
  chainingKey: Uint8Array,
  inputKey: Uint8Array,
  count: 2 | 3,
): Uint8Array<ArrayBuffer>[] {
  const temporaryKey = hmacSha256(chainingKey, inputKey);
  const outputs: Uint8Array<ArrayBuffer>[] = [];
  let last = new Uint8Array(0);
  for (let number = 1; number <= count; number++) {
    last = hmacSha256(temporaryKey, concatBytes([last, new Uint8Array([number])]));
    outputs.push(last);
  }
  return outputs;
}
