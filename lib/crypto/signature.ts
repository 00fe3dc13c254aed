/**
 * Ed25519 signatures (RFC 8032): sign about 60 us, verify about 50 us, both synchronous.
 *
 * Deterministic: the same key and message always give the same signature. Verifying never throws,
 * whatever the bytes are.
 *
 * @module
 */
import { type KeyObject, sign as nodeSign, verify as nodeVerify } from "node:crypto";
import { bytesOfHex, formatHex } from "../bytes.ts";
import { importPublicKey, type KeyPair, type PublicKey } from "./keys.ts";

/** The size of a signature in bytes. */
export const SIGNATURE_SIZE_BYTES = 64;

/** A signature as 128 lowercase hex characters. */
export type Signature = string & { readonly __brand: "Signature" };

/** Imported public keys by their hex; importing costs about as much as a third of a verification. */
const importedKeys = new Map<PublicKey, KeyObject | undefined>();
const IMPORTED_KEYS_MAX = 4096;

/** Signs a message. */
export function signMessage(keyPair: KeyPair, message: Uint8Array): Signature {
  return formatHex(nodeSign(null, message, keyPair.secret)) as Signature;
}

/**
 * Verifies a signature; false for a wrong one, for a garbled one and for a key that is none.
 *
 * @example
 * ```ts
 * import { utf8Bytes } from "../bytes.ts";
 * import { keyPairOfSeed } from "./keys.ts";
 * import { signMessage, verifySignature } from "./signature.ts";
 * import assert from "node:assert/strict";
 *
 * const keyPair = keyPairOfSeed(new Uint8Array(32));
 * const signature = signMessage(keyPair, utf8Bytes("pay"));
 * assert.equal(verifySignature(keyPair.publicKey, utf8Bytes("pay"), signature), true);
 * assert.equal(verifySignature(keyPair.publicKey, utf8Bytes("Pay"), signature), false);
 * ```
 */
export function verifySignature(
  publicKey: PublicKey,
  message: Uint8Array,
  signature: Signature | Uint8Array,
): boolean {
  const key = importCached(publicKey);
  try {
    const bytes = typeof signature === "string" ? bytesOfHex(signature) : signature;
    if (key === undefined || bytes.length !== SIGNATURE_SIZE_BYTES) return false;
    return nodeVerify(null, message, key, bytes);
  } catch {
    return false;
  }
}

function importCached(publicKey: PublicKey): KeyObject | undefined {
  if (importedKeys.has(publicKey)) return importedKeys.get(publicKey);
  if (importedKeys.size >= IMPORTED_KEYS_MAX) importedKeys.clear();
  const key = importPublicKey(publicKey);
  importedKeys.set(publicKey, key);
  return key;
}
