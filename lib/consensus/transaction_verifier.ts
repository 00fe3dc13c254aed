/**
 * Verifies transactions' signatures for one network, each transaction object once.
 *
 * A transaction object never changes after it was sealed, so a verdict holds for its lifetime. The pool,
 * a compact block and the simulation's nodes share objects, and so share verdicts. A shell that verifies
 * in parallel hands its verdicts in with {@link TransactionVerifier.remember}.
 *
 * @module
 */
import { bytesOfHex } from "../bytes.ts";
import { verifySignature } from "../crypto/signature.ts";
import type { Params } from "../params.ts";
import { signingMessage, type Transaction } from "../primitives/transaction.ts";

export interface TransactionVerifier {
  /** Tells whether the sender signed the transaction for this network. */
  verify(transaction: Transaction): boolean;
  /** Tells whether the answer is known to be yes. */
  isVerified(transaction: Transaction): boolean;
  /** Takes in a yes that was found elsewhere by the same rule. */
  remember(transaction: Transaction): void;
}

export function createTransactionVerifier(params: Params): TransactionVerifier {
  const verified = new WeakSet<Transaction>();

  return {
    verify(transaction) {
      if (verified.has(transaction)) return true;
      const message = signingMessage(params.genesisHashBytes, bytesOfHex(transaction.txid));
      if (!verifySignature(transaction.sender, message, transaction.signature)) return false;
      verified.add(transaction);
      return true;
    },
    isVerified: (transaction) => verified.has(transaction),
    remember: (transaction) => void verified.add(transaction),
  };
}
