/**
 * A disk that can lose its last moments: the memory store, with commits that are durable from
 * {@link SimulatedDisk.end} on.
 *
 * The node reads what it has committed at once, as from an open database transaction; a crash before the
 * end takes it away again.
 *
 * @module
 */
import type { UtxoDelta } from "../consensus/utxo.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Commit, Snapshot, TransactionLocation } from "../node/persistence.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { MemoryStore } from "../store/memory_store.ts";
import type { NodeStore } from "../store/node_store.ts";

export class SimulatedDisk implements NodeStore {
  readonly #durable = new MemoryStore();
  #open: Commit[] = [];
  #commitCount = 0;

  /** How many commits are durable. */
  get commitCount(): number {
    return this.#commitCount;
  }

  begin(): void {}

  commit(commit: Commit): void {
    this.#open.push(commit);
  }

  /** Makes everything that was committed durable. */
  end(): void {
    for (const commit of this.#open) {
      this.#durable.commit(commit);
      this.#commitCount++;
    }
    this.#open = [];
  }

  rest(): void {}

  keepPages(): void {}

  /** Power off: what is not durable is gone. */
  crash(): void {
    this.#open = [];
  }

  /** What a restart would find. */
  load(): Snapshot | undefined {
    return this.#durable.load();
  }

  close(): void {}

  /** Tells whether a block would survive a crash. */
  isDurable(hash: BlockHash): boolean {
    return this.#durable.readBlock(hash) !== undefined;
  }

  readBlock(hash: BlockHash): Block | undefined {
    for (const { stored } of this.#open) {
      for (const { block } of stored) if (block.hash === hash) return block;
    }
    return this.#durable.readBlock(hash);
  }

  readDelta(hash: BlockHash): UtxoDelta | undefined {
    for (const { connected } of this.#open.toReversed()) {
      for (const { block, delta } of connected) if (block.hash === hash) return delta;
    }
    return this.#durable.readDelta(hash);
  }

  /** Only what is durable: no checker looks for a beginning. */
  txidsWithPrefix(prefix: string, limit: number): readonly Txid[] {
    return this.#durable.txidsWithPrefix(prefix, limit);
  }

  findTransaction(txid: Txid): TransactionLocation | undefined {
    for (const { connected, disconnected } of this.#open.toReversed()) {
      for (const { block } of connected) {
        const index = block.transactions.findIndex((transaction) => transaction.txid === txid);
        if (index >= 0) return { blockHash: block.hash, index };
      }
      for (const { block } of disconnected) {
        if (block.transactions.some((transaction) => transaction.txid === txid)) return undefined;
      }
    }
    return this.#durable.findTransaction(txid);
  }

  transactionsOf(
    owner: PublicKey,
    limit: number,
    behind?: TransactionLocation,
  ): readonly TransactionLocation[] {
    return this.#durable.transactionsOf(owner, limit, behind);
  }
}
