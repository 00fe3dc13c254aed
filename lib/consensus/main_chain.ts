/**
 * The main chain and its coins: how blocks are connected and disconnected.
 *
 * ```
 * old tip → disconnect … → fork point → connect … → new tip
 * ```
 *
 * A reorganisation is planned on an overlay over the coins and applied only when every block of it has
 * kept the rules. So a bad block, or a store that fails, leaves the old tip and its coins untouched. It
 * costs what its own blocks cost, however long the chain is; a block on top of the tip is the common case
 * of it. Does not decide for which branch, and marks nothing.
 * Invariants: every entry stands on the one below it, genesis at the bottom; the coins are those that the
 * tip leaves.
 *
 * @module
 */
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { Height } from "../primitives/header.ts";
import { err, invariant, ok, type Result } from "../result.ts";
import type { BlockEntry } from "./block_tree.ts";
import { type ChainChange, type ConnectedBlock, withItem } from "./chain_change.ts";
import { BlockConnection, connectBlock, connectGenesis } from "./connect_block.ts";
import type { PackedUtxos } from "./packed_utxos.ts";
import type { RecentBlocks } from "./recent_blocks.ts";
import type { BlockError } from "./rule_table.ts";
import type { TransactionVerifier } from "./transaction_verifier.ts";
import type { LateDelta, UtxoView } from "./utxo.ts";
import { UtxoOverlay, UtxoSet } from "./utxo_set.ts";

/** The way from the tip to another block; valid as long as the tip does not change. */
export interface Reorganisation {
  /** From the tip down. */
  readonly leaving: readonly ConnectedBlock[];
  /** From the fork point up. */
  readonly joining: readonly ConnectedBlock[];
  /** What the only block that joins changes, if its coins are to be moved later. */
  readonly late?: LateDelta;
}

/** The first block of a branch that breaks a rule. */
export interface BrokenPlan {
  readonly entry: BlockEntry;
  readonly error: BlockError;
}

/** What blocks are connected with. */
export interface ConnectContext {
  readonly params: Params;
  readonly verifier: TransactionVerifier;
  readonly blocks: RecentBlocks;
}

const NOTHING: readonly never[] = [];

export class MainChain {
  readonly utxos = new UtxoSet();
  readonly #context: ConnectContext;
  /** By height. */
  readonly #entries: BlockEntry[];
  /** The coins after the block that was judged last, as long as the tip stands. */
  #judged: { readonly entry: BlockEntry; readonly view: UtxoOverlay } | undefined;

  /** The plan that is made ahead, good for as long as the tip stands; there once its block was gone through. */
  #prepared:
    | {
      readonly target: BlockEntry;
      readonly tip: BlockEntry;
      readonly connection: BlockConnection;
      plan: Result<Reorganisation, BrokenPlan> | undefined;
    }
    | undefined;

  /** A chain of nothing but genesis. */
  constructor(genesis: BlockEntry, context: ConnectContext) {
    this.#context = context;
    this.#entries = [genesis];
    this.utxos.apply(connectGenesis(context.params.genesis));
  }

  get tip(): BlockEntry {
    return this.#entries[this.#entries.length - 1] as BlockEntry;
  }

  get height(): Height {
    return (this.#entries.length - 1) as Height;
  }

  at(height: number): BlockEntry | undefined {
    return this.#entries[height];
  }

  has(entry: BlockEntry): boolean {
    return this.#entries[entry.header.height] === entry;
  }

  /**
   * Makes the plan for a block on top of the tip ahead, going through so many of its transactions: {@link plan}
   * gives it at once, if it is asked for while the tip stands. Its coins are then moved by
   * {@link UtxoSet.settle}. True when more of it is to be gone through.
   */
  prepare(target: BlockEntry, countMax: number): boolean {
    const { tip } = this;
    invariant(target.parent === tip, `What is prepared stands on the tip: ${target.hash}`);
    let prepared = this.#prepared;
    if (prepared?.target !== target || prepared.tip !== tip) {
      const block = this.#bodyOf(target);
      const connection = new BlockConnection(block, this.utxos, this.#context);
      prepared = this.#prepared = { target, tip, connection, plan: undefined };
    }
    if (prepared.plan !== undefined) return false;
    const { connection } = prepared;
    const late = connection.advance(countMax);
    if (late === undefined) return true;
    prepared.plan = late.ok
      ? ok(lateExtension(target, connection.block, late.value))
      : err({ entry: target, error: late.error });
    return false;
  }

  /** Plans to make a block of any branch the tip, checking every block that joins. Changes nothing. */
  plan(target: BlockEntry): Result<Reorganisation, BrokenPlan> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    const isGood = prepared?.target === target && prepared.tip === this.tip;
    return (isGood ? prepared.plan : undefined) ?? this.#planAnew(target);
  }

  #planAnew(target: BlockEntry): Result<Reorganisation, BrokenPlan> {
    if (target.parent === this.tip) {
      const joining = this.#connect(target, this.utxos);
      return joining.ok ? ok({ leaving: NOTHING, joining: [joining.value] }) : joining;
    }
    const path: BlockEntry[] = [];
    let fork = target;
    while (!this.has(fork)) {
      path.push(fork);
      invariant(fork.parent !== undefined, "Every branch leaves the main chain somewhere");
      fork = fork.parent;
    }
    path.reverse();

    const leaving = fork === this.tip ? NOTHING : this.planRetreat(fork).leaving;
    const view = new UtxoOverlay(this.utxos);
    for (const { delta } of leaving) view.revert(delta);

    const joining: ConnectedBlock[] = [];
    for (const entry of path) {
      const connected = this.#connect(entry, view);
      if (!connected.ok) return connected;
      if (entry !== target) view.apply(connected.value.delta);
      joining.push(connected.value);
    }
    return ok({ leaving, joining });
  }

  /** Checks a stored block against the coins that the block below it leaves. */
  #connect(entry: BlockEntry, view: UtxoView): Result<ConnectedBlock, BrokenPlan> {
    const block = this.#bodyOf(entry);
    const delta = connectBlock(block, view, this.#context);
    return delta.ok ? ok({ entry, block, delta: delta.value }) : err({ entry, error: delta.error });
  }

  #bodyOf({ hash }: BlockEntry): Block {
    const block = this.#context.blocks.block(hash);
    invariant(block !== undefined, `The body of a stored block is there: ${hash}`);
    return block;
  }

  /**
   * Checks a block beside the main chain as if it were to be connected. Blocks of one branch in a row cost
   * what they cost themselves; the first of them as much as its fork is deep.
   */
  judge(entry: BlockEntry): Result<void, BrokenPlan> {
    const { parent } = entry;
    invariant(parent !== undefined, "Genesis is not judged");
    const view = this.#judged?.entry === parent ? this.#judged.view : this.#viewAfter(parent);
    this.#judged = undefined;
    const connected = this.#connect(entry, view);
    if (!connected.ok) return connected;
    view.apply(connected.value.delta);
    this.#judged = { entry, view };
    return ok(undefined);
  }

  /** The coins after a block that keeps the rules, as all below it do. */
  #viewAfter(entry: BlockEntry): UtxoOverlay {
    const path: BlockEntry[] = [];
    let fork = entry;
    while (!this.has(fork)) {
      path.push(fork);
      invariant(fork.parent !== undefined, "Every branch leaves the main chain somewhere");
      fork = fork.parent;
    }
    const view = new UtxoOverlay(this.utxos);
    for (const { delta } of this.planRetreat(fork).leaving) view.revert(delta);
    for (const below of path.reverse()) {
      const delta = connectBlock(this.#bodyOf(below), view, this.#context);
      invariant(delta.ok, `A block below one that is judged was judged: ${below.hash}`);
      view.apply(delta.value);
    }
    return view;
  }

  /** Plans to make a block of the main chain the tip. Reads all that leaves, changes nothing. */
  planRetreat(target: BlockEntry): Reorganisation {
    const { blocks } = this.#context;
    const leaving = this.#entries.slice(target.header.height + 1).reverse().map((entry) => {
      const { hash } = entry;
      const block = blocks.block(hash);
      invariant(block !== undefined, `The body of a main-chain block is there: ${hash}`);
      const delta = blocks.delta(hash);
      invariant(delta !== undefined, `The undo data of a main-chain block is there: ${hash}`);
      return { entry, block, delta };
    });
    return { leaving, joining: [] };
  }

  /** Carries out a plan and notes what changed. Nothing more is read, so nothing can fail halfway. */
  apply({ leaving, joining, late }: Reorganisation, change: ChainChange): void {
    this.#judged = undefined;
    this.#prepared = undefined;
    for (const disconnected of leaving) {
      this.utxos.revert(disconnected.delta);
      this.#entries.pop();
      change.disconnected = withItem(change.disconnected, disconnected);
    }
    for (const connected of joining) {
      if (late === undefined) this.utxos.apply(connected.delta);
      else {
        this.utxos.applyLate(late);
        change.isLate = true;
      }
      this.#entries.push(connected.entry);
      this.#context.blocks.keep(connected.block, connected.delta);
      change.connected = withItem(change.connected, connected);
    }
  }

  /** Makes a tip and its coins, as a store remembers them, of a chain of nothing but genesis. */
  restore(tip: BlockEntry, utxos: PackedUtxos): void {
    invariant(this.height === 0, "A chain is restored before it grows");
    this.utxos.revert(connectGenesis(this.#context.params.genesis));
    this.utxos.reserve(utxos.count);
    for (const page of utxos) this.utxos.addPacked(page);

    this.#entries.length = tip.header.height + 1;
    for (let entry: BlockEntry | undefined = tip; entry !== undefined; entry = entry.parent) {
      this.#entries[entry.header.height] = entry;
    }
  }
}

/** A block on top of the tip whose coins are moved later. */
function lateExtension(entry: BlockEntry, block: Block, late: LateDelta): Reorganisation {
  return { leaving: NOTHING, joining: [{ entry, block, delta: late.delta }], late };
}
