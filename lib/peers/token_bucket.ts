/**
 * Budgets by time: so much a second, and a little more at once.
 *
 * @module
 */

export interface BucketSize {
  readonly perSecond: number;
  /** What may be spent at once after a rest. */
  readonly burst: number;
}

export class TokenBucket {
  readonly #size: BucketSize;
  #level: number;
  #atMs: number;

  constructor(size: BucketSize, nowMs: number) {
    this.#size = size;
    this.#level = size.burst;
    this.#atMs = nowMs;
  }

  /** Takes so much out; false, and nothing is taken, when it is not there. */
  take(nowMs: number, amount = 1): boolean {
    this.#fill(nowMs);
    if (this.#level < amount) return false;
    this.#level -= amount;
    return true;
  }

  /** Tells whether anything is left, without taking it. */
  hasAny(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#level > 0;
  }

  /** Takes out what was spent already: the level may fall below zero, and nothing is had until it is back. */
  charge(nowMs: number, amount: number): void {
    this.#fill(nowMs);
    this.#level -= amount;
  }

  /** Takes so much out, now or later; in how many milliseconds it is due. */
  takeLater(nowMs: number, amount = 1): number {
    this.charge(nowMs, amount);
    return this.#level >= 0 ? 0 : -this.#level * 1000 / this.#size.perSecond;
  }

  #fill(nowMs: number): void {
    const { perSecond, burst } = this.#size;
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#level = Math.min(burst, this.#level + passedMs * perSecond / 1000);
    this.#atMs = nowMs;
  }
}

/** One bucket for each name, in bounds: the one that was not asked for the longest time is forgotten. */
export class NamedBuckets {
  readonly #size: BucketSize;
  readonly #countMax: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(size: BucketSize, countMax: number) {
    this.#size = size;
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#buckets.size;
  }

  of(name: string, nowMs: number): TokenBucket {
    const bucket = this.#buckets.get(name) ?? new TokenBucket(this.#size, nowMs);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#countMax) break;
      this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
