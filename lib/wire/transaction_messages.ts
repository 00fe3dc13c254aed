/**
 * Transactions cut into as few messages as hold them.
 *
 * @module
 */
import { sizeOfTransactionBytes, type Transaction } from "../primitives/transaction.ts";
import { MESSAGE_FILL_BYTES, TRANSACTIONS_MAX, type TransactionsMessage } from "./message.ts";

/** Cuts where a message is full, by number or by bytes: a restart tells of a whole pool at once. */
export function messagesOfTransactions(
  transactions: Iterable<Transaction>,
): readonly TransactionsMessage[] {
  const messages: TransactionsMessage[] = [];
  let part: Transaction[] = [];
  let sizeBytes = 0;
  for (const transaction of transactions) {
    part.push(transaction);
    sizeBytes += sizeOfTransactionBytes(transaction);
    if (sizeBytes < MESSAGE_FILL_BYTES && part.length < TRANSACTIONS_MAX) continue;
    messages.push({ type: "transactions", transactions: part });
    part = [];
    sizeBytes = 0;
  }
  if (part.length > 0) messages.push({ type: "transactions", transactions: part });
  return messages;
}
