/**
 * Verifies transactions' signatures for one network, each transaction object once.
 *
 * A transaction object never changes after it was sealed, so a verdict holds for its lifetime. The pool,
 * a compact block and the simulation's nodes share objects, and so share verdicts. A shell that verifies
 * in parallel hands its verdicts in with {@link TransactionVerifier.remember}.
 *
 * @module
 */
import { HASH_SIZE_BYTES } from "../crypto/hash.ts";
import { SIGNATURE_SIZE_BYTES, verifySignature } from "../crypto/signature.ts";
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
  // One message for all: only the txid at its end differs.
  const message = signingMessage(params.genesisHashBytes, new Uint8Array(HASH_SIZE_BYTES));
  const txid = message.subarray(-HASH_SIZE_BYTES);

  return {
    verify(transaction) {
      if (verified.has(transaction)) return true;
      const { sender, encoded } = transaction;
      txid.setFromHex(transaction.txid);
      const signature = encoded.subarray(-SIGNATURE_SIZE_BYTES);
      if (!verifySignature(sender, message, signature)) return false;
      verified.add(transaction);
      return true;
    },
    isVerified: (transaction) => verified.has(transaction),
    remember: (transaction) => void verified.add(transaction),
  };
}
