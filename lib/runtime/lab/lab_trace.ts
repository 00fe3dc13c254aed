/**
 * What a node has to tell the cluster that started it: kept in a bounded list until it is fetched.
 *
 * Nothing is kept while nobody listens, and messages only while whoever listens wants them. When there is
 * more than fits, the oldest goes and is counted. Refusals are counted by their codes. In a crowd, messages
 * that carry transactions, and transactions, are told by one in sixteen, chosen by what they are, so that
 * all nodes tell the same ones.
 *
 * @module
 */
import type { LabListener } from "../../http/lab_routes.ts";
import type { LabDetail, LabEvent } from "../../wire/lab.ts";
import type { Message } from "../../wire/message.ts";

/** The most events that wait to be fetched. */
export const TRACE_EVENTS_MAX = 20_000;
/** How many messages and transactions a second are told one by one. */
export const TRACE_MESSAGES_PER_SECOND_MAX = 600;
export const TRACE_TRANSACTIONS_PER_SECOND_MAX = 60;
/** How many announcements of blocks a second are told even so. */
const ANNOUNCEMENTS_PER_SECOND_MAX = 4_000;
/** The most codes that are counted apart between two lines; our own program has fewer. */
const CODES_MAX = 500;
/** How long a line gathers: a line costs both ends more than what stands in it. */
export const LINE_INTERVAL_MS = 200;
/** A line comes at the latest after this, so that a broken connection is noticed. */
const SILENCE_MS_MAX = 5_000;

export class LabTrace {
  readonly #clockMs: () => number;
  readonly #first: () => readonly LabEvent[];
  #waiting: LabEvent[] = [];
  #lost = 0;
  #untoldMessages = 0;
  #untoldTransactions = 0;
  readonly #refusals = new Map<string, number>();
  readonly #messages: Crowd;
  readonly #transactions: Crowd;
  #listener: object | undefined;
  #hasMessages = false;
  #wake: (() => void) | undefined;

  /**
   * @param first what a listener is told before anything else
   * @param roughMs a clock that costs little, and is exact enough to count by the second
   */
  constructor(
    clockMs: () => number,
    first: () => readonly LabEvent[],
    roughMs: () => number = clockMs,
  ) {
    this.#clockMs = clockMs;
    this.#first = first;
    this.#messages = new Crowd(roughMs, TRACE_MESSAGES_PER_SECOND_MAX);
    this.#transactions = new Crowd(roughMs, TRACE_TRANSACTIONS_PER_SECOND_MAX);
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
    this.#wake?.();
  }

  /**
   * Whether a message is to be told one by one; counts it when it is not.
   *
   * @param firstTxid of the transactions that it carries; empty when it carries none
   */
  takesMessage(type: Message["type"], firstTxid: string): boolean {
    if (!this.#hasMessages || this.#listener === undefined) return false;
    if (!this.#messages.isCrowded()) return true;
    const isTold = type === "transactions"
      ? isOfSample(firstTxid)
      : type === "compact-block" && this.#messages.count <= ANNOUNCEMENTS_PER_SECOND_MAX;
    if (!isTold) this.#untoldMessages++;
    return isTold;
  }

  /** Whether a transaction is to be told one by one; counts it when it is not. */
  takesTransaction(txid: string): boolean {
    if (this.#listener === undefined) return false;
    if (!this.#transactions.isCrowded() || isOfSample(txid)) return true;
    this.#untoldTransactions++;
    return false;
  }

  addRefusal(code: string): void {
    if (this.#listener === undefined) return;
    if (this.#refusals.size >= CODES_MAX && !this.#refusals.has(code)) return;
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
    this.#wake?.();
  }

  setDetail({ messages }: LabDetail): void {
    if (messages === this.#hasMessages) return;
    this.#hasMessages = messages;
    this.add({ e: "messages", at: this.#clockMs(), areTold: messages });
  }

  listen({ messages }: LabDetail): LabListener {
    const self = {};
    this.#wake?.();
    this.#listener = self;
    this.#hasMessages = messages;
    this.#waiting = [
      ...this.#first(),
      { e: "messages", at: this.#clockMs(), areTold: messages },
    ];
    this.#lost = 0;
    this.#untoldMessages = this.#untoldTransactions = 0;
    this.#refusals.clear();
    let lastLineMs = performance.now();
    return {
      next: async () => {
        if (this.#listener !== self) return undefined;
        const hasSome = this.#waiting.length > 0 || this.#refusals.size > 0;
        if (!hasSome) await this.#wait(SILENCE_MS_MAX);
        // What is rare is told at once; of what comes often, a line gathers.
        const gatherMs = lastLineMs + LINE_INTERVAL_MS - performance.now();
        if (gatherMs > 0) await this.#wait(gatherMs, { isPatient: true });
        if (this.#listener !== self) return undefined;
        lastLineMs = performance.now();
        return this.#takeLine();
      },
      close: () => {
        if (this.#listener !== self) return;
        this.#listener = undefined;
        this.#waiting = [];
        this.#refusals.clear();
        this.#wake?.();
      },
    };
  }

  #takeLine() {
    const events = this.#waiting;
    const lost = this.#lost;
    this.#waiting = [];
    this.#lost = 0;
    const at = this.#clockMs();
    for (const [code, count] of this.#refusals) events.push({ e: "refused", at, code, count });
    this.#refusals.clear();
    const messages = this.#untoldMessages;
    const transactions = this.#untoldTransactions;
    if (messages + transactions > 0) events.push({ e: "untold", at, messages, transactions });
    this.#untoldMessages = this.#untoldTransactions = 0;
    return { events, lost };
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

/** Counts by the second; a crowd lasts until a whole second was quiet. */
class Crowd {
  readonly #clockMs: () => number;
  readonly #perSecondMax: number;
  #second = 0;
  #isAfterCrowd = false;
  count = 0;

  constructor(clockMs: () => number, perSecondMax: number) {
    this.#clockMs = clockMs;
    this.#perSecondMax = perSecondMax;
  }

  /** Counts one more; true when there are too many to be told one by one. */
  isCrowded(): boolean {
    const second = Math.floor(this.#clockMs() / 1000);
    if (second !== this.#second) {
      this.#isAfterCrowd = this.count > this.#perSecondMax && second === this.#second + 1;
      this.#second = second;
      this.count = 0;
    }
    this.count++;
    return this.#isAfterCrowd || this.count > this.#perSecondMax;
  }
}

/** One in sixteen of everything that is named by a hash. */
function isOfSample(hash: string): boolean {
  return hash.startsWith("0");
}
