/**
 * A store in memory: for tests, and the simulator's disk.
 *
 * Owns what was committed and nothing else: it outlives the node that committed it, so that a simulated
 * node can crash and start again from it. Blocks, deltas and transactions never change and are shared,
 * not copied; entries do change and are copied. Unspent outputs are not kept: {@link MemoryStore.load}
 * plays the main chain's deltas instead, which makes a commit as cheap as what it brings. Knows no rules.
 * Invariant: the main chain is an unbroken path from genesis, and every block on it has its delta.
 *
 * @module
 */
import type { StoredEntry } from "../consensus/block_tree.ts";
import type { ConnectionRecord } from "../consensus/chain_change.ts";
import { connectGenesis } from "../consensus/connect_block.ts";
import { packUtxos } from "../consensus/packed_utxos.ts";
import type { UtxoDelta } from "../consensus/utxo.ts";
import { UtxoSet } from "../consensus/utxo_set.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type {
  Commit,
  FailedPayment,
  Membership,
  Snapshot,
  TransactionLocation,
} from "../node/persistence.ts";
import { type PaidKey, rememberPaid } from "../node/paid_keys.ts";
import { FAILED_PAYMENTS_MAX } from "../node/state.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { receiverOf } from "../primitives/transaction.ts";
import { invariant } from "../result.ts";
import { checkCommit } from "./check_commit.ts";
import type { NodeStore } from "./node_store.ts";

export class MemoryStore implements NodeStore {
  #membership: Membership | undefined;
  readonly #entries = new Map<BlockHash, StoredEntry>();
  readonly #blocks = new Map<BlockHash, Block>();
  readonly #deltas = new Map<BlockHash, UtxoDelta>();
  /** The main chain by height, genesis included. */
  readonly #main: BlockHash[] = [];
  readonly #locations = new Map<Txid, TransactionLocation>();
  readonly #pool = new Map<Txid, MempoolEntry>();
  readonly #failed = new Map<Txid, FailedPayment>();
  readonly #paid = new Map<string, PaidKey>();

  load(): Snapshot | undefined {
    const membership = this.#membership;
    if (membership === undefined) return undefined;

    const utxos = new UtxoSet();
    for (const hash of this.#main) utxos.apply(this.#deltas.get(hash) as UtxoDelta);
    return {
      membership,
      entries: [...this.#entries.values()].sort((a, b) => a.sequence - b.sequence),
      tip: this.#tip as BlockHash,
      utxos: packUtxos([...utxos.entries()]),
      pool: [...this.#pool.values()],
      failed: [...this.#failed.values()],
      paid: [...this.#paid.values()],
    };
  }

  commit(commit: Commit): void {
    checkCommit(commit, { genesisHash: this.#main[0], tip: this.#tip });
    if (commit.membership !== undefined) this.#putMembership(commit.membership);
    for (const { entry, block } of commit.stored) {
      this.#putEntry(entry);
      this.#blocks.set(block.hash, block);
    }
    for (const connected of commit.disconnected) this.#disconnect(connected);
    for (const connected of commit.connected) this.#connect(connected);
    for (const entry of commit.marked) this.#putEntry(entry);
    for (const txid of commit.poolRemoved) this.#pool.delete(txid);
    for (const entry of commit.poolAdded) putLast(this.#pool, entry.transaction.txid, entry);
    for (const failed of commit.failed) putLast(this.#failed, failed.transaction.txid, failed);
    for (const paid of commit.paid ?? []) rememberPaid(this.#paid, paid);
    for (const oldest of this.#failed.keys()) {
      if (this.#failed.size <= FAILED_PAYMENTS_MAX) break;
      this.#failed.delete(oldest);
    }
  }

  begin(): void {}

  end(): void {}

  rest(): void {}

  keepPages(): void {}

  close(): void {}

  readBlock(hash: BlockHash): Block | undefined {
    return this.#blocks.get(hash);
  }

  readDelta(hash: BlockHash): UtxoDelta | undefined {
    return this.#deltas.get(hash);
  }

  txidsWithPrefix(prefix: string, limit: number): readonly Txid[] {
    const found = this.#locations.keys().filter((txid) => txid.startsWith(prefix));
    return [...found.take(limit)];
  }

  findTransaction(txid: Txid): TransactionLocation | undefined {
    return this.#locations.get(txid);
  }

  transactionsOf(
    owner: PublicKey,
    limit: number,
    behind?: TransactionLocation,
  ): readonly TransactionLocation[] {
    const locations: TransactionLocation[] = [];
    const start = behind === undefined ? -1 : this.#main.lastIndexOf(behind.blockHash);
    const newest = start < 0 ? this.#main.length - 1 : start;
    for (let height = newest; height >= 0; height--) {
      const blockHash = this.#main[height] as BlockHash;
      const transactions = this.#blocks.get(blockHash)?.transactions ?? [];
      for (let index = transactions.length - 1; index >= 0; index--) {
        if (locations.length >= limit) return locations;
        if (blockHash === behind?.blockHash && index >= behind.index) continue;
        const transaction = transactions[index];
        invariant(transaction !== undefined, "A list has no holes");
        if (transaction.sender === owner || receiverOf(transaction) === owner) {
          locations.push({ blockHash, index });
        }
      }
    }
    return locations;
  }

  get #tip(): BlockHash | undefined {
    return this.#main[this.#main.length - 1];
  }

  #putMembership(membership: Membership): void {
    const { genesis } = membership.params;
    if (this.#membership === undefined) {
      this.#main.push(genesis.hash);
      this.#blocks.set(genesis.hash, genesis);
      this.#deltas.set(genesis.hash, connectGenesis(genesis));
      this.#putLocations(genesis);
    }
    this.#membership = membership;
  }

  #putEntry({ hash, header, sequence, status, invalidCode }: StoredEntry): void {
    this.#entries.set(hash, { hash, header, sequence, status, invalidCode });
  }

  #disconnect({ block }: ConnectionRecord): void {
    this.#main.pop();
    this.#deltas.delete(block.hash);
    for (const { txid } of block.transactions) this.#locations.delete(txid);
  }

  #connect({ entry, block, delta }: ConnectionRecord): void {
    this.#putEntry(entry);
    this.#main.push(block.hash);
    this.#deltas.set(block.hash, delta);
    this.#putLocations(block);
  }

  #putLocations(block: Block): void {
    for (const [index, { txid }] of block.transactions.entries()) {
      this.#locations.set(txid, { blockHash: block.hash, index });
    }
  }
}

/** Sets a key as the newest one, whether it was there or not. */
function putLast<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
}
