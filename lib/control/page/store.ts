/**
 * What the page knows, and who is told when it changes: at most ten times a second, and not while nobody
 * looks.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../../page/feed.ts";
import { applyEvent, createView, type NetworkView } from "../../page/network_view.ts";
import { browser, document } from "../../page/browser.ts";
import type { RecorderStatus } from "./room_client.ts";

const DRAW_INTERVAL_MS = 100;

export interface PageState {
  readonly view: NetworkView | undefined;
  readonly connection: "starting" | "live" | "lost" | "locked" | "used" | "play";
  readonly recorder: RecorderStatus | null;
  /** Where the page stands in time: of the feed. */
  readonly nowMs: number;
}

export class PageStore {
  #view: NetworkView | undefined;
  #head: FeedHead | undefined;
  #connection: PageState["connection"] = "starting";
  #recorder: RecorderStatus | null = null;
  /** The feed's time minus the page's clock. */
  #aheadMs = 0;
  #isDirty = false;
  #drawnAtMs = 0;
  readonly #listeners = new Set<(state: PageState) => void>();

  constructor() {
    const tick = (timeMs: number) => {
      const isDue = timeMs - this.#drawnAtMs >= DRAW_INTERVAL_MS;
      if (this.#isDirty && isDue && !document.hidden) {
        this.#drawnAtMs = timeMs;
        this.#isDirty = false;
        for (const listener of this.#listeners) listener(this.state);
      }
      browser.requestAnimationFrame(tick);
    };
    browser.requestAnimationFrame(tick);
    setInterval(() => this.touch(), 1_000);
  }

  get state(): PageState {
    const view = this.#view;
    const nowMs = view === undefined
      ? 0
      : this.#connection === "live"
      ? performance.now() + this.#aheadMs
      : view.nowMs;
    return { view, connection: this.#connection, recorder: this.#recorder, nowMs };
  }

  subscribe(listener: (state: PageState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Something changed: it is drawn with the next frame that is due. */
  touch(): void {
    this.#isDirty = true;
  }

  begin(head: FeedHead): void {
    if (this.#head?.originMs !== head.originMs) this.#view = undefined;
    this.#head = head;
    this.#view ??= createView(head);
    this.touch();
  }

  take(events: readonly FeedEvent[], isFresh: boolean): void {
    if (this.#head === undefined) return;
    if (isFresh || this.#view === undefined) this.#view = createView(this.#head);
    for (const event of events) applyEvent(this.#view, event);
    const aheadMs = this.#view.nowMs - performance.now();
    if (isFresh || aheadMs > this.#aheadMs) this.#aheadMs = aheadMs;
    this.touch();
  }

  /** Shows a picture that somebody else makes: the player's. */
  show(view: NetworkView): void {
    this.#view = view;
    this.#head = view.head;
    this.touch();
  }

  connect(connection: PageState["connection"]): void {
    this.#connection = connection;
    this.touch();
  }

  record(status: RecorderStatus | null): void {
    this.#recorder = status;
    this.touch();
  }
}
