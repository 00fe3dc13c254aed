/**
 * GHOST, the greedy heaviest observed subtree: from genesis up, always on to the child that carries the most
 * work with all that stands on it, side branches included (Sompolinsky and Zohar 2015). Of equal children the
 * one with the lower hash, so that the same blocks give the same tip in whatever order they came.
 *
 * ```
 * on the chosen path   share  = own work + subtrees beside the path
 * beside it            weight = own work + subtrees of all children, and which child is the heaviest
 * subtree of a block on the path = the sum of the shares from it up to the tip
 * ```
 *
 * So a new block changes what lies between it and the path, and one share: the depth of its fork, not the
 * height of the chain. Only at the fork the choice may change: below it, what was chosen got heavier.
 * Invariants: the path follows the heaviest child from genesis to a block that has none; an invalid block has
 * no place here.
 *
 * @module
 */
import { addWork, NO_WORK, type Work } from "../../primitives/target.ts";
import { invariant } from "../../result.ts";
import type { BlockEntry } from "../block_tree.ts";
import type { ForkChoice, TipClaim } from "./fork_choice.ts";

interface GhostNode {
  readonly entry: BlockEntry;
  readonly parent: GhostNode | undefined;
  readonly children: GhostNode[];
  /** On the path: its share. Beside it: of the whole subtree. */
  weight: Work;
  /** The heaviest child; on the path the one that is on it. */
  best: GhostNode | undefined;
  isOnPath: boolean;
}

export class Ghost implements ForkChoice {
  readonly countsSideBlocks = true;
  readonly #nodes = new Map<BlockEntry, GhostNode>();
  #tip: GhostNode;
  /** The work of all blocks that count. */
  #total: Work = NO_WORK;

  constructor(genesis: BlockEntry) {
    this.#tip = this.#newNode(genesis);
    this.#tip.isOnPath = true;
  }

  add(entry: BlockEntry): BlockEntry {
    const work = ownWorkOf(entry);
    const node = this.#newNode(entry);
    this.#total = addWork(this.#total, work);
    const { parent } = node;
    invariant(parent !== undefined, "A new block has a parent that counts");
    if (parent === this.#tip) {
      parent.best = node;
      node.isOnPath = true;
      this.#tip = node;
      return entry;
    }

    let child = node;
    let fork: GhostNode = parent;
    while (!fork.isOnPath) {
      fork.weight = addWork(fork.weight, work);
      if (fork.best === undefined || isHeavier(child, fork.best)) fork.best = child;
      invariant(fork.parent !== undefined, "Genesis is on the path");
      child = fork;
      fork = fork.parent;
    }
    fork.weight = addWork(fork.weight, work);
    this.#choose(fork, child);
    return this.#tip.entry;
  }

  best(entries: Iterable<BlockEntry>): BlockEntry {
    const ordered: GhostNode[] = [];
    this.#nodes.clear();
    this.#total = NO_WORK;
    for (const entry of entries) {
      ordered.push(this.#newNode(entry));
      this.#total = addWork(this.#total, ownWorkOf(entry));
    }
    // Children come after their parents, so each is whole when its turn comes.
    for (const node of ordered.toReversed()) {
      const { parent } = node;
      if (parent === undefined) continue;
      parent.weight = addWork(parent.weight, node.weight);
      if (parent.best === undefined || isHeavier(node, parent.best)) parent.best = node;
    }
    const [genesis] = ordered;
    invariant(genesis !== undefined, "Genesis is never invalid");
    this.#enterPath(genesis);
    return this.#tip.entry;
  }

  isTie(): boolean {
    return false;
  }

  /** All the work that this node counts: who has another sum has other blocks. */
  claimOf({ header: { height } }: BlockEntry): TipClaim {
    return { work: this.#total, height };
  }

  strengthOf({ work }: TipClaim): bigint {
    return work;
  }

  childrenOf(entry: BlockEntry): readonly BlockEntry[] {
    return this.#nodes.get(entry)?.children.map((child) => child.entry) ?? [];
  }

  /** A branch beside the path has grown: goes over to it when it is the heavier one. */
  #choose(fork: GhostNode, branch: GhostNode): void {
    const chosen = fork.best;
    invariant(chosen !== undefined, "A fork on the path has a child on it");
    let weight = NO_WORK;
    for (let at: GhostNode | undefined = chosen; at !== undefined; at = at.best) {
      weight = addWork(weight, at.weight);
    }
    const isBetter = branch.weight > weight ||
      branch.weight === weight && branch.entry.hash < chosen.entry.hash;
    if (!isBetter) return;

    this.#leavePath(chosen);
    fork.weight = (fork.weight + chosen.weight - branch.weight) as Work;
    fork.best = branch;
    this.#enterPath(branch);
  }

  /** From the tip down: shares become the weights of whole subtrees. */
  #leavePath(bottom: GhostNode): void {
    let weight = NO_WORK;
    for (let at: GhostNode | undefined = this.#tip; at !== undefined; at = at.parent) {
      weight = addWork(weight, at.weight);
      at.weight = weight;
      at.isOnPath = false;
      if (at === bottom) return;
    }
  }

  /** From the bottom up along the heaviest children: weights become shares. */
  #enterPath(bottom: GhostNode): void {
    for (let at: GhostNode | undefined = bottom; at !== undefined; at = at.best) {
      at.isOnPath = true;
      at.weight = (at.weight - (at.best?.weight ?? NO_WORK)) as Work;
      this.#tip = at;
    }
  }

  #newNode(entry: BlockEntry): GhostNode {
    const parent = entry.parent === undefined ? undefined : this.#nodes.get(entry.parent);
    const node: GhostNode = {
      entry,
      parent,
      children: [],
      weight: ownWorkOf(entry),
      best: undefined,
      isOnPath: false,
    };
    parent?.children.push(node);
    this.#nodes.set(entry, node);
    return node;
  }
}

function ownWorkOf({ work, parent }: BlockEntry): Work {
  return (work - (parent?.work ?? NO_WORK)) as Work;
}

/** Compares two children of one block beside the path. */
function isHeavier(a: GhostNode, b: GhostNode): boolean {
  return a.weight > b.weight || a.weight === b.weight && a.entry.hash < b.entry.hash;
}
