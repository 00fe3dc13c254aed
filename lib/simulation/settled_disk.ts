/**
 * A disk for large simulated networks that never crash: every block and every undo data once for all
 * nodes, because both are the same wherever they are true.
 *
 * @module
 */
import { connectGenesis } from "../consensus/connect_block.ts";
import { packUtxos } from "../consensus/packed_utxos.ts";
import type { UtxoDelta } from "../consensus/utxo.ts";
import type { Commit, Membership, Snapshot, TransactionLocation } from "../node/persistence.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";
import type { SimDisk } from "./sim_node.ts";

/** What all nodes of one world keep together. */
export class SharedBlocks {
  readonly blocks = new Map<BlockHash, Block>();
  readonly deltas = new Map<BlockHash, UtxoDelta>();
}

export class SettledDisk implements SimDisk {
  readonly isInMemory = true;
  readonly #shared: SharedBlocks;
  readonly #membership: Membership;

  /** @param membership what the node knows when it starts: a network that is complete already */
  constructor(shared: SharedBlocks, membership: Membership) {
    this.#shared = shared;
    this.#membership = membership;
  }

  begin(): void {}

  commit(commit: Commit): void {
    const { blocks, deltas } = this.#shared;
    for (const { block } of commit.stored) {
      if (!blocks.has(block.hash)) blocks.set(block.hash, block);
    }
    for (const { block, delta } of commit.connected) {
      if (!deltas.has(block.hash)) deltas.set(block.hash, delta);
    }
  }

  end(): void {}

  rest(): void {}

  keepPages(): void {}

  crash(): void {
    invariant(false, "A settled disk is for nodes that never crash");
  }

  load(): Snapshot {
    const { genesis } = this.#membership.params;
    return {
      membership: this.#membership,
      entries: [],
      tip: genesis.hash,
      utxos: packUtxos(connectGenesis(genesis).created),
      pool: [],
      failed: [],
    };
  }

  close(): void {}

  readBlock(hash: BlockHash): Block | undefined {
    return this.#shared.blocks.get(hash);
  }

  readDelta(hash: BlockHash): UtxoDelta | undefined {
    return this.#shared.deltas.get(hash);
  }

  /** No node of such a world is asked for old transactions. */
  findTransaction(): TransactionLocation | undefined {
    return undefined;
  }

  txidsWithPrefix(): readonly Txid[] {
    return [];
  }

  transactionsOf(): readonly TransactionLocation[] {
    return [];
  }
}
