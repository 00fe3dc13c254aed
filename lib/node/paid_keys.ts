/**
 * Payments by the key that whoever asked for them gave them: a request that is sent again pays once.
 *
 * A key is remembered with the payment itself, in the same commit, so also across a crash. Only what was
 * paid is remembered: a refusal may be tried again. Bounded: the oldest of {@link PAID_KEYS_MAX} keys is
 * forgotten first, so a retry has to come before that many other payments.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Txid } from "../primitives/outpoint.ts";

/** The most keys that are remembered. */
export const PAID_KEYS_MAX = 10_000;

/** What was paid under a key. */
export interface PaidKey {
  readonly key: string;
  readonly txid: Txid;
  readonly receiver: PublicKey;
  readonly amount: Amount;
}

/** Remembers a key; forgets the oldest beyond the bound. */
export function rememberPaid(paid: Map<string, PaidKey>, entry: PaidKey): void {
  paid.set(entry.key, entry);
  for (const oldest of paid.keys()) {
    if (paid.size <= PAID_KEYS_MAX) break;
    paid.delete(oldest);
  }
}
