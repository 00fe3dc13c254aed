/**
 * Ed25519 key pairs (RFC 8032): the public key is the wallet's identity, 32 bytes.
 *
 * The secret key is the 32-byte seed. Randomness is an argument: whoever wants a new key brings the
 * seed. Knows nothing of addresses or files.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { bytesOfHex, concatBytes, formatHex } from "../bytes.ts";
import { invariant } from "../result.ts";

/** The size of a public key in bytes. */
export const PUBLIC_KEY_SIZE_BYTES = 32;
/** The size of a secret key (the RFC 8032 seed) in bytes. */
export const SECRET_KEY_SIZE_BYTES = 32;

/** A public key as 64 lowercase hex characters. */
export type PublicKey = string & { readonly __brand: "PublicKey" };

/** A key pair. The secret never leaves {@link KeyObject} except to be stored in its own file. */
export interface KeyPair {
  readonly publicKey: PublicKey;
  readonly secret: KeyObject;
}

/** DER in front of a raw Ed25519 seed (PKCS #8, RFC 8410) and of a raw public key (SPKI). */
const PKCS8_PREFIX = bytesOfHex("302e020100300506032b657004220420");
const SPKI_PREFIX = bytesOfHex("302a300506032b6570032100");

const PUBLIC_KEY_PATTERN = /^[0-9a-f]{64}$/;

/** Makes the key pair of a 32-byte seed. */
export function keyPairOfSeed(seed: Uint8Array): KeyPair {
  invariant(seed.length === SECRET_KEY_SIZE_BYTES, "A secret key has 32 bytes");
  const secret = createPrivateKey({
    key: Buffer.from(concatBytes([PKCS8_PREFIX, seed])),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(secret).export({ type: "spki", format: "der" });
  return { publicKey: formatHex(new Uint8Array(spki).subarray(12)) as PublicKey, secret };
}

/** Reads a public key from 64 lowercase hex characters; `undefined` when it is none. */
export function parsePublicKey(text: string): PublicKey | undefined {
  return PUBLIC_KEY_PATTERN.test(text) ? text as PublicKey : undefined;
}

/** The form that verifying wants; `undefined` when the 32 bytes are no point of the curve. */
export function importPublicKey(publicKey: PublicKey): KeyObject | undefined {
  try {
    return createPublicKey({
      key: Buffer.from(concatBytes([SPKI_PREFIX, bytesOfHex(publicKey)])),
      format: "der",
      type: "spki",
    });
  } catch {
    return undefined;
  }
}
