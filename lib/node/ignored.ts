/**
 * What a node hears and passes over, counted: answers to no question, what is known already.
 *
 * Nothing of it is kept and nobody is charged: an answer may be late, and two may tell of the same thing.
 *
 * @module
 */
import type { HexMap } from "../hex_map.ts";
import type { Txid } from "../primitives/outpoint.ts";

/** What was passed over. */
export type IgnoredKind =
  /** Answers that nobody waits for (any more). */
  | "headers"
  | "blocks"
  | "block-transactions"
  | "not-found"
  | "pool"
  /** A compact block that is known. */
  | "known-block"
  /** A transaction that is in a block already. */
  | "confirmed-transaction";

export type IgnoredCounts = Record<IgnoredKind, number>;

export function noIgnored(): IgnoredCounts {
  return {
    "headers": 0,
    "blocks": 0,
    "block-transactions": 0,
    "not-found": 0,
    "pool": 0,
    "known-block": 0,
    "confirmed-transaction": 0,
  };
}

/** The most transactions that are remembered as confirmed: those of a few minutes at full load. */
export const CONFIRMED_LATELY_MAX = 20_000;

/** Remembers that transactions are in a block of the main chain; forgets the oldest ones. */
export function rememberConfirmed(
  confirmedLately: HexMap<Txid, true>,
  txids: Iterable<Txid>,
): void {
  for (const txid of txids) confirmedLately.set(txid, true);
  for (const oldest of confirmedLately.keys()) {
    if (confirmedLately.size <= CONFIRMED_LATELY_MAX) break;
    confirmedLately.delete(oldest);
  }
}
