/**
 * Chooses the fastest of several kernels while they work.
 *
 * All kernels answer the same, so trying one costs only its slowness. Which is fastest depends on the
 * engine, its flags and the processor, and changes when the engine has optimized one of them; so the
 * race never ends: after an opening in which all take turns, the leader runs, and now and then another
 * one gets a single batch. Pure: the measurements come in.
 *
 * Called by the mining worker.
 *
 * @module
 */

/** Batches that each kernel runs before there is a leader. */
const OPENING_BATCHES = 8;

/** Every so many batches one is run by another kernel than the leader. */
const CHALLENGE_EVERY = 128;

/** A kernel's speed is the best of its last batches: the machine may be busy during any of them. */
const REMEMBERED_BATCHES = 4;

/** See the module. */
export class KernelRace {
  readonly #rates: number[][];
  #batchCount = 0;
  #leader = 0;
  #runner = 0;

  constructor(kernelCount: number) {
    this.#rates = Array.from({ length: kernelCount }, () => []);
  }

  /** The kernel that runs the next batch. */
  get runner(): number {
    return this.#runner;
  }

  /** The fastest kernel so far. */
  get leader(): number {
    return this.#leader;
  }

  /** Takes in what the runner did, and names the next. */
  record(hashes: number, tookMs: number): void {
    const rates = this.#rates[this.#runner]!;
    rates.push(hashes / Math.max(tookMs, 0.001));
    if (rates.length > REMEMBERED_BATCHES) rates.shift();

    const kernelCount = this.#rates.length;
    this.#batchCount++;
    this.#leader = this.#fastest();

    if (this.#batchCount < OPENING_BATCHES * kernelCount) {
      this.#runner = this.#batchCount % kernelCount;
      return;
    }

    // Challengers take turns; when the leader's own turn comes, nothing is lost.
    const challenge = this.#batchCount % CHALLENGE_EVERY === 0;
    const turn = this.#batchCount / CHALLENGE_EVERY % kernelCount;
    this.#runner = challenge ? turn : this.#leader;
  }

  #fastest(): number {
    const best = this.#rates.map((rates) => Math.max(0, ...rates));
    return best.indexOf(Math.max(...best));
  }
}
