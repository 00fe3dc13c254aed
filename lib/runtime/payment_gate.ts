/**
 * Holds this node's own payments back while its peers cannot keep up with them.
 *
 * ```
 * payment → most members' links are behind? → wait, until they are not, a second at most → the node's queue
 * ```
 *
 * A node signs and takes in its own payments faster than the others verify them. Without this, what is ahead
 * of them piles up: blocks name transactions that nobody has yet, questions for them wait behind yet more
 * payments, and the network confirms less than it could. A payment that waits is not refused, and one member
 * that hangs holds up nobody: most of them have to be behind.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";

/** How far most members may be behind before payments wait for them. */
export const PEER_LAG_MS_MAX = 250;
/** The longest that a payment is held back. */
export const PAYMENT_DELAY_MS_MAX = 1_000;
/** How often it is looked whether the peers have caught up. */
const REVIEW_MS = 10;

export interface PaymentGateOptions {
  /** How far most members are behind. */
  readonly lagMs: () => number;
  readonly stopping: AbortSignal;
}

export interface PaymentGateStats {
  /** Payments that were held back, for how long together, and how far most members are behind now. */
  readonly delayed: number;
  readonly delayedMs: number;
  readonly lagMs: number;
}

export class PaymentGate {
  readonly #options: PaymentGateOptions;
  #waiting: Promise<void> | undefined;
  #delayed = 0;
  #delayedMs = 0;
  #lookedAtMs = -Infinity;
  #isBehind = false;

  constructor(options: PaymentGateOptions) {
    this.#options = options;
  }

  stats(): PaymentGateStats {
    const lagMs = this.#options.lagMs();
    return { delayed: this.#delayed, delayedMs: this.#delayedMs, lagMs };
  }

  /** Resolves when a payment may go on. */
  async pass(): Promise<void> {
    if (this.#isOpen()) return;
    const startedAtMs = performance.now();
    while (!this.#isOpen() && performance.now() - startedAtMs < PAYMENT_DELAY_MS_MAX) {
      await (this.#waiting ??= this.#review());
    }
    this.#delayed++;
    this.#delayedMs += performance.now() - startedAtMs;
  }

  /** Looks at the links once in a while only: many payments come at a time. */
  #isOpen(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs >= REVIEW_MS) {
      this.#lookedAtMs = nowMs;
      this.#isBehind = this.#options.lagMs() > PEER_LAG_MS_MAX;
    }
    return !this.#isBehind || this.#options.stopping.aborted;
  }

  /** One timer for all that wait. */
  async #review(): Promise<void> {
    await pause(REVIEW_MS);
    this.#waiting = undefined;
  }
}
