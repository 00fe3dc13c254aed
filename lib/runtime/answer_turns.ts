/**
 * Turns for answers that strangers ask for: one after the other, and only while answers have not taken more
 * of this process's time than they may, in all and for one address.
 *
 * ```
 * asks → first in line whose address has time → answers → the event loop goes round once → the next one
 *      ↘ waits too long: no turn
 * ```
 *
 * Most answers are made without a pause. Without the round in between, those that wait would be answered in
 * one go, and whoever pays meanwhile would wait for all of them.
 *
 * @module
 */
import { type BucketSize, NamedBuckets, TokenBucket } from "../peers/token_bucket.ts";

/** Milliseconds of this process that answers may take in a second. */
export interface TimeBudgets {
  readonly all: BucketSize;
  readonly perAddress: BucketSize;
}

/**
 * Ends a turn; what it took is taken out of the budgets, and what the answer's bytes take once it is over: they
 * have to be sent, kept until they are read, and collected.
 */
export type EndTurn = (sizeBytes: number) => void;

interface Waiting {
  readonly address: string;
  readonly untilMs: number;
  /** Nothing: it has waited for too long. */
  readonly begin: (end: EndTurn | undefined) => void;
}

/** How often it is looked whether there is time again for those that wait. */
const LOOK_MS = 25;
/** The longest that an answer which pauses keeps the next one waiting, and that it counts for. */
const ANSWER_MS_MAX = 100;
/** Bytes of answers that count as a millisecond. */
export const BYTES_PER_MS = 8 * 1024;
/** Addresses whose time is counted. */
const ADDRESSES_MAX = 4_096;

export class AnswerTurns {
  readonly #waitMsMax: number;
  readonly #all: TokenBucket;
  readonly #byAddress: NamedBuckets;
  /** The one that has waited longest first. Whoever asks bounds how many there are. */
  readonly #waiting = new Set<Waiting>();
  #isTaken = false;
  #spentMs = 0;
  #looking: ReturnType<typeof setTimeout> | undefined;

  constructor({ all, perAddress }: TimeBudgets, waitMsMax: number) {
    this.#waitMsMax = waitMsMax;
    this.#all = new TokenBucket(all, performance.now());
    this.#byAddress = new NamedBuckets(perAddress, ADDRESSES_MAX);
  }

  /** Milliseconds that answers have taken so far. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** How many wait for a turn. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Waits for a turn; `undefined` when none has come in time. */
  async take(address: string): Promise<EndTurn | undefined> {
    if (!this.#isTaken && this.#waiting.size === 0 && this.#hasTime(address)) {
      return this.#begin(address);
    }
    return await new Promise((begin) => {
      this.#waiting.add({ address, untilMs: performance.now() + this.#waitMsMax, begin });
      this.#lookIn(LOOK_MS);
    });
  }

  #hasTime(address: string): boolean {
    const nowMs = performance.now();
    return this.#all.hasAny(nowMs) && this.#byAddress.of(address, nowMs).hasAny(nowMs);
  }

  #begin(address: string): EndTurn {
    this.#isTaken = true;
    const startMs = performance.now();
    let isOver = false;
    const giveOn = () => {
      if (isOver) return;
      isOver = true;
      this.#isTaken = false;
      if (this.#waiting.size > 0) this.#lookIn(0);
    };
    // Whoever does pause after all keeps nobody waiting for long.
    const timer = setTimeout(giveOn, ANSWER_MS_MAX);
    return (sizeBytes) => {
      clearTimeout(timer);
      const nowMs = performance.now();
      // The timer had its turn: so had everybody else.
      const tookMs = (isOver ? ANSWER_MS_MAX : nowMs - startMs) + sizeBytes / BYTES_PER_MS;
      this.#spentMs += tookMs;
      this.#all.charge(nowMs, tookMs);
      this.#byAddress.of(address, nowMs).charge(nowMs, tookMs);
      giveOn();
    };
  }

  #lookIn(delayMs: number): void {
    if (this.#looking !== undefined && delayMs > 0) return;
    clearTimeout(this.#looking);
    this.#looking = setTimeout(() => {
      this.#looking = undefined;
      this.#look();
    }, delayMs);
  }

  /** Gives the turn to the first whose address has time, and gives those up that have waited too long. */
  #look(): void {
    const nowMs = performance.now();
    for (const waiting of this.#waiting) {
      const isLate = nowMs >= waiting.untilMs;
      if (!isLate && (this.#isTaken || !this.#hasTime(waiting.address))) continue;
      this.#waiting.delete(waiting);
      waiting.begin(isLate ? undefined : this.#begin(waiting.address));
    }
    if (this.#waiting.size > 0) this.#lookIn(LOOK_MS);
  }
}
