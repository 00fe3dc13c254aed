/**
 * Time in which this process ran: what a machine slept, or stood still, is no fault of an implementation.
 *
 * A laptop that is closed, a virtual machine that is paused, a process that is stopped: the clock goes on,
 * and every time-out would be over at once afterwards, though nobody had the time to answer. A tick twice a
 * second shows how long nothing ran.
 *
 * @module
 */

const TICK_MS = 500;
/** A busy machine is late by less. */
const LATE_MS = 1_500;

/** Counts a clock's time without its jumps. Pure: told the time, it never asks. */
export class AwakeClock {
  #lastMs: number;
  #lostMs = 0;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** The tick, as often as it can. */
  tick(nowMs: number): void {
    this.#lostMs += this.#jumpMs(nowMs);
    this.#lastMs = nowMs;
  }

  /** The time without what was lost, a jump that no tick has seen yet among it. */
  at(nowMs: number): number {
    return nowMs - this.#lostMs - this.#jumpMs(nowMs);
  }

  #jumpMs(nowMs: number): number {
    const lateMs = nowMs - this.#lastMs - TICK_MS;
    return lateMs > LATE_MS ? lateMs : 0;
  }
}

let clock: AwakeClock | undefined;

/** From now on, time in which this process stood still is not counted; for a process that only grades. */
export function watchForJumps(): void {
  const watched = clock ??= new AwakeClock(performance.now());
  Deno.unrefTimer(setInterval(() => watched.tick(performance.now()), TICK_MS));
}

/** Milliseconds from some moment on, without the time in which this process stood still. */
export function awakeMs(): number {
  const nowMs = performance.now();
  return clock?.at(nowMs) ?? nowMs;
}

/** Does something after a time in which this process ran; the answer calls it off. */
export function afterAwake(ms: number, work: () => void): () => void {
  const dueMs = awakeMs() + ms;
  let timer = setTimeout(look, ms);
  function look() {
    const restMs = dueMs - awakeMs();
    if (restMs < 1) work();
    else timer = setTimeout(look, restMs);
  }
  return () => clearTimeout(timer);
}
