/**
 * The texts by which people name a wallet or a block, the same in the API, the command line and replays.
 *
 * Reads text only; whether there is such a wallet or block, the node knows.
 *
 * @module
 */
import { type Address, parseAddress } from "../crypto/address.ts";
import type { PublicKey } from "../crypto/keys.ts";

/** A wallet as people name it: by its node's id, by its address, or as the node's own. */
export type WalletName =
  | { readonly kind: "node"; readonly nodeId: number }
  | { readonly kind: "address"; readonly address: Address; readonly publicKey: PublicKey }
  | { readonly kind: "self" };

/**
 * Reads the name of a wallet: `3`, `id3`, `nbc1…` or `self`; `undefined` for anything else.
 *
 * @example
 * ```ts
 * import { parseWalletName } from "./names.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseWalletName("id10"), { kind: "node", nodeId: 10 });
 * assert.equal(parseWalletName("id1x"), undefined);
 * ```
 */
export function parseWalletName(text: string): WalletName | undefined {
  if (text === "self") return { kind: "self" };
  const nodeId = /^(?:id)?(0|[1-9][0-9]{0,4})$/.exec(text)?.[1];
  if (nodeId !== undefined) return { kind: "node", nodeId: Number(nodeId) };
  const publicKey = parseAddress(text);
  return publicKey === undefined
    ? undefined
    : { kind: "address", address: text as Address, publicKey };
}

/** The fewest characters of a hash or a txid that stand for the whole. */
export const PREFIX_SIZE_MIN = 6;

/** A block as people name it: by its height, by its hash or the beginning of it, or as the newest one. */
export type BlockName =
  | { readonly kind: "height"; readonly height: number }
  | { readonly kind: "hash"; readonly hash: string }
  | { readonly kind: "hash-prefix"; readonly prefix: string }
  | { readonly kind: "tip" };

/**
 * Reads the name of a block: a height, the hash or its first characters, or `tip`; `undefined` for
 * anything else. What may be a height is one.
 */
export function parseBlockName(text: string): BlockName | undefined {
  if (text === "tip") return { kind: "tip" };
  if (/^[0-9a-f]{64}$/.test(text)) return { kind: "hash", hash: text };
  if (/^(?:0|[1-9][0-9]{0,9})$/.test(text)) return { kind: "height", height: Number(text) };
  return /^[0-9a-f]{1,63}$/.test(text) && text.length >= PREFIX_SIZE_MIN
    ? { kind: "hash-prefix", prefix: text }
    : undefined;
}
