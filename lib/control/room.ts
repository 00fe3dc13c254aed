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
/** So many wait for a page that nobody looks at, before it is told. */
export const HIDDEN_EVENTS_MAX = 2_000;
/** What a browser gets first. */
const SNAPSHOT_LIMITS = { heights: 2_000, transactions: 2_000, messages: 1_000 };

/** What one browser follows the room by. */
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
  /** The events as JSON, without the brackets of their list. */
  readonly json: string;
}

/** What a browser wants to be told. */
export interface FollowerDetail {
  readonly messages: boolean;
  /** Nobody looks at it now: it is told rarely, and no messages. */
  readonly isHidden?: boolean | undefined;
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
    const all = new ToldEvents(events);
    const quiet = events.some(isMessage)
      ? new ToldEvents(events.filter((event) => !isMessage(event)))
      : all;
    for (const follower of this.#followers) follower.push(follower.wantsMessages ? all : quiet);
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
  follow(detail: FollowerDetail = { messages: true }): Follower | undefined {
    if (this.#followers.size >= FOLLOWERS_MAX || this.#isClosed) return undefined;
    const follower: RoomFollower = new RoomFollower(
      () => this.snapshot(),
      () => {
        this.#followers.delete(follower);
        this.#lookWhoWants();
      },
    );
    follower.setDetail(detail);
    this.#followers.add(follower);
    this.#lookWhoWants();
    return follower;
  }

  /** A follower wants to be told more, or less; false when no follower has this name. */
  setDetail(id: string, detail: FollowerDetail): boolean {
    for (const follower of this.#followers) {
      if (follower.id !== id) continue;
      follower.setDetail(detail);
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

/** Events that were told together; their text is made once for all who follow, if anybody does. */
class ToldEvents {
  readonly count: number;
  readonly #events: readonly FeedEvent[];
  #json: string | undefined;

  constructor(events: readonly FeedEvent[]) {
    this.count = events.length;
    this.#events = events;
  }

  get json(): string {
    return this.#json ??= JSON.stringify(this.#events).slice(1, -1);
  }
}

class RoomFollower implements Follower {
  readonly id: string = crypto.randomUUID();
  wantsMessages = true;
  #isHidden = false;
  readonly #snapshot: () => FeedEvent[];
  readonly #onClose: () => void;
  #waiting: ToldEvents[] = [];
  #waitingCount = 0;
  #isFresh = true;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(snapshot: () => FeedEvent[], onClose: () => void) {
    this.#snapshot = snapshot;
    this.#onClose = onClose;
  }

  setDetail({ messages, isHidden = false }: FollowerDetail): void {
    this.wantsMessages = messages && !isHidden;
    this.#isHidden = isHidden;
    // Who looks again is told at once what has happened meanwhile.
    if (!isHidden && this.#waitingCount > 0) this.#wake?.();
  }

  push(events: ToldEvents): void {
    // The picture that it gets holds them already.
    if (this.#isFresh || events.count === 0) return;
    if (this.#waitingCount + events.count > FOLLOWER_EVENTS_MAX) {
      this.#forget();
      this.#isFresh = true;
    } else {
      this.#waiting.push(events);
      this.#waitingCount += events.count;
    }
    if (!this.#isHidden || this.#waitingCount > HIDDEN_EVENTS_MAX) this.#wake?.();
  }

  async next(): Promise<FollowerBatch | undefined> {
    if (!this.#isFresh && !this.#isDue() && !this.#isClosed) {
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
        json: new ToldEvents(
          this.wantsMessages ? events : events.filter((event) => !isMessage(event)),
        ).json,
      };
    }
    const json = this.#waiting.map((told) => told.json).join(",");
    this.#forget();
    return { isFresh: false, json };
  }

  #isDue(): boolean {
    return this.#waitingCount > (this.#isHidden ? HIDDEN_EVENTS_MAX : 0);
  }

  #forget(): void {
    this.#waiting = [];
    this.#waitingCount = 0;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#wake?.();
    this.#onClose();
  }
}
