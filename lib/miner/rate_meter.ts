/**
 * Measures a hash rate over the time that was spent mining.
 *
 * Keeps a few samples of (active time, hashes), taken whenever mining starts, ends or is asked about,
 * and answers the rate over the last seconds of *active* time: a node that waits for transactions is
 * not slow. Pure: time and hashes come in.
 *
 * @module
 */

/** The rate is that of so much mining, or of all there was. */
const WINDOW_MS = 5_000;

/** Samples are at least this far apart, which bounds their number. */
const SAMPLE_MS = 250;

/** One observation. */
interface Sample {
  readonly activeMs: number;
  readonly hashes: number;
}

/** What a meter reads. */
export interface Reading {
  readonly hashes: number;
  readonly hashesPerSecond: number;
  readonly activeMs: number;
}

/** See the module. */
export class RateMeter {
  #samples: Sample[] = [{ activeMs: 0, hashes: 0 }];
  #activeMs = 0;
  #sinceMs: number | undefined;

  /** Mining starts, or goes on with another job. */
  resume(nowMs: number, hashes: number): void {
    this.#observe(nowMs, hashes);
    this.#sinceMs = nowMs;
  }

  /** Mining ends. */
  pause(nowMs: number, hashes: number): void {
    this.#observe(nowMs, hashes);
    this.#sinceMs = undefined;
  }

  /** What was measured so far. */
  read(nowMs: number, hashes: number): Reading {
    this.#observe(nowMs, hashes);

    const first = this.#samples[0] ?? { activeMs: 0, hashes: 0 };
    const windowMs = this.#activeMs - first.activeMs;
    return {
      hashes,
      hashesPerSecond: windowMs > 0 ? (hashes - first.hashes) * 1_000 / windowMs : 0,
      activeMs: this.#activeMs,
    };
  }

  #observe(nowMs: number, hashes: number): void {
    if (this.#sinceMs !== undefined) {
      this.#activeMs += nowMs - this.#sinceMs;
      this.#sinceMs = nowMs;
    }

    const last = this.#samples.at(-1);
    if (last !== undefined && this.#activeMs - last.activeMs < SAMPLE_MS) return;
    this.#samples.push({ activeMs: this.#activeMs, hashes });

    // The second sample, not the first, must stay inside the window: the rate then covers all of it.
    while ((this.#samples[1]?.activeMs ?? Infinity) < this.#activeMs - WINDOW_MS) {
      this.#samples.shift();
    }
  }
}
