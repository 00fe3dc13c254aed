/**
 * Holds this node's own payments back while the network cannot keep up with them.
 *
 * ```
 * payment → most members' links are behind, or more waits than three blocks take?
 *         → wait, until neither is so, a second at most → the node's queue
 * ```
 *
 * A node signs and takes in its own payments faster than the others verify them. Without this, what is ahead
 * of them piles up: blocks name transactions that nobody has yet, questions for them wait behind yet more
 * payments, and the network confirms less than it could. A payment that waits is not refused, and one member
 * that hangs holds up nobody: most of them have to be behind.
 *
 * What no block takes soon is not better off in the pool: to verify it at all nodes takes the time that blocks
 * need, and so fewer come. Where blocks are rare or nobody else is there, payments do not wait for them.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";

/** How far most members may be behind before payments wait for them. */
export const PEER_LAG_MS_MAX = 250;
/** The longest that a payment is held back. */
export const PAYMENT_DELAY_MS_MAX = 1_000;
/** How many blocks' transactions may wait before payments wait for blocks. */
export const BLOCKS_WAITING_MAX = 3;
/** So many transactions may wait in any case, however few a block takes. */
export const TRANSACTIONS_WAITING_MAX = 2_000;
/** Payments wait for no blocks when the last one came longer ago. */
export const BLOCK_AGE_MS_MAX = 5_000;
/** How often it is looked whether the network has caught up. */
const REVIEW_MS = 10;

/** How the network's blocks keep up with its payments. */
export interface BlockBacklog {
  /** Transactions that wait for a block, and how many a block takes. */
  readonly waiting: number;
  readonly capacity: number;
  /** Changes with each block. */
  readonly height: number;
}

export interface PaymentGateOptions {
  /** How far most members are behind. */
  readonly lagMs: () => number;
  /** `undefined` where this node is alone. */
  readonly backlog: () => BlockBacklog | undefined;
  readonly stopping: AbortSignal;
  /** The machine's steady clock when left out. */
  readonly nowMs?: () => number;
}

export interface PaymentGateStats {
  /** Payments that were held back, for how long together, and how far most members are behind now. */
  readonly delayed: number;
  readonly delayedMs: number;
  readonly lagMs: number;
}

export class PaymentGate {
  readonly #options: PaymentGateOptions;
  readonly #nowMs: () => number;
  #waiting: Promise<void> | undefined;
  #delayed = 0;
  #delayedMs = 0;
  #lookedAtMs = -Infinity;
  #isBehind = false;
  #height = -1;
  #blockAtMs = -Infinity;

  constructor(options: PaymentGateOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  stats(): PaymentGateStats {
    const lagMs = this.#options.lagMs();
    return { delayed: this.#delayed, delayedMs: this.#delayedMs, lagMs };
  }

  /** Resolves when a payment may go on. */
  async pass(): Promise<void> {
    if (this.#isOpen()) return;
    const startedAtMs = this.#nowMs();
    while (!this.#isOpen() && this.#nowMs() - startedAtMs < PAYMENT_DELAY_MS_MAX) {
      await (this.#waiting ??= this.#review());
    }
    this.#delayed++;
    this.#delayedMs += this.#nowMs() - startedAtMs;
  }

  /** Looks once in a while only: many payments come at a time. */
  #isOpen(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#lookedAtMs >= REVIEW_MS) {
      this.#lookedAtMs = nowMs;
      this.#isBehind = this.#areBlocksBehind(nowMs) || this.#options.lagMs() > PEER_LAG_MS_MAX;
    }
    return !this.#isBehind || this.#options.stopping.aborted;
  }

  #areBlocksBehind(nowMs: number): boolean {
    const backlog = this.#options.backlog();
    if (backlog === undefined) return false;
    const { waiting, capacity, height } = backlog;
    if (height !== this.#height) {
      // When the block came that was there before the first payment, nobody knows.
      if (this.#height >= 0) this.#blockAtMs = nowMs;
      this.#height = height;
    }
    if (nowMs - this.#blockAtMs > BLOCK_AGE_MS_MAX) return false;
    return waiting > Math.max(BLOCKS_WAITING_MAX * capacity, TRANSACTIONS_WAITING_MAX);
  }

  /** One timer for all that wait. */
  async #review(): Promise<void> {
    await pause(REVIEW_MS);
    this.#waiting = undefined;
  }
}
