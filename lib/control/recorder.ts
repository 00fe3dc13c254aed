/**
 * Records a room: everything from the moment it begins, after a picture of what was before.
 *
 * @module
 */
import { VERSION } from "../../build/build_info.ts";
import type { FeedHead } from "../page/feed.ts";
import { RecordingWriter } from "./recording.ts";
import type { Room } from "./room.ts";

export interface RecorderStatus {
  readonly isRunning: boolean;
  readonly events: number;
  readonly isFull: boolean;
}

export class Recorder {
  readonly #room: Room;
  readonly #head: FeedHead;
  #writer: RecordingWriter | undefined;
  #stop: (() => void) | undefined;

  constructor(room: Room, head: FeedHead) {
    this.#room = room;
    this.#head = head;
  }

  status(): RecorderStatus {
    return {
      isRunning: this.#stop !== undefined,
      events: this.#writer?.events ?? 0,
      isFull: this.#writer?.isFull ?? false,
    };
  }

  /** Begins anew; what was recorded before is forgotten. */
  start(): void {
    if (this.#stop !== undefined) return;
    const writer = new RecordingWriter(this.#head, VERSION);
    writer.add(this.#room.snapshot());
    this.#writer = writer;
    this.#stop = this.#room.listen((events) => writer.add(events));
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** What was recorded so far, as a whole file; `undefined` when nothing was. */
  async file(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#writer?.file();
  }
}
