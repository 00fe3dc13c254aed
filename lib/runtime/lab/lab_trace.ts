/**
 * What a node has to tell the cluster that started it: kept in a bounded list until it is fetched.
 *
 * Nothing is kept while nobody listens. When there is more than fits, the oldest goes and is counted. In
 * a second with very many messages, those that carry transactions are told by one in sixteen, chosen by
 * what they carry, so that both ends tell the same ones.
 *
 * @module
 */
import type { LabListener } from "../../http/lab_routes.ts";
import type { LabEvent } from "../../wire/lab.ts";

/** The most events that wait to be fetched. */
export const TRACE_EVENTS_MAX = 20_000;
/** How many messages a second are told one by one. */
export const TRACE_MESSAGES_PER_SECOND_MAX = 600;
const LINE_INTERVAL_MS = 50;
/** A line comes at the latest after this, so that a broken connection is noticed. */
const SILENCE_MS_MAX = 5_000;

type MessageLabEvent = Extract<LabEvent, { readonly e: "sent" | "got" }>;

export class LabTrace {
  readonly #clockMs: () => number;
  readonly #first: () => readonly LabEvent[];
  #waiting: LabEvent[] = [];
  #lost = 0;
  #untold = 0;
  #second = 0;
  #secondCount = 0;
  #listener: object | undefined;
  #wake: (() => void) | undefined;

  /** @param first what a listener is told before anything else */
  constructor(clockMs: () => number, first: () => readonly LabEvent[]) {
    this.#clockMs = clockMs;
    this.#first = first;
  }

  get isHeard(): boolean {
    return this.#listener !== undefined;
  }

  add(event: LabEvent): void {
    if (this.#listener === undefined) return;
    if (this.#waiting.length >= TRACE_EVENTS_MAX) {
      this.#waiting.splice(0, TRACE_EVENTS_MAX / 10);
      this.#lost += TRACE_EVENTS_MAX / 10;
    }
    this.#waiting.push(event);
    if (this.#waiting.length === 1) this.#wake?.();
  }

  addMessage(event: MessageLabEvent): void {
    const second = Math.floor(event.at / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondCount = 0;
    }
    this.#secondCount++;
    const isCrowded = this.#secondCount > TRACE_MESSAGES_PER_SECOND_MAX;
    if (isCrowded && (event.type !== "compact-block" || this.#secondCount > 4000)) {
      if (event.type !== "transactions" || !/^0/.test(event.detail)) {
        this.#untold++;
        return;
      }
    }
    this.add(event);
  }

  listen(): LabListener {
    const self = {};
    this.#wake?.();
    this.#listener = self;
    this.#waiting = [...this.#first()];
    this.#lost = 0;
    this.#untold = 0;
    return {
      next: async () => {
        if (this.#listener !== self) return undefined;
        if (this.#waiting.length === 0) await this.#wait(SILENCE_MS_MAX);
        else await this.#wait(LINE_INTERVAL_MS, { isPatient: true });
        if (this.#listener !== self) return undefined;
        const events = this.#waiting;
        const lost = this.#lost;
        this.#waiting = [];
        this.#lost = 0;
        if (this.#untold > 0) {
          events.push({ e: "untold", at: this.#clockMs(), messages: this.#untold });
          this.#untold = 0;
        }
        return { events, lost };
      },
      close: () => {
        if (this.#listener !== self) return;
        this.#listener = undefined;
        this.#waiting = [];
        this.#wake?.();
      },
    };
  }

  /** Waits for the first event, or, patiently, until a line has gathered. */
  #wait(ms: number, { isPatient = false } = {}): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        if (this.#wake === wake) this.#wake = undefined;
        resolve();
      };
      const wake = () => {
        if (!isPatient || this.#listener === undefined) finish();
      };
      const timer = setTimeout(finish, ms);
      this.#wake = wake;
    });
  }
}
