/**
 * The room's memory: one picture of the network, and everybody who follows it.
 *
 * Events come in, go into the picture, and are handed on in batches. Whoever comes later gets the picture
 * first; whoever cannot keep up loses what waits for it and gets the picture anew. Recorders are told
 * everything.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { applyEvent, createView, type NetworkView } from "../page/network_view.ts";
import { snapshotOf } from "../page/snapshot.ts";

/** The most browsers at a time, and the most events that wait for one of them. */
export const FOLLOWERS_MAX = 32;
export const FOLLOWER_EVENTS_MAX = 50_000;
/** What a browser gets first. */
const SNAPSHOT_LIMITS = { heights: 2_000, transactions: 2_000, messages: 1_000 };

/** One browser's end. */
export interface Follower {
  /** The next events; `undefined` once it is closed. The first ones may be a whole picture. */
  next(): Promise<FollowerBatch | undefined>;
  close(): void;
}

export interface FollowerBatch {
  /** The events make a picture of their own: what was before is forgotten. */
  readonly isFresh: boolean;
  readonly events: readonly FeedEvent[];
}

export class Room {
  readonly view: NetworkView;
  readonly #followers = new Set<RoomFollower>();
  readonly #listeners = new Set<(events: readonly FeedEvent[]) => void>();
  #isClosed = false;

  constructor(head: FeedHead) {
    this.view = createView(head);
  }

  get followerCount(): number {
    return this.#followers.size;
  }

  /** Takes events in, in order. */
  tell(events: readonly FeedEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) applyEvent(this.view, event);
    for (const follower of this.#followers) follower.push(events);
    for (const listener of this.#listeners) listener(events);
  }

  /** The picture as it is, for who begins now. */
  snapshot(): FeedEvent[] {
    return snapshotOf(this.view, SNAPSHOT_LIMITS);
  }

  /** Hears everything from now on; the returned function ends that. */
  listen(listener: (events: readonly FeedEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Begins to follow; `undefined` when too many do already. */
  follow(): Follower | undefined {
    if (this.#followers.size >= FOLLOWERS_MAX || this.#isClosed) return undefined;
    const follower = new RoomFollower(
      () => this.snapshot(),
      () => this.#followers.delete(follower),
    );
    this.#followers.add(follower);
    return follower;
  }

  close(): void {
    this.#isClosed = true;
    for (const follower of [...this.#followers]) follower.close();
  }
}

class RoomFollower implements Follower {
  readonly #snapshot: () => FeedEvent[];
  readonly #onClose: () => void;
  #waiting: FeedEvent[] = [];
  #isFresh = true;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(snapshot: () => FeedEvent[], onClose: () => void) {
    this.#snapshot = snapshot;
    this.#onClose = onClose;
  }

  push(events: readonly FeedEvent[]): void {
    // The picture that it gets holds them already.
    if (this.#isFresh) return;
    if (this.#waiting.length + events.length > FOLLOWER_EVENTS_MAX) {
      this.#waiting = [];
      this.#isFresh = true;
    } else {
      for (const event of events) this.#waiting.push(event);
    }
    this.#wake?.();
  }

  async next(): Promise<FollowerBatch | undefined> {
    if (!this.#isFresh && this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#isClosed) return undefined;
    if (this.#isFresh) {
      this.#isFresh = false;
      return { isFresh: true, events: this.#snapshot() };
    }
    const events = this.#waiting;
    this.#waiting = [];
    return { isFresh: false, events };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = [];
    this.#wake?.();
    this.#onClose();
  }
}
