/**
 * Processor time: what a node is busy with a message for, before it has taken it in.
 *
 * One processor a node, first come, first served: a message that arrives while another one is dealt with
 * waits. Everything that a message causes, such as passing it on, comes after its time is spent. Mining
 * goes on meanwhile, on other processors, and costs none of it. Without this model processors are
 * infinitely fast.
 *
 * @module
 */
import type { Message } from "../wire/message.ts";

export interface ProcessingCost {
  /** Of each message, whatever is in it, and of one that is known already. */
  readonly messageUs: number;
  /** Of each 1,000 bytes of it on the wire. */
  readonly kilobyteUs: number;
  /** Of each transaction that it carries in full. */
  readonly transactionUs: number;
}

/**
 * What this program was measured to need on one core: half a hop between two nodes for a message, and
 * the checking of a transaction with its signature (bench/README.md). Bytes are in the two.
 */
export const MEASURED_COST: ProcessingCost = {
  messageUs: 40,
  kilobyteUs: 0,
  transactionUs: 80,
};

/** For how long a message keeps a node busy. */
export function processingMs(
  message: Message,
  sizeBytes: number,
  { messageUs, kilobyteUs, transactionUs }: ProcessingCost,
): number {
  const transactions = transactionUs === 0 ? 0 : transactionUs * carriedTransactions(message);
  return (messageUs + kilobyteUs * sizeBytes / 1000 + transactions) / 1000;
}

function carriedTransactions(message: Message): number {
  switch (message.type) {
    case "transactions":
    case "block-transactions":
      return message.transactions.length;
    case "compact-block":
      return message.prefilled.length;
    case "blocks":
      return message.blocks.reduce((sum, block) => sum + block.transactions.length, 0);
    default:
      return 0;
  }
}
