/**
 * The commitment to the unspent outputs, some blocks behind the tip.
 *
 * A block's coins cost a hash each, as much as everything else that is written of the block, and whatever
 * waits behind the block waits for them. So they are added a slice with each SQL transaction, later: not
 * before another block lies above, since the newest one may lose a tie, and not while everybody is busy with it.
 * The commitment says to which block it belongs, and at start-up what it lacks is added from the undo data of
 * the blocks above.
 *
 * Called by the SQLite store. Knows no SQL.
 * Invariant: the value, with all that is pending, is the commitment of the tip's outputs.
 *
 * @module
 */
import type { UtxoDelta } from "../consensus/utxo.ts";
import { commitDelta, type UtxoCommitment } from "../consensus/utxo_commitment.ts";
import type { BlockHash } from "../primitives/header.ts";
import { invariant } from "../result.ts";

/** How far it may lag behind, in coins. */
export interface CommitmentLimits {
  /** The most that are added at a time. */
  readonly slice: number;
  /** All are added at once when more of them are pending. */
  readonly size: number;
}

/** A slice is some 0.5 ms of work. */
export const COMMITMENT_LIMITS: CommitmentLimits = { slice: 256, size: 65_536 };

/** A commitment, and the block after which the outputs are those. */
export interface CommitmentMark {
  readonly value: UtxoCommitment;
  readonly hash: BlockHash;
}

interface PendingBlock {
  readonly hash: BlockHash;
  readonly delta: UtxoDelta;
}

export class LaggingCommitment {
  readonly #limits: CommitmentLimits;
  #mark: CommitmentMark;
  /** What the mark has, and as much of the next pending block as was added. */
  #sum: UtxoCommitment;
  #pending: PendingBlock[] = [];
  #pendingCoins = 0;
  /** How many coins of the next pending block were added. */
  #added = 0;
  #isMoved = false;

  constructor(mark: CommitmentMark, limits: CommitmentLimits) {
    this.#mark = mark;
    this.#limits = limits;
    this.#sum = mark.value;
  }

  /** Where the commitment stands. */
  get mark(): CommitmentMark {
    return this.#mark;
  }

  /** How many coins it lacks. */
  get pendingCoins(): number {
    return this.#pendingCoins;
  }

  /** A block was connected. */
  connect(hash: BlockHash, delta: UtxoDelta): void {
    this.#pending.push({ hash, delta });
    this.#pendingCoins += coinsOf(delta);
  }

  /**
   * The tip was disconnected, and its undo data goes with it. Of a block that is pending, as most are that
   * lose a tie, only what was added is taken back: all of both would be as much as two blocks, at once.
   */
  disconnect({ hash, delta }: PendingBlock, below: BlockHash): void {
    const { spent, created } = delta;
    const last = this.#pending.at(-1);
    if (last === undefined) {
      this.#sum = commitDelta(this.#sum, { spent: created, created: spent });
      return this.#move(below);
    }
    invariant(last.hash === hash, "The tip is the last block that was connected");
    this.#pending.pop();
    const added = this.#pending.length === 0 ? this.#added : 0;
    this.#pendingCoins -= coinsOf(delta) - added;
    if (added === 0) return;
    this.#added = 0;
    this.#sum = commitDelta(this.#sum, {
      spent: created.slice(0, Math.max(0, added - spent.length)),
      created: spent.slice(0, added),
    });
  }

  /** Adds a slice of what is pending below the newest block. */
  addSome(): void {
    const { slice, size } = this.#limits;
    if (this.#pendingCoins > size) return this.addAll();
    for (let rest = slice; rest > 0 && this.#pending.length > 1;) rest -= this.#addOf(rest);
  }

  addAll(): void {
    while (this.#pending.length > 0) this.#addOf(Infinity);
  }

  /** Whether the mark has moved since it was taken last. */
  get isMoved(): boolean {
    return this.#isMoved;
  }

  /** The mark, if it has moved since it was taken last. */
  takeMoved(): CommitmentMark | undefined {
    if (!this.#isMoved) return undefined;
    this.#isMoved = false;
    return this.#mark;
  }

  /** Adds coins of the next pending block; gives how many, at least 1. */
  #addOf(countMax: number): number {
    const [next] = this.#pending;
    if (next === undefined) return 1;
    const { hash, delta } = next;
    const [from, to] = [this.#added, Math.min(this.#added + countMax, coinsOf(delta))];
    const spentCount = delta.spent.length;
    this.#sum = commitDelta(this.#sum, {
      spent: delta.spent.slice(from, to),
      created: delta.created.slice(Math.max(0, from - spentCount), Math.max(0, to - spentCount)),
    });
    this.#added = to;
    this.#pendingCoins -= to - from;
    if (to === coinsOf(delta)) {
      this.#pending.shift();
      this.#added = 0;
      this.#move(hash);
    }
    return Math.max(1, to - from);
  }

  #move(hash: BlockHash): void {
    this.#mark = { value: this.#sum, hash };
    this.#isMoved = true;
  }
}

function coinsOf({ spent, created }: UtxoDelta): number {
  return spent.length + created.length;
}
