/**
 * X25519 (RFC 7748): key agreement for links between nodes, and how a node's Ed25519 key gives its X25519 key.
 *
 * A node has one identity, its Ed25519 key. Both curves are one curve in two forms, so whoever knows a node's
 * public key can compute its X25519 key, and nobody has to vouch for that one. Randomness is an argument.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from "node:crypto";
import { bytesOfHex, concatBytes } from "../bytes.ts";
import { invariant } from "../result.ts";
import type { KeyPair, PublicKey } from "./keys.ts";

/** The size of a public key, a secret key and a shared secret in bytes. */
export const X25519_SIZE_BYTES = 32;

export interface X25519KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly secret: KeyObject;
}

/** DER in front of a raw X25519 secret key (PKCS #8, RFC 8410) and of a raw public key (SPKI). */
const PKCS8_PREFIX = bytesOfHex("302e020100300506032b656e04220420");
const SPKI_PREFIX = bytesOfHex("302a300506032b656e032100");

const FIELD_PRIME = 2n ** 255n - 19n;

/** X25519 keys of nodes; one costs a division in the field, about 60 us. */
const convertedKeys = new Map<PublicKey, Uint8Array<ArrayBuffer> | undefined>();
const CONVERTED_KEYS_MAX = 4096;

/** Makes the key pair of 32 secret bytes; RFC 7748 says which of their bits are fixed. */
export function x25519KeyPairOf(secretBytes: Uint8Array): X25519KeyPair {
  invariant(secretBytes.length === X25519_SIZE_BYTES, "A secret key has 32 bytes");
  const secret = createPrivateKey({
    key: Buffer.from(concatBytes([PKCS8_PREFIX, secretBytes])),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(secret).export({ type: "spki", format: "der" });
  return { publicKey: new Uint8Array(spki).slice(SPKI_PREFIX.length), secret };
}

/** Agrees on a secret with the owner of a public key; `undefined` for a key of low order. */
export function agree(own: X25519KeyPair, publicKey: Uint8Array): Uint8Array | undefined {
  try {
    const remote = createPublicKey({
      key: Buffer.from(concatBytes([SPKI_PREFIX, publicKey])),
      format: "der",
      type: "spki",
    });
    const shared = new Uint8Array(diffieHellman({ privateKey: own.secret, publicKey: remote }));
    return shared.some((byte) => byte !== 0) ? shared : undefined;
  } catch {
    return undefined;
  }
}

/** A node's own X25519 key pair: its secret is what Ed25519 signs with, SHA-512 of the seed (RFC 8032, 5.1.5). */
export function x25519KeyPairOfNode(keyPair: KeyPair): X25519KeyPair {
  const pkcs8 = new Uint8Array(keyPair.secret.export({ type: "pkcs8", format: "der" }));
  const digest = createHash("sha512").update(pkcs8.subarray(-32)).digest();
  return x25519KeyPairOf(new Uint8Array(digest).subarray(0, X25519_SIZE_BYTES));
}

/**
 * The X25519 key of a node's public key: u = (1 + y) / (1 − y) in the field of 2^255 − 19 (RFC 7748, 4.1);
 * `undefined` when there is none.
 */
export function x25519KeyOfNode(publicKey: PublicKey): Uint8Array<ArrayBuffer> | undefined {
  if (convertedKeys.has(publicKey)) return convertedKeys.get(publicKey);
  if (convertedKeys.size >= CONVERTED_KEYS_MAX) convertedKeys.clear();
  const converted = convert(publicKey);
  convertedKeys.set(publicKey, converted);
  return converted;
}

function convert(publicKey: PublicKey): Uint8Array<ArrayBuffer> | undefined {
  const bytes = bytesOfHex(publicKey);
  bytes[31] = (bytes[31] as number) & 0x7f;
  const y = BigInt("0x" + bytes.reverse().toHex());
  if (y >= FIELD_PRIME || y === 1n) return undefined;
  const u = ((1n + y) * inverse(FIELD_PRIME + 1n - y)) % FIELD_PRIME;
  return bytesOfHex(u.toString(16).padStart(64, "0")).reverse();
}

/** Extended Euclid. */
function inverse(value: bigint): bigint {
  let [rest, next] = [FIELD_PRIME, value % FIELD_PRIME];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return ((factor % FIELD_PRIME) + FIELD_PRIME) % FIELD_PRIME;
}
