/**
 * Why the pool does not take a transaction that consensus would allow: local taste, not law.
 *
 * @module
 */
import type { Outpoint, Txid } from "../primitives/outpoint.ts";

export type PolicyError =
  | { readonly code: "tx-already-known"; readonly txid: Txid }
  | { readonly code: "tx-conflicts"; readonly outpoint: Outpoint; readonly with: Txid }
  | { readonly code: "mempool-full"; readonly max: number };

/** Why a transaction left the pool without being confirmed. */
export type RemovalReason =
  | { readonly code: "conflict"; readonly outpoint: Outpoint; readonly with: Txid }
  | { readonly code: "parent-removed"; readonly parent: Txid }
  | { readonly code: "no-longer-valid"; readonly cause: string }
  | { readonly code: "dropped-by-operator" };
