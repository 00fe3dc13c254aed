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

/** How many characters an address has. */
const ADDRESS_SIZE = 62;
/** The characters of bech32's data part. */
const NO_DATA_CHARACTER = /[^qpzry9x8gf2tvdw0s3jn54khce6mua7l]/;

/**
 * What is wrong with a text that is meant as an address; `undefined` when it is one, or was never meant
 * as one.
 *
 * @example
 * ```ts
 * import { addressProblem } from "./address.ts";
 * import assert from "node:assert/strict";
 *
 * const mistyped = "nbc1277s5y3kjmekfqxnm2nmkql7zrstzz4lfnch0c4wmvl27ck4gq0s3e5pwz";
 * assert.match(addressProblem(mistyped) ?? "", /checksum/);
 * assert.equal(addressProblem("id3"), undefined);
 * ```
 */
export function addressProblem(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (!lower.startsWith(`${ADDRESS_PREFIX}1`) || parseAddress(text) !== undefined) return undefined;
  if (text !== lower) return "capital letters, which no address has";
  if (text.length !== ADDRESS_SIZE) return `${text.length} characters instead of ${ADDRESS_SIZE}`;
  const strange = NO_DATA_CHARACTER.exec(text.slice(ADDRESS_PREFIX.length + 1))?.[0];
  if (strange !== undefined) {
    return `the character ${JSON.stringify(strange)}, which no address has`;
  }
  return "a checksum that does not fit: a character is mistyped";
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
