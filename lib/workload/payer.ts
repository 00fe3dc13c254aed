/**
 * The port through which a replay pays: one node's wallet, seen from outside.
 *
 * `cluster` and `noobcash replay` implement it over the API; tests over a ledger in memory.
 *
 * @module
 */

/** What came of asking a node to pay. */
export type PaymentAnswer =
  | { readonly kind: "accepted"; readonly txid: string }
  | {
    readonly kind: "refused";
    readonly code: string;

    /** How many coins were missing, where that was the reason. */
    readonly lacking?: number;
  };

/** One node's wallet. */
export interface Payer {
  readonly nodeId: number;

  /** Asks the node to pay; an unreachable node is a refusal with a code of its own. */
  pay(receiverId: number, amount: number): Promise<PaymentAnswer>;

  /** How many payments to this wallet the node has announced so far. */
  arrivals(): number;

  /** Calls back after each further arrival, until the returned function is called. */
  onArrival(listener: () => void): () => void;
}

/** The one refusal that patience can cure. */
export const INSUFFICIENT_FUNDS = "insufficient-funds";
