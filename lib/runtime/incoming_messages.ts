/**
 * What peers have sent, on its way into the node's queue.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { isHeard } from "../node/peer_table.ts";
import { comesFirst } from "../node/staged_block.ts";
import type { NodeState } from "../node/state.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Message } from "../wire/message.ts";
import type { Lab } from "./lab/lab.ts";
import type { NodeLoop } from "./node_loop.ts";
import { POOL_TRANSACTIONS_MIN, type VerificationPool } from "./verification/verification_pool.ts";

/** What a message passes on its way. */
export interface IncomingParts {
  readonly node: Readonly<Pick<NodeState, "config" | "network" | "peers">>;
  /** The node's steady clock. */
  readonly nowMs: () => number;
  readonly loop: Pick<NodeLoop, "room" | "push">;
  readonly verification: Pick<VerificationPool, "verify">;
  readonly lab: Pick<Lab, "receive"> | undefined;
}

export class IncomingMessages {
  readonly #parts: IncomingParts;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /**
   * Takes a message that {@link comesFirst} into the queue, before what its peer has sent earlier; false for any
   * other.
   */
  overtake(from: PublicKey, message: Message): boolean {
    if (!comesFirst(this.#parts.node, { type: "message", from, message })) return false;
    this.#push(from, message);
    return true;
  }

  /**
   * In the order of arrival, but for what {@link comesFirst}. Signatures of many transactions are verified on all
   * cores before, but not those of whom the node does not hear: nobody else's blocks wait behind them.
   */
  async deliver(from: PublicKey, messages: readonly Message[]): Promise<void> {
    const { node, nowMs, loop, verification } = this.#parts;
    const { network } = node;
    const others = messages.filter((message) => !this.overtake(from, message));
    // It waits for no room. Whoever has sent it does, or the queue would have no bound.
    if (others.length < messages.length) await loop.room();
    if (network !== undefined && isHeard(node, from, nowMs())) {
      // What waits here already is looked at no more, in whichever copy it comes.
      const transactions = messages.flatMap(transactionsOf)
        .filter(({ txid }) => !network.mempool.has(txid));
      if (transactions.length >= POOL_TRANSACTIONS_MIN) {
        await verification.verify(transactions, network);
      }
    }
    for (const message of others) {
      await loop.room();
      this.#push(from, message);
    }
  }

  #push(from: PublicKey, message: Message): void {
    const { loop, lab } = this.#parts;
    if (lab?.receive(from, message) === false) return;
    loop.push({ type: "message", from, message });
  }
}

function transactionsOf(message: Message): readonly Transaction[] {
  switch (message.type) {
    case "transactions":
    case "block-transactions":
      return message.transactions;
    case "blocks":
      return message.blocks.flatMap((block) => block.transactions);
    default:
      return [];
  }
}
