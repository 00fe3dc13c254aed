/**
 * Hands the node's events to whoever listens, from one bounded log that each reads at its own pace.
 *
 * An event becomes JSON text once, however many listen, and only if somebody wants its type. A listener
 * that does not keep up is told how many events it missed; one whose stream broke goes on behind the last
 * event that it had, for a while. Nobody slows the node down.
 *
 * Transactions come in two ways: each by itself, whole, or (`transactions-seen`) the ids of all that came
 * in one step, for who only wants to know when.
 *
 * @module
 */
import type { NodeEvent } from "../node/effect.ts";
import { receiverOf } from "../primitives/transaction.ts";
import { type ApiEventJson, type ApiEventType, EVENT_INTERVAL_MS } from "../wire/api_events.ts";
import { type Cursor, EventLog, type LoggedEvent } from "./event_log.ts";
import type { ApiPorts } from "./ports.ts";
import { eventJson } from "./present.ts";

/** The most listeners at a time. */
export const LISTENERS_MAX = 64;
/** How long events are kept for a listener that may come back. */
export const RESUME_MS_MAX = 60_000;
/** The most ids of one event. */
export const SEEN_IDS_MAX = 256;

/** An event on its way to a listener. */
export interface StreamedEvent {
  /** Names the event, for who wants to go on behind it; a `lagged` one has none. */
  readonly id?: string;
  readonly type: ApiEventType;
  readonly data: string;
}

/** One listener's end. */
export interface Listener {
  /** The next events; none after `timeoutMs` without one, or when the listener was closed. */
  next(timeoutMs: number): Promise<readonly StreamedEvent[]>;
  readonly isClosed: boolean;
  close(): void;
}

export interface ListenOptions {
  /** The event that was had before: the listener goes on behind it. */
  readonly afterId?: string | undefined;
  /**
   * Milliseconds from one piece to the next at least: what happens meanwhile shares it. Where more waits than one
   * holds, the next one comes at once.
   */
  readonly intervalMs?: number | undefined;
}

export interface EventHub {
  /** Starts to listen to these types; `undefined` when too many listen already. */
  listen(types: ReadonlySet<ApiEventType>, options?: ListenOptions): Listener | undefined;
}

export function createEventHub(
  ports: Pick<ApiPorts, "node" | "nowMs" | "subscribe" | "stopping" | "startedAtMs">,
  { logEventsMax }: { readonly logEventsMax?: number } = {},
): EventHub {
  const { node, nowMs, stopping } = ports;
  // A node that was started anew counts from 1 again: its events are others.
  const epoch = ports.startedAtMs.toString(36);
  const inboxes = new Set<Inbox>();
  let unsubscribe: (() => void) | undefined;
  let log = new EventLog(logEventsMax);
  let recorded = new Set<ApiEventType>();
  let leftAtMs = 0;
  let seen: { readonly timeMs: number; readonly txids: string[]; received: number } | undefined;
  stopping.addEventListener("abort", stop, { once: true });
  return { listen };

  function listen(
    types: ReadonlySet<ApiEventType>,
    { afterId, intervalMs = EVENT_INTERVAL_MS.min }: ListenOptions = {},
  ): Listener | undefined {
    if (inboxes.size >= LISTENERS_MAX || stopping.aborted) return undefined;
    const cursor = afterId === undefined ? log.end() : cursorAfter(afterId, types);
    unsubscribe ??= ports.subscribe(note);
    for (const type of types) recorded.add(type);
    const inbox = new Inbox(types, {
      log,
      cursor: cursor ?? log.end(),
      epoch,
      isLost: cursor === undefined,
      intervalMs,
      nowMs,
      onClose() {
        inboxes.delete(inbox);
        leftAtMs = nowMs();
      },
    });
    inboxes.add(inbox);
    return inbox;
  }

  /** The place behind an event; `undefined` when what followed it is not known here. */
  function cursorAfter(id: string, types: ReadonlySet<ApiEventType>): Cursor | undefined {
    const [, ownEpoch, number] = /^([0-9a-z]+)-([0-9]{1,15})$/.exec(id) ?? [];
    const wasRecorded = [...types].every((type) => recorded.has(type));
    return ownEpoch === epoch && wasRecorded ? log.after(Number(number)) : undefined;
  }

  function note(event: NodeEvent): void {
    if (inboxes.size === 0 && nowMs() - leftAtMs > RESUME_MS_MAX) return forget();
    if (event.type === "transaction") {
      if (recorded.has("transactions-seen")) noteSeen(event);
    } else flushSeen();
    if (!recorded.has(event.type)) return;
    const json = eventJson(event, { node, timeMs: nowMs() });
    if (json !== undefined) push(json);
  }

  /** What comes in one step leaves as one event. */
  function noteSeen({ transaction, own }: NodeEvent & { type: "transaction" }): void {
    if (seen === undefined) {
      seen = { timeMs: nowMs(), txids: [], received: 0 };
      queueMicrotask(flushSeen);
    }
    seen.txids.push(transaction.txid);
    if (!own && receiverOf(transaction) === node.config.keyPair.publicKey) seen.received++;
    if (seen.txids.length >= SEEN_IDS_MAX) flushSeen();
  }

  function flushSeen(): void {
    if (seen === undefined) return;
    const event = seen;
    seen = undefined;
    push({ type: "transactions-seen", ...event });
  }

  function push(json: ApiEventJson): void {
    log.push(json.type, JSON.stringify(json));
    for (const inbox of inboxes) inbox.wake(json.type);
  }

  /** Nobody came back in time, so the next listener starts from nothing. */
  function forget(): void {
    unsubscribe?.();
    unsubscribe = undefined;
    log = new EventLog(logEventsMax, log.lastNumber);
    recorded = new Set();
    seen = undefined;
  }

  function stop(): void {
    for (const inbox of inboxes) inbox.close();
    forget();
  }
}

class Inbox implements Listener {
  readonly #types: ReadonlySet<ApiEventType>;
  readonly #options: {
    readonly log: EventLog;
    readonly cursor: Cursor;
    readonly epoch: string;
    readonly intervalMs: number;
    readonly nowMs: () => number;
    readonly onClose: () => void;
  };
  #isLost: boolean;
  #wake: (() => void) | undefined;
  #endRest: (() => void) | undefined;
  #readAtMs = -Infinity;
  isClosed = false;

  constructor(
    types: ReadonlySet<ApiEventType>,
    { isLost, ...options }: {
      readonly log: EventLog;
      readonly cursor: Cursor;
      readonly epoch: string;
      /** The event that it had last is not known here. */
      readonly isLost: boolean;
      readonly intervalMs: number;
      readonly nowMs: () => number;
      readonly onClose: () => void;
    },
  ) {
    this.#types = types;
    this.#isLost = isLost;
    this.#options = options;
  }

  wake(type: ApiEventType): void {
    if (this.#types.has(type)) this.#wake?.();
  }

  async next(timeoutMs: number): Promise<readonly StreamedEvent[]> {
    await this.#rest();
    const at = this.#read();
    if (at.length > 0 || this.isClosed) return at;
    await this.#wait(timeoutMs);
    return this.#read();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#wake?.();
    this.#endRest?.();
    this.#options.onClose();
  }

  #read(): StreamedEvent[] {
    if (this.isClosed) return [];
    const { log, cursor, epoch } = this.#options;
    const { missed, events, isFull } = log.read(cursor, this.#types);
    // What did not fit into this piece comes at once.
    this.#readAtMs = isFull ? -Infinity : performance.now();
    const streamed = events.map(({ number, type, data }: LoggedEvent): StreamedEvent => ({
      id: `${epoch}-${number}`,
      type,
      data,
    }));
    if (this.#isLost) streamed.unshift(this.#lagged(null));
    else if (missed > 0) streamed.unshift(this.#lagged(missed));
    this.#isLost = false;
    return streamed;
  }

  /** Each piece costs the server as much as fifty events in it. */
  async #rest(): Promise<void> {
    const restMs = this.#readAtMs + this.#options.intervalMs - performance.now();
    if (restMs <= 0 || this.isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, restMs);
    this.#endRest = resolve;
    await promise;
    clearTimeout(timer);
    this.#endRest = undefined;
  }

  #lagged(missed: number | null): StreamedEvent {
    const json: ApiEventJson = { type: "lagged", timeMs: this.#options.nowMs(), missed };
    return { type: json.type, data: JSON.stringify(json) };
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      this.#wake = finish;
    });
  }
}
