/**
 * The room's memory: one picture of the network, and everybody who follows it.
 *
 * Events come in, go into the picture, and are handed on in batches. Whoever comes later gets the picture
 * first; whoever cannot keep up loses what waits for it and gets the picture anew. Messages go to those
 * who want them, and the room knows whether anybody does. Recorders are told everything.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { applyEvent } from "../page/apply_event.ts";
import { createView, type NetworkView } from "../page/network_view.ts";
import { snapshotOf } from "../page/snapshot.ts";

/** The most browsers at a time, and the most events that wait for one of them. */
export const FOLLOWERS_MAX = 32;
export const FOLLOWER_EVENTS_MAX = 50_000;
/** What a browser gets first. */
const SNAPSHOT_LIMITS = { heights: 2_000, transactions: 2_000, messages: 1_000 };

/** One browser's end. */
export interface Follower {
  /** Names it among those of this room. */
  readonly id: string;
  /** The next events; `undefined` once it is closed. The first ones may be a whole picture. */
  next(): Promise<FollowerBatch | undefined>;
  close(): void;
}

export interface FollowerBatch {
  /** The events make a picture of their own: what was before is forgotten. */
  readonly isFresh: boolean;
  readonly events: readonly FeedEvent[];
}

export interface RoomOptions {
  /** Told when the first one wants messages, and when nobody does any more. */
  readonly onMessagesWanted?: (areWanted: boolean) => void;
}

export class Room {
  readonly view: NetworkView;
  readonly #options: RoomOptions;
  #areMessagesWanted = false;
  readonly #followers = new Set<RoomFollower>();
  readonly #listeners = new Set<(events: readonly FeedEvent[]) => void>();
  #isClosed = false;

  constructor(head: FeedHead, options: RoomOptions = {}) {
    this.view = createView(head);
    this.#options = options;
  }

  get areMessagesWanted(): boolean {
    return this.#areMessagesWanted;
  }

  get followerCount(): number {
    return this.#followers.size;
  }

  /** Takes events in, in order. */
  tell(events: readonly FeedEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) applyEvent(this.view, event);
    const quiet = events.some(isMessage) ? events.filter((event) => !isMessage(event)) : events;
    for (const follower of this.#followers) follower.push(follower.wantsMessages ? events : quiet);
    for (const listener of this.#listeners) listener(events);
  }

  /** The picture as it is, for a follower that begins now. */
  snapshot(): FeedEvent[] {
    return snapshotOf(this.view, SNAPSHOT_LIMITS);
  }

  /** Hears everything from now on; the returned function ends that. */
  listen(listener: (events: readonly FeedEvent[]) => void): () => void {
    this.#listeners.add(listener);
    this.#lookWhoWants();
    return () => {
      this.#listeners.delete(listener);
      this.#lookWhoWants();
    };
  }

  /** Begins to follow; `undefined` when too many do already. */
  follow({ messages = true }: { readonly messages?: boolean } = {}): Follower | undefined {
    if (this.#followers.size >= FOLLOWERS_MAX || this.#isClosed) return undefined;
    const follower: RoomFollower = new RoomFollower(
      () => this.snapshot(),
      () => {
        this.#followers.delete(follower);
        this.#lookWhoWants();
      },
    );
    follower.wantsMessages = messages;
    this.#followers.add(follower);
    this.#lookWhoWants();
    return follower;
  }

  /** A follower starts or stops looking at messages; false when no follower has this name. */
  watchMessages(id: string, areWanted: boolean): boolean {
    for (const follower of this.#followers) {
      if (follower.id !== id) continue;
      follower.wantsMessages = areWanted;
      this.#lookWhoWants();
      return true;
    }
    return false;
  }

  close(): void {
    this.#isClosed = true;
    for (const follower of [...this.#followers]) follower.close();
  }

  #lookWhoWants(): void {
    const areWanted = this.#listeners.size > 0 ||
      [...this.#followers].some(({ wantsMessages }) => wantsMessages);
    if (areWanted === this.#areMessagesWanted) return;
    this.#areMessagesWanted = areWanted;
    this.#options.onMessagesWanted?.(areWanted);
  }
}

function isMessage({ kind }: FeedEvent): boolean {
  return kind === "message";
}

class RoomFollower implements Follower {
  readonly id: string = crypto.randomUUID();
  wantsMessages = true;
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
    if (this.#isFresh || events.length === 0) return;
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
      const events = this.#snapshot();
      return {
        isFresh: true,
        events: this.wantsMessages ? events : events.filter((event) => !isMessage(event)),
      };
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
