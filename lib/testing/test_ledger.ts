/**
 * A ledger for tests: chain, pool and an archive that keeps what the chain hands out.
 *
 * Does what a node does with them and nothing more: every change goes to the archive, then the chain
 * forgets what it may forget, then the pool follows. So the chain's reader is in use in every test that
 * goes deeper than what the chain keeps in memory.
 *
 * @module
 */
import { type AcceptedBlock, Chain } from "../consensus/chain.ts";
import type { BlockStatus, InvalidCode } from "../consensus/block_tree.ts";
import {
  type ChainChange,
  type ChangeRecord,
  noChange,
  recordOfChange,
} from "../consensus/chain_change.ts";
import type { BlockReader } from "../consensus/recent_blocks.ts";
import type { BlockError, TransactionError } from "../consensus/rule_table.ts";
import {
  createTransactionVerifier,
  type TransactionVerifier,
} from "../consensus/transaction_verifier.ts";
import type { NamedUtxo, UtxoDelta } from "../consensus/utxo.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import {
  Mempool,
  type MempoolChange,
  type MempoolEntry,
  type RemovedEntry,
} from "../mempool/mempool.ts";
import type { PolicyError } from "../mempool/policy_error.ts";
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { invariant, type Result } from "../result.ts";
import { mineBlock, type MineOptions, type Parent } from "../simulation/mine_block.ts";
import { payment } from "../simulation/sign_transaction.ts";
import { testParams } from "./test_params.ts";

/** The clock of a test ledger shows a day after genesis, unless a test says otherwise. */
const NOW_AFTER_GENESIS_MS = 86_400_000;

/** What became of a block: the chain's verdict and everything that changed. */
export interface LedgerStep {
  readonly result: Result<AcceptedBlock, BlockError>;
  readonly change: ChainChange;
  readonly pool: MempoolChange;
}

export class TestLedger {
  readonly params: Params;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly archive = new BlockArchive();
  /** Everything that ever left the pool unconfirmed. */
  readonly removed: RemovedEntry[] = [];
  /** The ledger's clock. */
  nowMs: number;
  /** Blocks on the tip are taken in as a staged block is: what nobody sees is left to be settled. */
  isLate = false;

  /** Ledgers of one network may share a verifier, and so verify each transaction once. */
  constructor(
    params: Params = testParams(),
    verifier: TransactionVerifier = createTransactionVerifier(params),
  ) {
    this.params = params;
    this.nowMs = params.genesisTimeMs + NOW_AFTER_GENESIS_MS;
    this.chain = new Chain(params, { verifier, reader: this.archive });
    this.mempool = new Mempool({ params, verifier, utxos: this.chain.utxos });
  }

  /** Gives a block to the chain and lets everything follow. */
  accept(block: Block): LedgerStep {
    let result: Result<AcceptedBlock, BlockError> | undefined;
    const step = this.apply((change) => {
      result = this.isLate ? this.#acceptLate(block, change) : this.#acceptAtOnce(block, change);
    });
    invariant(result !== undefined, "A chain answers");
    return { result, ...step };
  }

  #acceptAtOnce(block: Block, change: ChainChange): Result<AcceptedBlock, BlockError> {
    return this.chain.accept(block, this.nowMs, change);
  }

  #acceptLate(block: Block, change: ChainChange): Result<AcceptedBlock, BlockError> {
    const stored = this.chain.store(block, this.nowMs, change);
    if (!stored.ok) return stored;
    if (stored.value.parent === this.chain.tip) this.chain.prepare(stored.value);
    return this.chain.adopt(stored.value, change);
  }

  /** Lets the chain change by other doors (`settleTie`, `invalidate`, `reconsider`). */
  apply(act: (change: ChainChange) => void): Omit<LedgerStep, "result"> {
    const change = noChange();
    act(change);
    this.archive.record(change);
    this.chain.releasePersisted();
    const pool = this.mempool.follow(change, this.nowMs);
    this.removed.push(...pool.removed);
    return { change, pool };
  }

  /** Gives a transaction to the pool. */
  submit(transaction: Transaction): Result<MempoolEntry, TransactionError | PolicyError> {
    return this.mempool.accept(transaction, this.nowMs);
  }

  /** Mines on the tip, or on another parent, and does not give the block to the chain. */
  mine(
    transactions: readonly Transaction[] = [],
    options: Omit<Partial<MineOptions>, "params"> & { readonly parent?: Parent } = {},
  ): Block {
    const { parent = this.chain.tip, ...rest } = options;
    return mineBlock(parent, { params: this.params, transactions, ...rest });
  }

  /** Mines on the tip and demands that the block becomes the tip. */
  extend(transactions: readonly Transaction[] = []): Block {
    const block = this.mine(transactions);
    const { result } = this.accept(block);
    invariant(
      result.ok,
      `Cannot extend the chain: got ${JSON.stringify(result.ok ? "" : result.error)}`,
    );
    return block;
  }

  /** The coins of one owner after the chain and the pool, confirmed ones first. */
  coinsOf(owner: PublicKey): NamedUtxo[] {
    const confirmed = [...this.chain.utxos.coinsOf(owner)]
      .filter(([outpoint]) => this.mempool.spenderOf(outpoint) === undefined);
    return [...confirmed, ...this.mempool.unconfirmedCoinsOf(owner)];
  }

  /** Signs a payment from as many coins as it takes, in their order, and gives it to nobody. */
  pay(from: KeyPair, to: PublicKey, amount: number): Transaction {
    const coins: NamedUtxo[] = [];
    let sum = 0;
    for (const coin of this.coinsOf(from.publicKey)) {
      if (sum >= amount + this.params.fee && coins.length > 0) break;
      coins.push(coin);
      sum += coin[1].amount;
    }
    return payment(coins, { params: this.params, from, to, amount });
  }

  /** The sum of an owner's confirmed coins. */
  confirmedOf(owner: PublicKey): number {
    let sum = 0;
    for (const { amount } of this.chain.utxos.coinsOf(owner).values()) sum += amount;
    return sum;
  }

  /** What became of a block; `undefined` where it is not here. */
  statusOf(hash: BlockHash): BlockStatus | undefined {
    const entry = this.chain.entry(hash);
    return entry && this.chain.statusOf(entry);
  }

  invalidCodeOf(hash: BlockHash): InvalidCode | undefined {
    const entry = this.chain.entry(hash);
    return entry && this.chain.invalidCodeOf(entry);
  }

  /** A change as a node commits it. */
  recordOf(change: ChainChange): ChangeRecord {
    return recordOfChange(change, this.chain);
  }

  /** The main chain's blocks above genesis, from the bottom up. */
  mainBlocks(): Block[] {
    const blocks: Block[] = [];
    for (let height = 1; height <= this.chain.height; height++) {
      const block = this.chain.block(this.chain.atHeight(height)?.hash as BlockHash);
      invariant(block !== undefined, `A main-chain block has its body: ${height}`);
      blocks.push(block);
    }
    return blocks;
  }
}

/** Keeps every body and every undo data that a chain handed out, as a store would. */
export class BlockArchive implements BlockReader {
  readonly #blocks = new Map<BlockHash, Block>();
  readonly #deltas = new Map<BlockHash, UtxoDelta>();

  record(change: ChainChange): void {
    for (const { block } of change.stored) this.#blocks.set(block.hash, block);
    for (const { block, delta } of change.connected) this.#deltas.set(block.hash, delta);
  }

  readBlock(hash: BlockHash): Block | undefined {
    return this.#blocks.get(hash);
  }

  readDelta(hash: BlockHash): UtxoDelta | undefined {
    return this.#deltas.get(hash);
  }
}
