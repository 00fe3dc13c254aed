/**
 * Every block that was ever taken in, as a tree of headers: what it stands on, its work, what became of it.
 *
 * Does not know which branch is the main chain, nor coins, nor bodies, and judges nothing: it is told what
 * is valid. Only this file changes an entry, and an entry never leaves. Adding and looking up cost O(1).
 * Questions about branches walk all n entries; they come with a broken rule, an operator or a restart, not
 * with each block.
 * Invariants: an entry comes after its parent in the order of arrival; what stands on an invalid block is
 * invalid.
 *
 * @module
 */
import type { Params } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Header } from "../primitives/header.ts";
import {
  addWork,
  type CompactTarget,
  NO_WORK,
  targetOfCompact,
  type Work,
  workOfTarget,
} from "../primitives/target.ts";
import { LazyMap } from "../lazy_map.ts";
import { invariant } from "../result.ts";
import type { Ancestor } from "./ancestor.ts";
import type { BlockError } from "./rule_table.ts";

/**
 * What is known of a block beyond its rules: `side` was never connected, `valid` was connected at least
 * once or judged as if it were to be, `invalid` broke a rule then, or was invalidated by hand.
 */
export type BlockStatus = "side" | "valid" | "invalid";

/** Why a block is invalid: the rule that it broke, or an operator's word. */
export type InvalidCode = BlockError["code"] | "invalidated-by-operator";

/**
 * A block, as far as its header and what it names below say: the same for whoever has it. What a node has made
 * of it, its tree says.
 */
export interface BlockEntry extends Ancestor {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly parent: BlockEntry | undefined;
  /** Of this block and all below. */
  readonly work: Work;
}

/** What a persisted tree gives back of each entry. */
export interface StoredEntry {
  readonly hash: BlockHash;
  readonly header: Header;
  /** The order of arrival: the lower one was seen first. */
  readonly sequence: number;
  readonly status: BlockStatus;
  /** The code of the rule that an invalid block broke. */
  readonly invalidCode: InvalidCode | undefined;
}

/** What a tree needs of its network. */
type TreeParams = Pick<Params, "genesis" | "workPerBlock">;

class Entry implements BlockEntry {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly parent: Entry | undefined;
  readonly work: Work;
  /** Its place in its forest. */
  readonly index: number;
  medianMs: number | undefined = undefined;
  nextTarget: CompactTarget | undefined = undefined;

  constructor(
    { hash, header }: Pick<Block, "hash" | "header">,
    { parent, work, index }: Pick<Entry, "parent" | "work" | "index">,
  ) {
    this.hash = hash;
    this.header = header;
    this.parent = parent;
    this.work = work;
    this.index = index;
  }
}

/**
 * The blocks of one network that the trees of a process stand in. A simulation has ten thousand trees of the same
 * blocks: each block is one entry for all of them, and a tree keeps two numbers of it. A header names all below
 * by a hash, so the nodes agree about all that is here. Blocks are added and never leave.
 */
export class BlockForest {
  readonly genesis: BlockEntry;
  readonly #byHash = new Map<BlockHash, Entry>();
  /** What the last tree that was asked has made of a block: mostly the others have made the same of it. */
  lastRecord: StoredEntry | undefined = undefined;
  /** The target of the last block and its work: blocks mostly have the target of those before them. */
  #compactTarget: CompactTarget;
  #workPerBlock: Work;

  constructor({ genesis, workPerBlock }: TreeParams) {
    this.#compactTarget = genesis.header.compactTarget;
    this.#workPerBlock = workPerBlock;
    const entry = new Entry(genesis, { parent: undefined, work: NO_WORK, index: 0 });
    this.#byHash.set(genesis.hash, entry);
    this.genesis = entry;
  }

  find(hash: BlockHash): Entry | undefined {
    return this.#byHash.get(hash);
  }

  /** In the order in which the first of all trees had them, so parents first. */
  entries(): MapIterator<Entry> {
    return this.#byHash.values();
  }

  /** The entry of a block on one that is here. */
  of(block: Pick<Block, "hash" | "header">, parent: BlockEntry): Entry {
    const known = this.#byHash.get(block.hash);
    if (known !== undefined) return known;
    const entry = new Entry(block, {
      parent: parent as Entry,
      work: addWork(parent.work, this.#workOf(block.header)),
      index: this.#byHash.size,
    });
    this.#byHash.set(block.hash, entry);
    return entry;
  }

  #workOf({ compactTarget }: Header): Work {
    if (compactTarget !== this.#compactTarget) {
      const target = targetOfCompact(compactTarget);
      invariant(target !== undefined, "A block of the tree has a target");
      this.#compactTarget = compactTarget;
      this.#workPerBlock = workOfTarget(target);
    }
    return this.#workPerBlock;
  }
}

/** What a tree keeps of a block is one number: its place in the order of arrival, and its status. */
const STATUSES: readonly BlockStatus[] = ["side", "valid", "invalid"];
const SIDE = 0;
const VALID = 1;
const INVALID = 2;
const STATUS_COUNT = 4;
const ABSENT = -1;

/**
 * A tree that starts at genesis.
 *
 * @example
 * ```ts
 * import { mineBlock } from "../simulation/mine_block.ts";
 * import { testParams } from "../testing/test_params.ts";
 * import { BlockTree } from "./block_tree.ts";
 * import assert from "node:assert/strict";
 *
 * const params = testParams({ emptyBlocks: true });
 * const tree = new BlockTree(params);
 * const first = tree.add(mineBlock(params.genesis, { params }), tree.genesis);
 * const second = tree.add(mineBlock(first, { params }), first);
 * assert.equal(second.work, 2n * params.workPerBlock);
 * tree.markInvalid(first, "block-bad-transaction");
 * assert.equal(tree.statusOf(second), "invalid");
 * ```
 */
export class BlockTree {
  readonly genesis: BlockEntry;
  readonly #forest: BlockForest;
  /** By the place in the forest: the place in the order of arrival and the status, or {@link ABSENT}. */
  readonly #marks: number[] = [STATUS_COUNT * 0 + VALID];
  /** Of the invalid ones. */
  readonly #invalidCodes = new LazyMap<BlockEntry, InvalidCode>();
  /** The entry that was added last: mostly it is the one that is looked for. */
  #newest: BlockEntry;
  #size = 1;
  #sequence = 0;
  #latestMs: number;
  /** The order of arrival is the forest's. */
  #isInOrder = true;

  /** @param forest whom its blocks are shared with: trees of the same network */
  constructor(params: TreeParams, forest = new BlockForest(params)) {
    this.#forest = forest;
    this.genesis = forest.genesis;
    this.#newest = forest.genesis;
    this.#latestMs = forest.genesis.header.timestampMs;
  }

  /** How many blocks the tree has, genesis included. */
  get size(): number {
    return this.#size;
  }

  /** The latest time that any block of the tree is dated by. */
  get latestMs(): number {
    return this.#latestMs;
  }

  get(hash: BlockHash): BlockEntry | undefined {
    if (this.#newest.hash === hash) return this.#newest;
    const entry = this.#forest.find(hash);
    return entry === undefined || this.#markOf(entry) === ABSENT ? undefined : entry;
  }

  /** All entries in the order of arrival. O(n); where other trees had them in another order, n log n. */
  entries(): IteratorObject<BlockEntry, undefined> {
    const own = this.#forest.entries().filter((entry) => this.#markOf(entry) !== ABSENT);
    if (this.#isInOrder) return own;
    return [...own].sort((a, b) => this.#markOf(a) - this.#markOf(b)).values();
  }

  /** Those that are not invalid, in the order of arrival. O(n). */
  usable(): IteratorObject<BlockEntry, undefined> {
    return this.entries().filter((entry) => this.statusOf(entry) !== "invalid");
  }

  /** What became of a block. */
  statusOf(entry: BlockEntry): BlockStatus {
    return STATUSES[this.#markOf(entry) % STATUS_COUNT] as BlockStatus;
  }

  /** Which rule an invalid block broke; `undefined` for any other. */
  invalidCodeOf(entry: BlockEntry): InvalidCode | undefined {
    return this.#invalidCodes.get(entry);
  }

  /** The place in the order of arrival: the lower one was seen first. */
  sequenceOf(entry: BlockEntry): number {
    return Math.floor(this.#markOf(entry) / STATUS_COUNT);
  }

  /** All that is to be stored of a block, as it is now. */
  recordOf(entry: BlockEntry): StoredEntry {
    const { hash, header } = entry;
    const sequence = this.sequenceOf(entry);
    const status = this.statusOf(entry);
    const invalidCode = this.invalidCodeOf(entry);
    const last = this.#forest.lastRecord;
    const isSame = last?.hash === hash && last.sequence === sequence && last.status === status &&
      last.invalidCode === invalidCode;
    if (isSame) return last;
    return this.#forest.lastRecord = { hash, header, sequence, status, invalidCode };
  }

  /** Adds a block that is not there yet on a parent that is, as a side block. */
  add(block: Pick<Block, "hash" | "header">, parent: BlockEntry): BlockEntry {
    return this.#add(this.#forest.of(block, parent), ++this.#sequence, SIDE);
  }

  /** Adds an entry as a store remembers it. They come in the order of their sequence. */
  restore({ hash, header, sequence, status, invalidCode }: StoredEntry): void {
    if (hash === this.genesis.hash) return;
    const parent = this.get(header.previousHash);
    invariant(parent !== undefined, `A stored block has its parent before it: ${hash}`);
    const entry = this.#forest.of({ hash, header }, parent);
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#add(entry, sequence, STATUSES.indexOf(status));
    if (status === "invalid") {
      this.#invalidCodes.set(entry, invalidCode ?? "block-parent-invalid");
    }
  }

  #add(entry: Entry, sequence: number, status: number): BlockEntry {
    const { index, header: { timestampMs } } = entry;
    const marks = this.#marks;
    if (index < marks.length) this.#isInOrder = false;
    // Without holes, whatever others had before.
    while (marks.length < index) marks.push(ABSENT);
    marks[index] = STATUS_COUNT * sequence + status;
    this.#size++;
    this.#newest = entry;
    if (timestampMs > this.#latestMs) this.#latestMs = timestampMs;
    return entry;
  }

  /** The entries that no other entry names as its parent. O(n). */
  leaves(): Set<BlockEntry> {
    const leaves = new Set<BlockEntry>(this.entries());
    for (const { parent } of this.entries()) {
      if (parent !== undefined) leaves.delete(parent);
    }
    return leaves;
  }

  /** The other entries as good as `tip` that are not invalid, in the order of arrival. O(n). */
  rivalsOf(tip: BlockEntry, isTie: (entry: BlockEntry, tip: BlockEntry) => boolean): BlockEntry[] {
    return [...this.usable().filter((entry) => entry !== tip && isTie(entry, tip))];
  }

  /** Notes that a block was connected, and so broke no rule. */
  markValid(entry: BlockEntry): void {
    this.#judge(entry, VALID);
  }

  /** Marks a block and everything above it. Gives what it marked, the block first. O(n). */
  markInvalid(entry: BlockEntry, code: InvalidCode): readonly BlockEntry[] {
    const branch = [entry, ...this.#above(entry)];
    for (const marked of branch) {
      this.#judge(marked, INVALID);
      this.#invalidCodes.set(marked, marked === entry ? code : "block-parent-invalid");
    }
    return branch;
  }

  /**
   * Lifts the marks of a block, of everything below and of everything above it, so that it can be judged
   * again. Gives the entries that were marked. O(n).
   */
  lift(entry: BlockEntry): readonly BlockEntry[] {
    const below: BlockEntry[] = [];
    for (let { parent } = entry; parent !== undefined; parent = parent.parent) below.push(parent);
    const branch = [entry, ...below, ...this.#above(entry)];
    const lifted = branch.filter((each) => this.statusOf(each) === "invalid");
    for (const marked of lifted) this.#judge(marked, SIDE);
    return lifted;
  }

  #judge(entry: BlockEntry, status: number): void {
    const before = this.#markOf(entry);
    invariant(before !== ABSENT, "Only a block of the tree is judged");
    this.#marks[(entry as Entry).index] = before - before % STATUS_COUNT + status;
    if (status !== INVALID) this.#invalidCodes.delete(entry);
  }

  #markOf(entry: BlockEntry): number {
    const { index } = entry as Entry;
    return index < this.#marks.length ? this.#marks[index] as number : ABSENT;
  }

  /** Everything that stands on an entry, parents first: one pass over the order of arrival. */
  #above(entry: BlockEntry): BlockEntry[] {
    const above = new Set<BlockEntry>([entry]);
    for (const candidate of this.entries()) {
      if (candidate.parent !== undefined && above.has(candidate.parent)) above.add(candidate);
    }
    above.delete(entry);
    return [...above];
  }
}
