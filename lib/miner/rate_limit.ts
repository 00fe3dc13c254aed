/**
 * A token bucket that lets a thread hash at a given rate, in slices of a few milliseconds.
 *
 * Tokens (hashes) accrue while a job is mined, never while the thread is idle. What a preempted
 * thread could not use it catches up, at no more than twice its rate and for no more than a second
 * of arrears: the average holds on a busy machine and the time to the next solution stays
 * exponential. Tokens left when a solution is found stay for the next job, so that a slice that ends
 * early costs nothing. Pure: the time comes in, in milliseconds of any monotonic clock.
 *
 * Called by the mining worker.
 *
 * @module
 */

/** Length of a slice: short against a block, long against a timer's error. */
const SLICE_MS = 8;

/** How much arrears a thread may catch up. */
const ARREARS_MS_MAX = 1_000;

/** How many slices' tokens one slice may spend. */
const CATCH_UP_FACTOR = 2;

/** See the module. */
export class RateLimit {
  readonly #hashesPerMs: number;
  readonly #sliceMs: number;
  #tokens = 0;
  #sliceTokens = 0;
  #sliceEndMs = 0;
  #accruedMs: number | undefined;

  constructor(hashesPerSecond: number) {
    this.#hashesPerMs = hashesPerSecond / 1_000;

    // A rate below one hash per slice takes longer slices.
    this.#sliceMs = Math.max(SLICE_MS, 1 / this.#hashesPerMs);
  }

  /** A job begins: tokens accrue from now on, or go on accruing when a job was replaced. */
  resume(nowMs: number): void {
    this.#accrue(nowMs);
    this.#accruedMs = nowMs;
    this.#sliceEndMs = nowMs;
  }

  /** The thread goes idle: what accrued stays, and no more comes. */
  pause(nowMs: number): void {
    this.#accrue(nowMs);
    this.#accruedMs = undefined;
    this.#sliceTokens = 0;
  }

  /** How many hashes may be done now; 0: wait for the slice to end. */
  allowance(nowMs: number): number {
    if (nowMs >= this.#sliceEndMs) {
      this.#accrue(nowMs);
      this.#sliceEndMs = nowMs + this.#sliceMs;
      this.#sliceTokens = Math.min(
        this.#tokens,
        Math.max(1, CATCH_UP_FACTOR * this.#hashesPerMs * this.#sliceMs),
      );
    }

    return Math.floor(this.#sliceTokens);
  }

  /** How long until the slice ends. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#sliceEndMs - nowMs);
  }

  /** Pays for hashes that were done. */
  spend(hashes: number): void {
    this.#tokens -= hashes;
    this.#sliceTokens -= hashes;
  }

  #accrue(nowMs: number): void {
    if (this.#accruedMs === undefined) return;

    this.#tokens = Math.min(
      this.#tokens + (nowMs - this.#accruedMs) * this.#hashesPerMs,
      Math.max(1, ARREARS_MS_MAX * this.#hashesPerMs),
    );
    this.#accruedMs = nowMs;
  }
}
