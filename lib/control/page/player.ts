/**
 * Plays a recording: gives the picture of any moment. Forwards it applies events; backwards it begins again
 * from the start.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../../page/feed.ts";
import { applyEvent } from "../../page/apply_event.ts";
import { createView, type NetworkView } from "../../page/network_view.ts";
import { browser } from "../../page/browser.ts";

export interface Mark {
  readonly at: number;
  readonly text: string;
  readonly kind: string;
}

/** Events that are not worth a step of their own. */
const QUIET_KINDS: ReadonlySet<string> = new Set(["gauges", "clocks", "spread", "unseen"]);

export class Player {
  readonly head: FeedHead;
  readonly #events: readonly FeedEvent[];
  /** When each event happens: never earlier than the one before. */
  readonly #times: Float64Array;
  readonly #onChange: (view: NetworkView) => void;
  #view: NetworkView;
  /** How many events are in the picture. */
  #count = 0;
  #atMs: number;
  #speed = 1;
  #isPlaying = false;
  #frameMs = 0;
  readonly beginMs: number;
  readonly endMs: number;
  /** Bookmarks of this reader come on top of those of the recording. */
  readonly marks: Mark[];

  constructor(
    head: FeedHead,
    events: readonly FeedEvent[],
    onChange: (view: NetworkView) => void,
  ) {
    this.head = head;
    this.#events = events;
    this.#onChange = onChange;
    this.#times = new Float64Array(events.length);
    let last = 0;
    events.forEach((event, index) => {
      last = Math.max(last, event.at);
      this.#times[index] = last;
    });
    // A recording that began in the middle has a picture of what was before: it begins after that.
    this.beginMs = head.origin === "simulation" ? 0 : beginOf(events, this.#times);
    this.endMs = Math.max(last, this.beginMs);
    this.#atMs = this.beginMs;
    this.#view = createView(head);
    this.marks = events.flatMap((event) =>
      event.kind === "mark" && event.mark !== "reorg"
        ? [{ at: event.at, text: event.text, kind: event.mark }]
        : []
    );
    const violation = this.marks.find(({ kind }) => kind === "violation");
    this.seek(violation === undefined ? this.beginMs : violation.at);
  }

  get atMs(): number {
    return this.#atMs;
  }
  get isPlaying(): boolean {
    return this.#isPlaying;
  }
  get speed(): number {
    return this.#speed;
  }
  get eventCount(): number {
    return this.#events.length;
  }
  get position(): number {
    return this.#count;
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#tell();
  }

  play(): void {
    if (this.#isPlaying) return;
    if (this.#atMs >= this.endMs) this.seek(this.beginMs);
    this.#isPlaying = true;
    this.#frameMs = performance.now();
    browser.requestAnimationFrame((nowMs) => this.#frame(nowMs));
    this.#tell();
  }

  pause(): void {
    this.#isPlaying = false;
    this.#tell();
  }

  seek(atMs: number): void {
    this.#atMs = Math.max(this.beginMs, Math.min(this.endMs, atMs));
    if (this.#count > 0 && (this.#times[this.#count - 1] as number) > this.#atMs) this.#restart();
    while (
      this.#count < this.#events.length && (this.#times[this.#count] as number) <= this.#atMs
    ) {
      this.#apply();
    }
    this.#tell();
  }

  /** Applies events, up to and including the next one that can be seen. */
  step(): void {
    this.#isPlaying = false;
    while (this.#count < this.#events.length) {
      const event = this.#events[this.#count] as FeedEvent;
      this.#apply();
      if (!QUIET_KINDS.has(event.kind)) break;
    }
    this.#atMs = this.#times[this.#count - 1] ?? this.beginMs;
    this.#tell();
  }

  stepBack(): void {
    this.#isPlaying = false;
    let count = this.#count - 1;
    while (count > 1 && QUIET_KINDS.has((this.#events[count - 1] as FeedEvent).kind)) count--;
    count = Math.max(1, count);
    if ((this.#times[count - 1] ?? 0) < this.beginMs) return this.seek(this.beginMs);
    this.#restart();
    while (this.#count < count) this.#apply();
    this.#atMs = this.#times[count - 1] as number;
    this.#tell();
  }

  bookmark(text: string): void {
    this.marks.push({ at: this.#atMs, text, kind: "bookmark" });
    this.marks.sort((a, b) => a.at - b.at);
    this.#tell();
  }

  #frame(nowMs: number): void {
    if (!this.#isPlaying) return;
    const passedMs = Math.max(0, nowMs - this.#frameMs);
    this.#frameMs = nowMs;
    this.seek(this.#atMs + passedMs * this.#speed);
    if (this.#atMs >= this.endMs) this.pause();
    else browser.requestAnimationFrame((next) => this.#frame(next));
  }

  #apply(): void {
    applyEvent(this.#view, this.#events[this.#count] as FeedEvent);
    this.#count++;
  }

  #restart(): void {
    this.#view = createView(this.head);
    this.#count = 0;
  }

  #tell(): void {
    this.#view.nowMs = Math.max(this.#view.nowMs, this.#atMs);
    this.#onChange(this.#view);
  }
}

/** The first moment after the picture with which a recording begins. */
function beginOf(events: readonly FeedEvent[], times: Float64Array): number {
  let begin = times[0] ?? 0;
  for (let index = 1; index < events.length; index++) {
    // The picture's events are not in order: the last that is older than one before belongs to it.
    if ((events[index] as FeedEvent).at < (times[index - 1] as number)) {
      begin = times[index] as number;
    }
  }
  return begin;
}

/** Reads a recording that the server has checked, or that is part of this page. */
export async function readRecording(
  packed: Blob,
): Promise<{ readonly head: FeedHead; readonly events: FeedEvent[] }> {
  const stream = packed.stream().pipeThrough(new DecompressionStream("gzip"));
  const lines = (await new Response(stream).text()).trimEnd().split("\n");
  const { head } = JSON.parse(lines[0] ?? "{}") as { readonly head: FeedHead };
  const events = lines.slice(1, -1).flatMap((line) => JSON.parse(line) as FeedEvent[]);
  return { head, events };
}

/** The bytes in a data block of the page. */
export function embeddedRecording(base64: string): Blob {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return new Blob([bytes]);
}
