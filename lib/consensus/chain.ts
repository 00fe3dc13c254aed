/**
 * The block tree with its main chain and UTXO set: the one door for a block.
 *
 * ```
 * accept: known? → alone → parent → against the parent → stored → more work than the tip?
 *           yes: plan (disconnect to the fork point, connect forward, on an overlay) → apply → new tip
 *           no:  side chain; first seen wins a tie
 * ```
 *
 * A block that fails while a plan connects it is marked invalid with everything above it, and the old tip
 * stands untouched. Every call returns what it changed, for whoever persists and announces it. Does not
 * know storage, peers or the pool; bodies and undo data of old blocks come through {@link BlockReader}.
 * Invariants: the UTXO set is the main chain's; the tip's work never falls except by
 * {@link Chain.invalidate}.
 *
 * @module
 */
import { compareText } from "../bytes.ts";
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Header, Height } from "../primitives/header.ts";
import { addWork, NO_WORK, type Work } from "../primitives/target.ts";
import { err, invariant, ok, type Result } from "../result.ts";
import { type Ancestor, checkBlockAlone, checkHeaderAgainstParent } from "./check_block.ts";
import { connectBlock, connectGenesis } from "./connect_block.ts";
import type { BlockError } from "./rule_error.ts";
import type { TransactionVerifier } from "./transaction_verifier.ts";
import { UtxoDelta, UtxoOverlay, UtxoSet } from "./utxo_set.ts";

/**
 * What is known of a block beyond its rules: `side` was never connected, `valid` was connected at least
 * once, `invalid` broke a rule when it was connected, or was invalidated by hand.
 */
export type BlockStatus = "side" | "valid" | "invalid";

/** A block of the tree. */
export interface BlockEntry extends Ancestor {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly parent: BlockEntry | undefined;
  /** Of this block and all below. */
  readonly work: Work;
  /** The order of arrival: the lower one was seen first. */
  readonly sequence: number;
  readonly status: BlockStatus;
  /** The code of the rule that an invalid block broke. */
  readonly invalidCode: string | undefined;
}

type MutableEntry = { -readonly [K in keyof BlockEntry]: BlockEntry[K] };

/** Bodies and undo data of blocks that were handed out in a change before. Synchronous. */
export interface BlockReader {
  readBlock(hash: BlockHash): Block | undefined;
  readDelta(hash: BlockHash): UtxoDelta | undefined;
}

/** A block that joined or left the main chain, with what it changes. */
export interface ConnectedBlock {
  readonly entry: BlockEntry;
  readonly block: Block;
  readonly delta: UtxoDelta;
}

/** Everything that one call changed, in the order in which it is to be persisted. */
export interface ChainChange {
  readonly stored: { readonly entry: BlockEntry; readonly block: Block }[];
  /** From the old tip down. */
  readonly disconnected: ConnectedBlock[];
  /** From the fork point up. */
  readonly connected: ConnectedBlock[];
  /** Entries whose status was set or lifted by a failure or by hand. */
  readonly marked: BlockEntry[];
}

export interface AcceptedBlock {
  readonly entry: BlockEntry;
  /** `extended`: on top of the tip; `reorganised`: the main chain changed; `side`: stored beside it. */
  readonly outcome: "extended" | "reorganised" | "side";
}

/** What a persisted tree gives back: entries in the order of their sequence, parents first. */
export interface StoredEntry {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly sequence: number;
  readonly status: BlockStatus;
  readonly invalidCode: string | undefined;
}

/** How many of the newest main-chain blocks stay in memory, whatever the store does. */
const RECENT_BLOCKS_MAX = 32;

/**
 * A tree of blocks that starts at genesis. Give it one block after the other and keep what each change
 * says.
 *
 * @example
 * ```ts
 * import { createWorld } from "../testing/test_world.ts";
 * import { noChange } from "./chain.ts";
 * import assert from "node:assert/strict";
 *
 * const { ledger, block } = createWorld();
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
  readonly utxos = new UtxoSet();
  readonly #reader: BlockReader;
  readonly #entries = new Map<BlockHash, MutableEntry>();
  /** The main chain by height. */
  readonly #main: MutableEntry[] = [];
  /** Blocks as heavy as the tip, in the order of arrival. */
  #rivals: MutableEntry[] = [];
  /** Bodies and deltas that the store may not have yet, and the newest ones. */
  readonly #recent = new Map<BlockHash, { block: Block; delta?: UtxoDelta }>();
  #sequence = 0;

  /** A chain of nothing but genesis. */
  constructor(
    params: Params,
    { verifier, reader }: { verifier: TransactionVerifier; reader: BlockReader },
  ) {
    this.params = params;
    this.verifier = verifier;
    this.#reader = reader;

    const { genesis } = params;
    const entry: MutableEntry = {
      hash: genesis.hash,
      header: genesis.header,
      parent: undefined,
      work: NO_WORK,
      sequence: 0,
      status: "valid",
      invalidCode: undefined,
    };
    this.#entries.set(entry.hash, entry);
    this.#main.push(entry);
    this.utxos.apply(connectGenesis(genesis));
  }

  get tip(): BlockEntry {
    return this.#tip;
  }

  get height(): Height {
    return (this.#main.length - 1) as Height;
  }

  /** How many blocks the tree has, genesis included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The other blocks that are as heavy as the tip. */
  get rivals(): readonly BlockEntry[] {
    return this.#rivals;
  }

  entry(hash: BlockHash): BlockEntry | undefined {
    return this.#entries.get(hash);
  }

  entries(): IterableIterator<BlockEntry> {
    return this.#entries.values();
  }

  /** The main-chain block of a height. */
  atHeight(height: number): BlockEntry | undefined {
    return this.#main[height];
  }

  isOnMain(entry: BlockEntry): boolean {
    return this.#main[entry.header.height] === entry;
  }

  /** A block's body; `undefined` when the tree does not have it. */
  block(hash: BlockHash): Block | undefined {
    if (hash === this.params.genesis.hash) return this.params.genesis;
    if (!this.#entries.has(hash)) return undefined;
    return this.#recent.get(hash)?.block ?? this.#reader.readBlock(hash);
  }

  /** The tips of all branches: entries that no other entry names as its parent. */
  tips(): BlockEntry[] {
    const leaves = new Set<BlockEntry>(this.#entries.values());
    for (const entry of this.#entries.values()) {
      if (entry.parent !== undefined) leaves.delete(entry.parent);
    }
    leaves.add(this.#tip);
    return [...leaves].sort((a, b) => a.sequence - b.sequence);
  }

  /**
   * Takes a block in. The change is filled in even when the block is refused: a plan may have found
   * that a side branch is invalid.
   *
   * @param nowMs the node's clock
   * @param change collects what was changed
   */
  accept(block: Block, nowMs: number, change: ChainChange): Result<AcceptedBlock, BlockError> {
    const { hash, header } = block;
    const known = this.#entries.get(hash);
    if (known !== undefined) {
      return known.status === "invalid"
        ? err({ code: "block-invalidated", hash })
        : err({ code: "block-already-known", hash });
    }
    if (header.height === 0) {
      return err({ code: "block-foreign-genesis", got: hash, want: this.params.genesis.hash });
    }

    const alone = checkBlockAlone(block, this.params);
    if (!alone.ok) return alone;
    const parent = this.#entries.get(header.previousHash);
    if (parent === undefined) {
      return err({ code: "block-parent-unknown", parent: header.previousHash });
    }
    if (parent.status === "invalid") {
      return err({ code: "block-parent-invalid", parent: parent.hash });
    }
    const against = checkHeaderAgainstParent(header, parent, nowMs);
    if (!against.ok) return against;

    const entry: MutableEntry = {
      hash,
      header,
      parent,
      work: addWork(parent.work, this.params.workPerBlock),
      sequence: ++this.#sequence,
      status: "side",
      invalidCode: undefined,
    };
    this.#entries.set(hash, entry);
    this.#recent.set(hash, { block });
    change.stored.push({ entry, block });

    if (entry.work <= this.#tip.work) {
      if (entry.work === this.#tip.work) this.#rivals.push(entry);
      return ok({ entry, outcome: "side" });
    }
    const extends_ = parent === this.#tip;
    const activated = this.#activate(entry, change);
    if (!activated.ok) return activated;
    this.#rivals = [];
    return ok({ entry, outcome: extends_ ? "extended" : "reorganised" });
  }

  /**
   * Goes over to the lowest hash among the tip and its rivals. Called when a tie stands at rest (D4).
   * Returns true when the tip changed.
   */
  settleTie(change: ChainChange): boolean {
    const candidates = this.#rivals.filter((rival) => rival.hash < this.#tip.hash);
    candidates.sort((a, b) => compareText(a.hash, b.hash));
    for (const candidate of candidates) {
      const settled = this.#tip;
      if (candidate.status === "invalid" || !this.#activate(candidate, change).ok) continue;
      this.#rivals = [...this.#rivals.filter((rival) => rival !== candidate), settled];
      this.#rivals.sort((a, b) => a.sequence - b.sequence);
      return true;
    }
    return false;
  }

  /** Marks a block and everything above it as invalid, and goes over to the best branch that is left. */
  invalidate(hash: BlockHash, change: ChainChange): boolean {
    const entry = this.#entries.get(hash);
    if (entry === undefined || entry.parent === undefined) return false;
    const leaving = this.isOnMain(entry) ? this.#mainAbove(entry.parent) : [];
    this.#markInvalid(entry, "invalidated-by-operator", change);
    this.#disconnect(leaving, change);
    this.#activateBest(change);
    return true;
  }

  /** Lifts the mark from a block, everything below and everything above it; the best branch wins again. */
  reconsider(hash: BlockHash, change: ChainChange): boolean {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return false;
    for (let below: MutableEntry | undefined = entry; below !== undefined;) {
      this.#lift(below, change);
      below = below.parent;
    }
    for (const above of this.#descendantsOf(entry)) this.#lift(above, change);
    this.#activateBest(change);
    return true;
  }

  /** The first block of a locator that lies on the main chain; genesis when none does. */
  forkPointOf(locator: readonly BlockHash[]): BlockEntry {
    for (const hash of locator) {
      const entry = this.#entries.get(hash);
      if (entry !== undefined && this.isOnMain(entry)) return entry;
    }
    return this.#main[0] as BlockEntry;
  }

  /** Main-chain hashes from the tip down: ten in a row, then at doubling distances, then genesis. */
  locator(): BlockHash[] {
    const hashes: BlockHash[] = [];
    let step = 1;
    for (let height = this.#main.length - 1; height > 0; height -= step) {
      hashes.push((this.#main[height] as BlockEntry).hash);
      if (hashes.length >= 10) step *= 2;
    }
    hashes.push(this.params.genesis.hash);
    return hashes;
  }

  /**
   * Builds the tree of a store: every entry with its status, the main chain up to `tip`, the UTXO set.
   * The store has checked that they belong together.
   */
  static restore(
    params: Params,
    context: { verifier: TransactionVerifier; reader: BlockReader },
    stored: {
      readonly entries: Iterable<StoredEntry>;
      readonly tip: BlockHash;
      readonly utxos: Iterable<UtxoDelta["created"][number]>;
    },
  ): Chain {
    const chain = new Chain(params, context);
    chain.utxos.revert(connectGenesis(params.genesis));
    for (const [outpoint, utxo] of stored.utxos) chain.utxos.add(outpoint, utxo);

    for (const { hash, header, sequence, status, invalidCode } of stored.entries) {
      if (hash === params.genesis.hash) continue;
      const parent = chain.#entries.get(header.previousHash);
      invariant(parent !== undefined, `A stored block has its parent before it: ${hash}`);
      const work = addWork(parent.work, params.workPerBlock);
      chain.#entries.set(hash, { hash, header, parent, work, sequence, status, invalidCode });
      chain.#sequence = Math.max(chain.#sequence, sequence);
    }

    const tip = chain.#entries.get(stored.tip);
    invariant(tip !== undefined, `A store has its tip: ${stored.tip}`);
    chain.#main.length = tip.header.height + 1;
    for (let entry: MutableEntry | undefined = tip; entry !== undefined; entry = entry.parent) {
      chain.#main[entry.header.height] = entry;
    }
    chain.#findRivals();
    return chain;
  }

  /** Forgets bodies and deltas that the store has by now, but for the newest ones. */
  releasePersisted(): void {
    for (const hash of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_BLOCKS_MAX) break;
      this.#recent.delete(hash);
    }
  }

  get #tip(): MutableEntry {
    return this.#main[this.#main.length - 1] as MutableEntry;
  }

  /** Makes an entry the tip, or marks what is invalid on the way and leaves the old tip standing. */
  #activate(target: MutableEntry, change: ChainChange): Result<void, BlockError> {
    const path: MutableEntry[] = [];
    let fork: MutableEntry = target;
    while (!this.isOnMain(fork)) {
      path.push(fork);
      invariant(fork.parent !== undefined, "Every branch leaves the main chain somewhere");
      fork = fork.parent;
    }
    path.reverse();

    // Everything is read before anything is changed, so that a store that fails leaves no half.
    const leaving = this.#mainAbove(fork);
    const plan = this.#planConnect(leaving, path);
    if (!plan.ok) {
      const { failed, error } = plan.error;
      this.#markInvalid(failed, error.code, change);
      return err(error);
    }

    this.#disconnect(leaving, change);
    for (const connected of plan.value) {
      const entry = connected.entry as MutableEntry;
      this.utxos.apply(connected.delta);
      this.#main.push(entry);
      entry.status = "valid";
      this.#recent.set(entry.hash, { block: connected.block, delta: connected.delta });
      change.connected.push(connected);
    }
    return ok(undefined);
  }

  /** Computes the changes of a path, once `leaving` has left, without touching the UTXO set. */
  #planConnect(
    leaving: readonly ConnectedBlock[],
    path: readonly MutableEntry[],
  ): Result<ConnectedBlock[], { failed: MutableEntry; error: BlockError }> {
    const view = new UtxoOverlay(this.utxos);
    for (const { delta } of leaving) view.revert(delta);

    const connected: ConnectedBlock[] = [];
    for (const entry of path) {
      const block = this.block(entry.hash);
      invariant(block !== undefined, `The body of a stored block is there: ${entry.hash}`);
      const delta = connectBlock(block, view, this);
      if (!delta.ok) return err({ failed: entry, error: delta.error });
      view.apply(delta.value);
      connected.push({ entry, block, delta: delta.value });
    }
    return ok(connected);
  }

  /** The main-chain blocks above a fork point with their undo data, from the tip down. */
  #mainAbove(fork: BlockEntry): ConnectedBlock[] {
    return this.#main.slice(fork.header.height + 1).reverse().map((entry) => {
      const block = this.block(entry.hash);
      invariant(block !== undefined, `The body of a main-chain block is there: ${entry.hash}`);
      return { entry, block, delta: this.#deltaOf(entry.hash) };
    });
  }

  /** Takes blocks off the main chain, from the tip down. */
  #disconnect(leaving: readonly ConnectedBlock[], change: ChainChange): void {
    for (const disconnected of leaving) {
      this.utxos.revert(disconnected.delta);
      this.#main.pop();
      change.disconnected.push(disconnected);
    }
  }

  /**
   * Goes over to the heaviest branch without an invalid block; the tip stays among equals, otherwise the
   * first seen wins. Entries stand in the order of arrival.
   */
  #activateBest(change: ChainChange): void {
    for (;;) {
      let best: MutableEntry = this.#tip;
      for (const entry of this.#entries.values()) {
        if (entry.status !== "invalid" && entry.work > best.work) best = entry;
      }
      if (best === this.#tip || this.#activate(best, change).ok) break;
    }
    this.#findRivals();
  }

  #deltaOf(hash: BlockHash): UtxoDelta {
    const delta = this.#recent.get(hash)?.delta ?? this.#reader.readDelta(hash);
    invariant(delta !== undefined, `The undo data of a main-chain block is there: ${hash}`);
    return delta;
  }

  #markInvalid(entry: MutableEntry, code: string, change: ChainChange): void {
    for (const marked of [entry, ...this.#descendantsOf(entry)]) {
      marked.status = "invalid";
      marked.invalidCode = marked === entry ? code : "block-parent-invalid";
      change.marked.push(marked);
    }
    this.#rivals = this.#rivals.filter((rival) => rival.status !== "invalid");
  }

  #lift(entry: MutableEntry, change: ChainChange): void {
    if (entry.status !== "invalid") return;
    entry.status = "side";
    entry.invalidCode = undefined;
    change.marked.push(entry);
  }

  /** Everything above an entry. Entries stand after their parents in the map. */
  #descendantsOf(entry: MutableEntry): MutableEntry[] {
    const above = new Set<MutableEntry>([entry]);
    for (const candidate of this.#entries.values()) {
      if (candidate.parent !== undefined && above.has(candidate.parent as MutableEntry)) {
        above.add(candidate);
      }
    }
    above.delete(entry);
    return [...above];
  }

  #findRivals(): void {
    const tip = this.#tip;
    this.#rivals = [...this.#entries.values()].filter((entry) =>
      entry !== tip && entry.work === tip.work && entry.status !== "invalid"
    );
  }
}

/** A change that nothing has filled in yet. */
export function noChange(): ChainChange {
  return { stored: [], disconnected: [], connected: [], marked: [] };
}

/**
 * Adds what a later call changed, net: a block that joined and left again stands in neither list. So the
 * sum is again one path, from the old tip down and from there up.
 */
export function addChange(into: ChainChange, later: ChainChange): void {
  into.stored.push(...later.stored);
  into.marked.push(...later.marked);
  for (const left of later.disconnected) {
    if (into.connected.at(-1)?.entry === left.entry) into.connected.pop();
    else into.disconnected.push(left);
  }
  into.connected.push(...later.connected);
}

/** Tells whether a change changed nothing. */
export function isNoChange(change: ChainChange): boolean {
  return change.stored.length === 0 && change.disconnected.length === 0 &&
    change.connected.length === 0 && change.marked.length === 0;
}
