/**
 * What is going to happen, ordered by virtual time: a binary heap on (time, sequence).
 *
 * Two events of one time come out in the order in which they were put in, so that a run is a function of
 * its seed. Times and events stand in parallel arrays: no object per entry, at millions of events.
 *
 * @module
 */

export class EventQueue<Event> {
  readonly #timesMs: number[] = [];
  readonly #sequences: number[] = [];
  readonly #events: Event[] = [];
  #nextSequence = 0;

  get size(): number {
    return this.#events.length;
  }

  /** How many events were ever put in. */
  get pushedCount(): number {
    return this.#nextSequence;
  }

  /** When the next event is due; Infinity when there is none. */
  get nextTimeMs(): number {
    return this.#timesMs[0] ?? Infinity;
  }

  push(timeMs: number, event: Event): void {
    const sequence = this.#nextSequence++;
    let index = this.#events.length;
    this.#timesMs.push(timeMs);
    this.#sequences.push(sequence);
    this.#events.push(event);

    while (index > 0) {
      const above = (index - 1) >> 1;
      if ((this.#timesMs[above] as number) <= timeMs) break;
      this.#copy(above, index);
      index = above;
    }
    this.#put(index, timeMs, sequence, event);
  }

  /** Takes the earliest event out. */
  pop(): Event | undefined {
    if (this.#events.length === 0) return undefined;
    const first = this.#events[0] as Event;
    const timeMs = this.#timesMs.pop() as number;
    const sequence = this.#sequences.pop() as number;
    const event = this.#events.pop() as Event;
    const size = this.#events.length;
    if (size === 0) return first;

    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= size) break;
      if (below + 1 < size && this.#isBefore(below + 1, below)) below++;
      const belowMs = this.#timesMs[below] as number;
      const isBelowFirst = belowMs < timeMs ||
        (belowMs === timeMs && (this.#sequences[below] as number) < sequence);
      if (!isBelowFirst) break;
      this.#copy(below, index);
      index = below;
    }
    this.#put(index, timeMs, sequence, event);
    return first;
  }

  #isBefore(a: number, b: number): boolean {
    const aMs = this.#timesMs[a] as number;
    const bMs = this.#timesMs[b] as number;
    return aMs < bMs ||
      (aMs === bMs && (this.#sequences[a] as number) < (this.#sequences[b] as number));
  }

  #copy(from: number, to: number): void {
    this.#timesMs[to] = this.#timesMs[from] as number;
    this.#sequences[to] = this.#sequences[from] as number;
    this.#events[to] = this.#events[from] as Event;
  }

  #put(index: number, timeMs: number, sequence: number, event: Event): void {
    this.#timesMs[index] = timeMs;
    this.#sequences[index] = sequence;
    this.#events[index] = event;
  }
}
