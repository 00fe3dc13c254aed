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
  readonly invalidCode: InvalidCode | undefined;
}

/** What a persisted tree gives back of each entry. */
export interface StoredEntry {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly sequence: number;
  readonly status: BlockStatus;
  readonly invalidCode: InvalidCode | undefined;
}

/** What a tree needs of its network. */
type TreeParams = Pick<Params, "genesis" | "workPerBlock">;

/** What became of a block: how far it got, or which rule it broke. */
type Verdict = Exclude<BlockStatus, "invalid"> | InvalidCode;

/**
 * What follows from a header and from what it names below it. Many nodes of one process hold the same
 * header: they share this, and each keeps to itself only what it has made of the block.
 */
interface HeaderFacts {
  readonly hash: BlockHash;
  readonly header: Header;
  readonly work: Work;
  /** Whose network it is: what follows the header is a matter of its rules. */
  readonly params: TreeParams;
  medianMs: number | undefined;
  nextTarget: CompactTarget | undefined;
}

/** The facts that were asked for last, by turns. */
const latestFacts: (HeaderFacts | undefined)[] = [undefined, undefined, undefined, undefined];
let nextPlace = 0;

/** The facts of a header, which others may hold, too. A header names all below by a hash, so they agree. */
function factsOf(
  { hash, header }: Pick<Block, "hash" | "header">,
  { below, own, params }: {
    readonly below: Work;
    readonly own: Work;
    readonly params: TreeParams;
  },
): HeaderFacts {
  for (const known of latestFacts) {
    if (known?.header === header && known.params === params) return known;
  }
  const facts: HeaderFacts = {
    hash,
    header,
    work: addWork(below, own),
    params,
    medianMs: undefined,
    nextTarget: undefined,
  };
  latestFacts[nextPlace] = facts;
  nextPlace = (nextPlace + 1) % latestFacts.length;
  return facts;
}

class Entry implements BlockEntry {
  readonly #facts: HeaderFacts;
  readonly parent: BlockEntry | undefined;
  readonly sequence: number;
  /** Status and code in one: a simulation has an entry for each block at each node. */
  #verdict: Verdict;

  constructor(
    facts: HeaderFacts,
    { parent, sequence, verdict }: {
      readonly parent: BlockEntry | undefined;
      readonly sequence: number;
      readonly verdict: Verdict;
    },
  ) {
    this.#facts = facts;
    this.parent = parent;
    this.sequence = sequence;
    this.#verdict = verdict;
  }

  get status(): BlockStatus {
    return this.#verdict === "side" || this.#verdict === "valid" ? this.#verdict : "invalid";
  }

  get invalidCode(): InvalidCode | undefined {
    return this.#verdict === "side" || this.#verdict === "valid" ? undefined : this.#verdict;
  }

  judge(verdict: Verdict): void {
    this.#verdict = verdict;
  }

  get hash(): BlockHash {
    return this.#facts.hash;
  }

  get header(): Header {
    return this.#facts.header;
  }

  get work(): Work {
    return this.#facts.work;
  }

  get medianMs(): number | undefined {
    return this.#facts.medianMs;
  }

  set medianMs(medianMs: number | undefined) {
    this.#facts.medianMs = medianMs;
  }

  get nextTarget(): CompactTarget | undefined {
    return this.#facts.nextTarget;
  }

  set nextTarget(nextTarget: CompactTarget | undefined) {
    this.#facts.nextTarget = nextTarget;
  }
}

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
 * assert.equal(second.status, "invalid");
 * ```
 */
export class BlockTree {
  readonly genesis: BlockEntry;
  readonly #params: TreeParams;
  /** The target of the last block and its work: blocks mostly have the target of those before them. */
  #compactTarget: CompactTarget;
  #workPerBlock: Work;
  /** In the order of arrival, so parents first. */
  readonly #entries = new Map<BlockHash, Entry>();
  /** The entry that was added last: mostly it is the one that is looked for. */
  #newest: Entry;
  #sequence = 0;
  #latestMs: number;

  constructor(params: TreeParams) {
    const { genesis, workPerBlock } = params;
    this.#params = params;
    this.#compactTarget = genesis.header.compactTarget;
    this.#workPerBlock = workPerBlock;
    const facts = factsOf(genesis, { below: NO_WORK, own: NO_WORK, params });
    const entry = new Entry(facts, { parent: undefined, sequence: 0, verdict: "valid" });
    this.genesis = entry;
    this.#entries.set(genesis.hash, entry);
    this.#newest = entry;
    this.#latestMs = genesis.header.timestampMs;
  }

  /** How many blocks the tree has, genesis included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The latest time that any block of the tree is dated by. */
  get latestMs(): number {
    return this.#latestMs;
  }

  get(hash: BlockHash): BlockEntry | undefined {
    return this.#newest.hash === hash ? this.#newest : this.#entries.get(hash);
  }

  /** All entries in the order of arrival. */
  entries(): IterableIterator<BlockEntry> {
    return this.#entries.values();
  }

  /** Adds a block that is not there yet on a parent that is, as a side block. */
  add({ hash, header }: Pick<Block, "hash" | "header">, parent: BlockEntry): BlockEntry {
    const facts = this.#factsOf({ hash, header }, parent);
    const sequence = ++this.#sequence;
    const entry = new Entry(facts, { parent, sequence, verdict: "side" });
    this.#entries.set(hash, entry);
    this.#newest = entry;
    if (header.timestampMs > this.#latestMs) this.#latestMs = header.timestampMs;
    return entry;
  }

  /** Adds an entry as a store remembers it. They come in the order of their sequence. */
  restore({ hash, header, sequence, status, invalidCode }: StoredEntry): void {
    if (hash === this.genesis.hash) return;
    const parent = this.#entries.get(header.previousHash);
    invariant(parent !== undefined, `A stored block has its parent before it: ${hash}`);
    const facts = this.#factsOf({ hash, header }, parent);
    const verdict = status === "invalid" ? invalidCode ?? "block-parent-invalid" : status;
    this.#entries.set(hash, new Entry(facts, { parent, sequence, verdict }));
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#latestMs = Math.max(this.#latestMs, header.timestampMs);
  }

  /** The entries that no other entry names as its parent. O(n). */
  leaves(): Set<BlockEntry> {
    const leaves = new Set<BlockEntry>(this.#entries.values());
    for (const { parent } of this.#entries.values()) {
      if (parent !== undefined) leaves.delete(parent);
    }
    return leaves;
  }

  /** The other entries as good as `tip` that are not invalid, in the order of arrival. O(n). */
  rivalsOf(tip: BlockEntry, isTie: (entry: BlockEntry, tip: BlockEntry) => boolean): BlockEntry[] {
    return [...this.#entries.values()].filter((entry) =>
      entry !== tip && entry.status !== "invalid" && isTie(entry, tip)
    );
  }

  /** Notes that a block was connected, and so broke no rule. */
  markValid(entry: BlockEntry): void {
    (entry as Entry).judge("valid");
  }

  /** Marks a block and everything above it. Gives what it marked, the block first. O(n). */
  markInvalid(entry: BlockEntry, code: InvalidCode): readonly BlockEntry[] {
    const branch = [entry, ...this.#above(entry)];
    for (const marked of branch as Entry[]) {
      marked.judge(marked === entry ? code : "block-parent-invalid");
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
    const lifted = branch.filter(({ status }) => status === "invalid");
    for (const marked of lifted as Entry[]) marked.judge("side");
    return lifted;
  }

  #factsOf(block: Pick<Block, "hash" | "header">, parent: BlockEntry): HeaderFacts {
    const own = this.#workOf(block.header);
    return factsOf(block, { below: parent.work, own, params: this.#params });
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

  /** Everything that stands on an entry, parents first: one pass over the order of arrival. */
  #above(entry: BlockEntry): BlockEntry[] {
    const above = new Set<BlockEntry>([entry]);
    for (const candidate of this.#entries.values()) {
      if (candidate.parent !== undefined && above.has(candidate.parent)) above.add(candidate);
    }
    above.delete(entry);
    return [...above];
  }
}
