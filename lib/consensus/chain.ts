/**
 * The chain: the one door for a block, and the choice of the branch that counts.
 *
 * ```
 * accept: known? → alone → parent → against the parent → stored → better than the tip?
 *           yes: plan (disconnect to the fork point, connect forward, on an overlay) → apply → new tip
 *           no:  side chain; first seen wins a tie
 * ```
 *
 * Decides; what is decided on lies in three parts: every block's entry in the {@link BlockTree}, the
 * branch that counts with its coins in the {@link MainChain}, bodies in {@link RecentBlocks}. What is better,
 * the network's {@link ForkChoice} says. A block that
 * breaks a rule while a plan connects it is marked invalid with everything above it, and the old tip
 * stands untouched. Every call adds what it changed to a {@link ChainChange}. Does not know storage, peers
 * or the pool.
 * Invariants: the tip is valid, and the fork choice knows no better one; unless blocks beside the main chain
 * count, the tip gets worse by {@link Chain.invalidate} alone.
 *
 * @module
 */
import { compareText } from "../bytes.ts";
import type { Params } from "../params.ts";
import { type Block, type BlockExtent, encodeBlock, extentOf } from "../primitives/block.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import { err, invariant, ok, type Result } from "../result.ts";
import {
  type BlockEntry,
  type BlockForest,
  type BlockStatus,
  BlockTree,
  type InvalidCode,
  type StoredEntry,
} from "./block_tree.ts";
import { type ChainChange, withItem } from "./chain_change.ts";
import { type BlockCheck, checkBlockAlone, checkHeaderAgainstParent } from "./check_block.ts";
import { createForkChoice } from "./fork_choice/create_fork_choice.ts";
import type { ForkChoice, TipClaim } from "./fork_choice/fork_choice.ts";
import { MainChain } from "./main_chain.ts";
import type { PackedUtxos } from "./packed_utxos.ts";
import { type BlockReader, RecentBlocks, RESTING_BLOCKS_SIZE_BYTES_MAX } from "./recent_blocks.ts";
import type { BlockError } from "./rule_table.ts";
import type { TransactionVerifier } from "./transaction_verifier.ts";
import type { UtxoSet } from "./utxo_set.ts";

/** What a chain works with. */
export interface ChainContext {
  readonly verifier: TransactionVerifier;
  /** {@link checkBlockAlone}, unless a simulation takes blocks for their ids. */
  readonly checkBlock?: BlockCheck;
  /** Gives back every block that was handed out in a change, once the chain may forget it. */
  readonly reader: BlockReader;
  /** Whom the blocks' entries are shared with; nobody, unless many chains of one network are in a process. */
  readonly forest?: BlockForest;
}

/** A chain as a store remembers it; the store has checked that the parts belong together. */
export interface StoredChain {
  /** In the order of their sequence, parents first; with or without genesis. */
  readonly entries: Iterable<StoredEntry>;
  readonly tip: BlockHash;
  /** The unspent outputs after the tip. */
  readonly utxos: PackedUtxos;
}

export interface AcceptedBlock {
  readonly entry: BlockEntry;
  /** `extended`: on top of the tip; `reorganised`: the main chain changed; `side`: stored beside it. */
  readonly outcome: "extended" | "reorganised" | "side";
}

/**
 * A chain that starts at genesis. Give it one block after the other and keep what each change says.
 *
 * @example
 * ```ts
 * import { createSmallLedger } from "../testing/small_ledger.ts";
 * import { noChange } from "./chain_change.ts";
 * import assert from "node:assert/strict";
 *
 * const { ledger, block } = createSmallLedger();
 * const change = noChange();
 * const accepted = ledger.chain.accept(block, ledger.nowMs, change);
 * assert(accepted.ok && accepted.value.outcome === "extended");
 * assert.equal(ledger.chain.tip.hash, block.hash);
 * assert.equal(change.connected.length, 1);
 * ```
 */
export class Chain {
  readonly params: Params;
  readonly verifier: TransactionVerifier;
  readonly #checkBlock: BlockCheck;
  readonly #tree: BlockTree;
  readonly #main: MainChain;
  readonly #blocks: RecentBlocks;
  readonly #choice: ForkChoice;
  /** The block that keeps all rules that need nothing else, and comes next. */
  #examined: Block | undefined;
  /** The other valid blocks as good as the tip, in the order of arrival. */
  #rivals: BlockEntry[] = [];

  /** A chain of nothing but genesis. */
  constructor(
    params: Params,
    { verifier, checkBlock = checkBlockAlone, reader, forest }: ChainContext,
  ) {
    this.params = params;
    this.verifier = verifier;
    this.#checkBlock = checkBlock;
    this.#tree = new BlockTree(params, forest);
    this.#choice = createForkChoice(params, this.#tree.genesis);
    this.#blocks = new RecentBlocks(reader);
    this.#main = new MainChain(this.#tree.genesis, { params, verifier, blocks: this.#blocks });
  }

  /** The chain of a store. */
  static restore(params: Params, context: ChainContext, stored: StoredChain): Chain {
    const chain = new Chain(params, context);
    for (const entry of stored.entries) chain.#tree.restore(entry);
    const tip = chain.#tree.get(stored.tip);
    invariant(tip !== undefined, `A store has its tip: ${stored.tip}`);
    chain.#main.restore(tip, stored.utxos);
    if (chain.#choice.countsSideBlocks) chain.#choice.best(chain.#tree.usable(), tip);
    chain.#rivals = chain.#tree.rivalsOf(tip, chain.#choice.isTie);
    return chain;
  }

  get tip(): BlockEntry {
    return this.#main.tip;
  }

  get height(): Height {
    return this.#main.height;
  }

  /** The unspent outputs of the main chain: a live view. */
  get utxos(): UtxoSet {
    return this.#main.utxos;
  }

  /** The latest time that any block, of whatever branch, is dated by. */
  get latestMs(): number {
    return this.#tree.latestMs;
  }

  /** How many blocks the tree has, genesis included. */
  get size(): number {
    return this.#tree.size;
  }

  /** The other blocks that are as good as the tip. */
  get rivals(): readonly BlockEntry[] {
    return this.#rivals;
  }

  /** Whether blocks beside the main chain count, so that nodes have to know of them. */
  get countsSideBlocks(): boolean {
    return this.#choice.countsSideBlocks;
  }

  /** What this chain's tip claims against others'. */
  get claim(): TipClaim {
    return this.#choice.claimOf(this.tip);
  }

  /** Orders claims by what the network goes by. */
  strengthOf(claim: TipClaim): number | bigint {
    return this.#choice.strengthOf(claim);
  }

  /** What stands on a block: of all branches where they count, in the order of arrival, else of the main chain. */
  childrenOf(entry: BlockEntry): readonly BlockEntry[] {
    if (this.#choice.childrenOf !== undefined) return this.#choice.childrenOf(entry);
    const child = this.isOnMain(entry) ? this.#main.at(entry.header.height + 1) : undefined;
    return child === undefined ? [] : [child];
  }

  entry(hash: BlockHash): BlockEntry | undefined {
    return this.#tree.get(hash);
  }

  /** All blocks of the tree in the order of arrival. */
  entries(): IteratorObject<BlockEntry, undefined> {
    return this.#tree.entries();
  }

  /** What became of a block of the tree. */
  statusOf(entry: BlockEntry): BlockStatus {
    return this.#tree.statusOf(entry);
  }

  /** Which rule an invalid block broke; `undefined` for any other. */
  invalidCodeOf(entry: BlockEntry): InvalidCode | undefined {
    return this.#tree.invalidCodeOf(entry);
  }

  /** A block's place in the order of arrival: the lower one was seen first. */
  sequenceOf(entry: BlockEntry): number {
    return this.#tree.sequenceOf(entry);
  }

  /** All that is to be stored of a block, as it is now. */
  recordOf(entry: BlockEntry): StoredEntry {
    return this.#tree.recordOf(entry);
  }

  /** The main-chain block of a height. */
  atHeight(height: number): BlockEntry | undefined {
    return this.#main.at(height);
  }

  isOnMain(entry: BlockEntry): boolean {
    return this.#main.has(entry);
  }

  /** A block's body; `undefined` when the tree does not have it. */
  block(hash: BlockHash): Block | undefined {
    if (hash === this.params.genesis.hash) return this.params.genesis;
    return this.#tree.get(hash) === undefined ? undefined : this.#blocks.block(hash);
  }

  /** The same as bytes, for whoever only hands it on: many times cheaper where it is not in memory. */
  encodedBlock(hash: BlockHash): Uint8Array | undefined {
    if (hash === this.params.genesis.hash) return encodeBlock(this.params.genesis);
    return this.#tree.get(hash) === undefined ? undefined : this.#blocks.encodedBlock(hash);
  }

  /** How much there is to a block: its body is not read for it. */
  extent(hash: BlockHash): BlockExtent | undefined {
    if (hash === this.params.genesis.hash) return extentOf(this.params.genesis);
    return this.#tree.get(hash) === undefined ? undefined : this.#blocks.extent(hash);
  }

  /** The tips of all branches, the main chain's among them, in the order of arrival. O(size). */
  tips(): BlockEntry[] {
    return this.#inOrder([...this.#tree.leaves().add(this.tip)]);
  }

  /**
   * Takes a block in. The change is filled in even when the block is refused: a plan may have found
   * that a side branch is invalid.
   *
   * @param nowMs the node's clock
   * @param change collects what was changed
   */
  accept(block: Block, nowMs: number, change: ChainChange): Result<AcceptedBlock, BlockError> {
    const stored = this.store(block, nowMs, change);
    return stored.ok ? this.adopt(stored.value, change) : stored;
  }

  /** Makes {@link store} of the same block shorter: checks now what needs nothing but the block. */
  examine(block: Block): Result<void, BlockError> {
    const examined = this.#checkBlock(block, this.params);
    this.#examined = examined.ok ? block : undefined;
    return examined;
  }

  /**
   * The first half of {@link accept}: checks all that needs no coins, and keeps the block. {@link adopt} has
   * to follow before anything else happens to the chain: until then there may be a better block than the tip.
   */
  store(block: Block, nowMs: number, change: ChainChange): Result<BlockEntry, BlockError> {
    const checked = this.#check(block, nowMs);
    if (!checked.ok) return checked;
    const entry = this.#tree.add(block, checked.value);
    this.#blocks.keep(block);
    change.stored = withItem(change.stored, { entry, block });
    return ok(entry);
  }

  /**
   * Makes {@link adopt} of a block on the tip shorter: checks so many more of its transactions against the coins,
   * and changes nothing. True when more are left. What is to be done afterwards, {@link settle} does.
   */
  prepare(entry: BlockEntry, countMax = Infinity): boolean {
    return this.#main.prepare(entry, countMax);
  }

  /** Moves so many of the coins that a prepared block has moved; nobody sees a difference. True when more are left. */
  settle(countMax: number): boolean {
    return this.#main.utxos.settle(countMax);
  }

  /** The second half of {@link accept}: goes over to a block that was stored, if it is better than the tip. */
  adopt(entry: BlockEntry, change: ChainChange): Result<AcceptedBlock, BlockError> {
    const { parent } = entry;
    const { tip } = this;
    if (this.#choice.countsSideBlocks && parent !== tip) {
      const judged = this.#judge(entry, change);
      if (!judged.ok) return judged;
    }
    const chosen = this.#choice.add(entry, tip);
    if (chosen === tip) {
      if (this.#choice.isTie(entry, tip)) this.#rivals.push(entry);
      return ok({ entry, outcome: "side" });
    }
    const activated = this.#activate(chosen, change);
    if (!activated.ok) return activated;
    this.#rivals = [];
    return ok({ entry, outcome: parent === tip ? "extended" : "reorganised" });
  }

  /** Goes over to what a store has beyond the tip: a crash may have come between the two halves of accepting. */
  adoptStored(change: ChainChange): void {
    this.#activateBest(change);
  }

  /**
   * Goes over to the lowest hash among the tip and its rivals. Called while nothing is mined on the tip
   * (D4). Returns true when the tip changed.
   */
  settleTie(change: ChainChange): boolean {
    const candidates = this.#rivals.filter((rival) => rival.hash < this.tip.hash);
    candidates.sort((a, b) => compareText(a.hash, b.hash));
    for (const candidate of candidates) {
      const settled = this.tip;
      const isInvalid = this.statusOf(candidate) === "invalid";
      if (isInvalid || !this.#activate(candidate, change).ok) continue;
      this.#rivals = this.#inOrder([
        ...this.#rivals.filter((rival) => rival !== candidate),
        settled,
      ]);
      return true;
    }
    return false;
  }

  /**
   * Marks a block and everything above it as invalid, and goes over to the best branch that is left.
   *
   * @param code why: an operator wants it, or it has turned out to be of the future
   */
  invalidate(
    hash: BlockHash,
    change: ChainChange,
    code: "invalidated-by-operator" | "block-time-too-new" = "invalidated-by-operator",
  ): boolean {
    const entry = this.#tree.get(hash);
    if (entry === undefined || entry.parent === undefined) return false;
    const retreat = this.isOnMain(entry) ? this.#main.planRetreat(entry.parent) : undefined;
    this.#markInvalid(entry, code, change);
    if (retreat !== undefined) this.#main.apply(retreat, change);
    this.#activateBest(change);
    return true;
  }

  /** Lifts the mark from a block, everything below and everything above it; the best branch wins again. */
  reconsider(hash: BlockHash, change: ChainChange): boolean {
    const entry = this.#tree.get(hash);
    if (entry === undefined) return false;
    const lifted = [...this.#tree.lift(entry)];
    change.marked = change.marked.concat(lifted);
    if (this.#choice.countsSideBlocks) {
      for (const each of this.#inOrder(lifted)) {
        if (this.statusOf(each) !== "invalid") this.#judge(each, change);
      }
    }
    this.#activateBest(change);
    return true;
  }

  /** Forgets bodies and undo data that the store has by now, but for the newest ones. */
  releasePersisted(): void {
    this.#blocks.releasePersisted();
  }

  /** The same at rest, when even the newest ones are hardly asked for. */
  releaseAtRest(): void {
    this.#blocks.releasePersisted(RESTING_BLOCKS_SIZE_BYTES_MAX, 0);
  }

  /** Checks all of a block that can be checked before it is connected. Gives its parent. */
  #check(block: Block, nowMs: number): Result<BlockEntry, BlockError> {
    const { hash, header } = block;
    const known = this.#tree.get(hash);
    if (known !== undefined) {
      return this.statusOf(known) === "invalid"
        ? err({ code: "block-invalidated", hash })
        : err({ code: "block-already-known", hash });
    }
    if (header.height === 0) {
      return err({ code: "block-foreign-genesis", got: hash, want: this.params.genesis.hash });
    }

    if (block !== this.#examined) {
      const alone = this.#checkBlock(block, this.params);
      if (!alone.ok) return alone;
    }
    this.#examined = undefined;
    const parent = this.#tree.get(header.previousHash);
    if (parent === undefined) {
      return err({ code: "block-parent-unknown", parent: header.previousHash });
    }
    if (this.statusOf(parent) === "invalid") {
      return err({ code: "block-parent-invalid", parent: parent.hash });
    }
    const against = checkHeaderAgainstParent(header, parent, nowMs, this.params);
    return against.ok ? ok(parent) : against;
  }

  /** Connects a block as if it were to be the tip, and leaves the tip where it is. */
  #judge(entry: BlockEntry, change: ChainChange): Result<void, BlockError> {
    const judged = this.#main.judge(entry);
    if (!judged.ok) {
      this.#markInvalid(entry, judged.error.error.code, change);
      return err(judged.error.error);
    }
    this.#tree.markValid(entry);
    return ok(undefined);
  }

  /** Makes an entry the tip, or marks what is invalid on the way and leaves the old tip standing. */
  #activate(target: BlockEntry, change: ChainChange): Result<void, BlockError> {
    const plan = this.#main.plan(target);
    if (!plan.ok) {
      const { entry, error } = plan.error;
      this.#markInvalid(entry, error.code, change);
      return err(error);
    }
    this.#main.apply(plan.value, change);
    for (const { entry } of plan.value.joining) this.#tree.markValid(entry);
    return ok(undefined);
  }

  /** Goes over to the best branch that keeps the rules; the tip stays among equals. */
  #activateBest(change: ChainChange): void {
    for (;;) {
      const best = this.#choice.best(this.#tree.usable(), this.tip);
      if (best === this.tip || this.#activate(best, change).ok) break;
    }
    this.#rivals = this.#tree.rivalsOf(this.tip, this.#choice.isTie);
  }

  #inOrder(entries: BlockEntry[]): BlockEntry[] {
    return entries.sort((a, b) => this.sequenceOf(a) - this.sequenceOf(b));
  }

  #markInvalid(entry: BlockEntry, code: InvalidCode, change: ChainChange): void {
    change.marked = change.marked.concat(this.#tree.markInvalid(entry, code));
    this.#rivals = this.#rivals.filter((rival) => this.statusOf(rival) !== "invalid");
    if (this.#choice.countsSideBlocks) this.#choice.best(this.#tree.usable(), this.tip);
  }
}
