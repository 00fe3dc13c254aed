/**
 * How far a node's clock is ahead of ours, from questions and answers: as the network time protocol does
 * it, the quickest answer of the last few counts, and half its time is the error.
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

  /** The clock was moved on purpose: what was measured holds no more. */
  reset(): void {
    this.#samples = [];
  }

  add({ askedMs, answeredMs, nodeMs }: ClockSample): void {
    const errorMs = (answeredMs - askedMs) / 2;
    this.#samples.push({ offsetMs: nodeMs - (askedMs + answeredMs) / 2, errorMs });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  /** The surest of the last samples. */
  best(): ClockOffset | undefined {
    return this.#samples.reduce<ClockOffset | undefined>(
      (best, each) => best === undefined || each.errorMs < best.errorMs ? each : best,
      undefined,
    );
  }
}
