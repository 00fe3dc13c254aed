/**
 * What the page knows, and who is told when it changes: at most ten times a second, more
 * rarely where drawing takes long, not while nobody looks, and not while somebody clicks.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../../page/feed.ts";
import { applyEvent } from "../../page/apply_event.ts";
import { createView, type NetworkView } from "../../page/network_view.ts";
import { type OlderBlocks, takeOlderBlocks } from "../../page/older_blocks.ts";
import { browser, document } from "../../page/browser.ts";
import { isPressed } from "../../page/press.ts";
import type { RecorderStatus } from "./room_client.ts";

const DRAW_INTERVAL_MS = 100;
/** Drawing may take this share of the time; a slower machine draws less often, but at least this often. */
const DRAW_SHARE = 1 / 12;
const DRAW_INTERVAL_MS_MAX = 1_500;
/** How long a frame takes in which nothing is drawn. */
const IDLE_FRAME_MS = 17;

export interface PageState {
  readonly view: NetworkView | undefined;
  readonly connection: "starting" | "live" | "lost" | "locked" | "used" | "play";
  readonly recorder: RecorderStatus | null;
  /** The moment that is shown, on the feed's clock. */
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
  #hasDrawn = false;
  #intervalMs = DRAW_INTERVAL_MS;
  readonly #listeners = new Set<(state: PageState) => void>();

  constructor() {
    const tick = (timeMs: number) => {
      if (this.#hasDrawn) {
        this.#hasDrawn = false;
        const costMs = Math.max(0, timeMs - this.#drawnAtMs - IDLE_FRAME_MS);
        const wantedMs = costMs / DRAW_SHARE;
        this.#intervalMs = Math.max(
          DRAW_INTERVAL_MS,
          Math.min(DRAW_INTERVAL_MS_MAX, (this.#intervalMs + wantedMs) / 2),
        );
      }
      const isDue = timeMs - this.#drawnAtMs >= this.#intervalMs;
      if (this.#isDirty && isDue && !isPressed() && !document.hidden) {
        this.#drawnAtMs = timeMs;
        this.#hasDrawn = true;
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

  /** Takes in blocks from before the picture began. */
  takeOlder(older: OlderBlocks): void {
    if (this.#view !== undefined) takeOlderBlocks(this.#view, older);
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
