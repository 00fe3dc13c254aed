/**
 * Hands the node's events to whoever listens, each listener with a bounded buffer of its own.
 *
 * An event becomes JSON text once, however many listen; nobody is asked for it while nobody listens. A
 * listener that does not keep up loses events and is told how many; it never slows the node down.
 *
 * @module
 */
import type { ApiEventJson, ApiEventType } from "../wire/api_events.ts";
import type { ApiPorts } from "./ports.ts";
import { eventJson } from "./present.ts";

/** The most listeners at a time. */
export const LISTENERS_MAX = 64;
/** The most events that wait for a slow listener. */
export const LISTENER_EVENTS_MAX = 1000;

/** An event on its way to a listener. */
export interface StreamedEvent {
  readonly type: ApiEventType;
  readonly data: string;
}

/** One listener's end. */
export interface Listener {
  /**
   * The next event, or `undefined` after `timeoutMs` without one, or when the listener was closed.
   */
  next(timeoutMs: number): Promise<StreamedEvent | undefined>;
  readonly isClosed: boolean;
  close(): void;
}

export interface EventHub {
  /** Starts to listen to these types; `undefined` when too many do already. */
  listen(types: ReadonlySet<ApiEventType>): Listener | undefined;
}

export function createEventHub(
  ports: Pick<ApiPorts, "node" | "nowMs" | "subscribe" | "stopping">,
): EventHub {
  const inboxes = new Set<Inbox>();
  let unsubscribe: (() => void) | undefined;
  const wallMs = () => ports.nowMs() + ports.node.wallOffsetMs;

  function forget(inbox: Inbox): void {
    inboxes.delete(inbox);
    if (inboxes.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
  }

  return {
    listen(types) {
      if (inboxes.size >= LISTENERS_MAX || ports.stopping.aborted) return undefined;
      const inbox = new Inbox(types, {
        nowMs: wallMs,
        onClose: () => {
          ports.stopping.removeEventListener("abort", close);
          forget(inbox);
        },
      });
      const close = () => inbox.close();
      ports.stopping.addEventListener("abort", close, { once: true });
      inboxes.add(inbox);
      unsubscribe ??= ports.subscribe((event) => {
        const json = eventJson(event, { node: ports.node, timeMs: wallMs() });
        if (json === undefined) return;
        const streamed = streamedEvent(json);
        for (const each of inboxes) each.push(streamed);
      });
      return inbox;
    },
  };
}

class Inbox implements Listener {
  readonly #types: ReadonlySet<ApiEventType>;
  readonly #nowMs: () => number;
  readonly #onClose: () => void;
  readonly #waiting: StreamedEvent[] = [];
  #missed = 0;
  #wake: (() => void) | undefined;
  isClosed = false;

  constructor(
    types: ReadonlySet<ApiEventType>,
    { nowMs, onClose }: { readonly nowMs: () => number; readonly onClose: () => void },
  ) {
    this.#types = types;
    this.#nowMs = nowMs;
    this.#onClose = onClose;
  }

  push(event: StreamedEvent): void {
    if (!this.#types.has(event.type)) return;
    if (this.#waiting.length >= LISTENER_EVENTS_MAX) this.#missed++;
    else this.#waiting.push(event);
    this.#wake?.();
  }

  async next(timeoutMs: number): Promise<StreamedEvent | undefined> {
    if (this.#waiting.length === 0 && this.#missed === 0 && !this.isClosed) {
      await this.#wait(timeoutMs);
    }
    const event = this.#waiting.shift();
    if (event !== undefined || this.#missed === 0) return event;
    const missed = this.#missed;
    this.#missed = 0;
    return streamedEvent({ type: "lagged", timeMs: this.#nowMs(), missed });
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#waiting.length = 0;
    this.#missed = 0;
    this.#wake?.();
    this.#onClose();
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

function streamedEvent(json: ApiEventJson): StreamedEvent {
  return { type: json.type, data: JSON.stringify(json) };
}
