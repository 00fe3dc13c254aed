/**
 * How far a node's clock is ahead of ours. The node is asked for its time again and again, as in the
 * Network Time Protocol: the quickest of the last answers counts, and half of its round trip is the error.
 *
 * @module
 */

const SAMPLES_MAX = 8;

export interface ClockSample {
  readonly askedMs: number;
  readonly answeredMs: number;
  /** What the node's clock said in between. */
  readonly nodeMs: number;
}

export interface ClockOffset {
  readonly offsetMs: number;
  readonly errorMs: number;
}

export class ClockMeter {
  #samples: ClockOffset[] = [];

  /** Forgets what was measured: the clock was moved on purpose. */
  reset(): void {
    this.#samples = [];
  }

  add({ askedMs, answeredMs, nodeMs }: ClockSample): void {
    const errorMs = (answeredMs - askedMs) / 2;
    this.#samples.push({ offsetMs: nodeMs - (askedMs + answeredMs) / 2, errorMs });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  /** The sample with the smallest error. */
  best(): ClockOffset | undefined {
    return this.#samples.reduce<ClockOffset | undefined>(
      (best, each) => best === undefined || each.errorMs < best.errorMs ? each : best,
      undefined,
    );
  }
}
