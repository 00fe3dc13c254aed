/**
 * Addresses: a public key written as bech32m text (BIP 350) with the prefix `nbc`, so that a mistyped
 * letter is caught.
 *
 * @module
 */
import { bech32m } from "@scure/base";
import { bytesOfHex, formatHex } from "../bytes.ts";
import { PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "./keys.ts";

/** The human-readable part of an address. */
export const ADDRESS_PREFIX = "nbc";

/** The text form of a public key: `nbc1…`, 62 characters. */
export type Address = string & { readonly __brand: "Address" };

/**
 * Writes a public key as an address.
 *
 * @example
 * ```ts
 * import { formatAddress, parseAddress } from "./address.ts";
 * import type { PublicKey } from "./keys.ts";
 * import assert from "node:assert/strict";
 *
 * const key = "00".repeat(32) as PublicKey;
 * assert.equal(parseAddress(formatAddress(key)), key);
 * ```
 */
export function formatAddress(publicKey: PublicKey): Address {
  return bech32m.encode(ADDRESS_PREFIX, bech32m.toWords(bytesOfHex(publicKey))) as Address;
}

/** Reads an address; `undefined` for a wrong prefix, checksum, size or letter case. */
export function parseAddress(text: string): PublicKey | undefined {
  if (text !== text.toLowerCase() || text.length > 90) return undefined;
  const decoded = bech32m.decodeUnsafe(text);
  if (decoded === undefined || decoded.prefix !== ADDRESS_PREFIX) return undefined;
  const bytes = bech32m.fromWordsUnsafe(decoded.words);
  if (!bytes || bytes.length !== PUBLIC_KEY_SIZE_BYTES) return undefined;
  return formatHex(bytes) as PublicKey;
}
