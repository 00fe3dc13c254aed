/**
 * The last events of a node, numbered, within bounds: where listeners read at their own pace, and where
 * one that was away goes on.
 *
 * Nobody's slowness costs memory: what is too old leaves the log, and a listener that had not read it is
 * told how many of its types it missed. Knows no listener and no clock.
 *
 * @module
 */
import type { ApiEventType } from "../wire/api_events.ts";

/** The most events of the log. */
export const LOG_EVENTS_MAX = 8192;
/** The most characters of all of them together. */
export const LOG_CHARACTERS_MAX = 4 * 1024 * 1024;

/** The most that is handed over at a time. */
export const BATCH_EVENTS_MAX = 256;
export const BATCH_CHARACTERS_MAX = 256 * 1024;

/** An event of the log. */
export interface LoggedEvent {
  /** 1, 2, 3, …, in the order of events. */
  readonly number: number;
  readonly type: ApiEventType;
  readonly data: string;
}

/** Some events, and how many of the wanted types were dropped before them. */
export interface EventBatch {
  readonly missed: number;
  readonly events: readonly LoggedEvent[];
  /** More of them wait than one batch holds. */
  readonly isFull: boolean;
}

/** Where a reader stands: after which event, and how many of each type it has passed. */
export interface Cursor {
  number: number;
  readonly passed: Map<ApiEventType, number>;

  /** Events that were dropped before the cursor was made: of which types, nobody remembers. */
  unread: number;
}

export class EventLog {
  readonly #maxEvents: number;
  readonly #events: LoggedEvent[] = [];
  readonly #pushed = new Map<ApiEventType, number>();
  readonly #dropped = new Map<ApiEventType, number>();
  #characters = 0;
  #lastNumber: number;

  /** @param lastNumber the number of the last event before the first of this log */
  constructor(maxEvents = LOG_EVENTS_MAX, lastNumber = 0) {
    this.#maxEvents = maxEvents;
    this.#lastNumber = lastNumber;
  }

  get lastNumber(): number {
    return this.#lastNumber;
  }

  push(type: ApiEventType, data: string): void {
    this.#events.push({ number: ++this.#lastNumber, type, data });
    this.#characters += data.length;
    add(this.#pushed, type, 1);
    while (this.#events.length > this.#maxEvents || this.#characters > LOG_CHARACTERS_MAX) {
      const oldest = this.#events.shift();
      if (oldest === undefined) break;
      this.#characters -= oldest.data.length;
      add(this.#dropped, oldest.type, 1);
    }
  }

  /** A cursor behind the newest event. */
  end(): Cursor {
    return { number: this.#lastNumber, passed: new Map(this.#pushed), unread: 0 };
  }

  /** A cursor behind an event that somebody has read before, if there has been such an event. */
  after(number: number): Cursor | undefined {
    if (number > this.#lastNumber) return undefined;
    const passed = new Map(this.#dropped);
    for (const event of this.#events) {
      if (event.number <= number) add(passed, event.type, 1);
    }
    return { number, passed, unread: Math.max(0, this.#firstNumber - 1 - number) };
  }

  /** The next events of these types, oldest first; moves the cursor behind what it looked at. */
  read(cursor: Cursor, types: ReadonlySet<ApiEventType>): EventBatch {
    const missed = this.#skipDropped(cursor, types);
    const events: LoggedEvent[] = [];
    let characters = 0;
    let isFull = false;
    for (let at = cursor.number + 1 - this.#firstNumber; at < this.#events.length; at++) {
      const event = this.#events[at];
      if (event === undefined) break;
      if (types.has(event.type)) {
        isFull = events.length >= BATCH_EVENTS_MAX || characters > BATCH_CHARACTERS_MAX;
        if (isFull) break;
        events.push(event);
        characters += event.data.length;
      }
      cursor.number = event.number;
      add(cursor.passed, event.type, 1);
    }
    return { missed, events, isFull };
  }

  get #firstNumber(): number {
    return this.#lastNumber - this.#events.length + 1;
  }

  #skipDropped(cursor: Cursor, types: ReadonlySet<ApiEventType>): number {
    if (cursor.number + 1 >= this.#firstNumber) return 0;
    let missed = cursor.unread;
    for (const type of types) {
      missed += (this.#dropped.get(type) ?? 0) - (cursor.passed.get(type) ?? 0);
    }
    cursor.number = this.#firstNumber - 1;
    cursor.unread = 0;
    cursor.passed.clear();
    for (const [type, count] of this.#dropped) cursor.passed.set(type, count);
    return missed;
  }
}

function add(counts: Map<ApiEventType, number>, type: ApiEventType, count: number): void {
  counts.set(type, (counts.get(type) ?? 0) + count);
}
