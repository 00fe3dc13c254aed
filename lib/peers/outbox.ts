/**
 * What waits to be sent to one peer, in order and in bounds: when it is full, the oldest goes.
 *
 * Losing a message is allowed, the nodes compare where they stand all the time; holding memory for a
 * peer that does not listen is not.
 *
 * @module
 */
import { BATCH_FILL_BYTES, BATCH_MESSAGES_MAX } from "../wire/batch.ts";
import type { MessageType } from "../wire/message.ts";

/** The most messages and bytes that wait for one peer. */
export const OUTBOX_MESSAGES_MAX = 8192;
export const OUTBOX_SIZE_BYTES_MAX = 32 * 1024 * 1024;

export interface OutgoingMessage {
  readonly type: MessageType;
  readonly bytes: Uint8Array;
  /** Not sent before this time: an injected latency. */
  readonly readyAtMs: number;
}

export class Outbox {
  #messages: OutgoingMessage[] = [];
  #first = 0;
  #sizeBytes = 0;
  #urgentCount = 0;
  #blockCount = 0;

  get count(): number {
    return this.#messages.length - this.#first;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Something waits that is more than transactions: it should not wait for company. */
  get isUrgent(): boolean {
    return this.#urgentCount > 0;
  }

  /** When the oldest message may go; `undefined` when there is none. */
  get readyAtMs(): number | undefined {
    return this.#messages[this.#first]?.readyAtMs;
  }

  /** Takes a message in; tells how many older ones it pushed out. */
  push(message: OutgoingMessage): number {
    this.#messages.push(message);
    this.#sizeBytes += message.bytes.length;
    if (message.type !== "transactions") this.#urgentCount++;
    if (message.type === "compact-block") this.#blockCount++;

    let dropped = 0;
    while (
      this.count > 1 &&
      (this.count > OUTBOX_MESSAGES_MAX || this.#sizeBytes > OUTBOX_SIZE_BYTES_MAX)
    ) {
      this.#shift();
      dropped++;
    }
    return dropped;
  }

  /** Takes out what goes into the next frame: messages that may go now, until the frame is full. */
  takeBatch(nowMs: number): OutgoingMessage[] {
    const batch: OutgoingMessage[] = [];
    let sizeBytes = 0;
    while (batch.length < BATCH_MESSAGES_MAX) {
      const next = this.#messages[this.#first];
      if (next === undefined || next.readyAtMs > nowMs) break;
      sizeBytes += 4 + next.bytes.length;
      if (batch.length > 0 && sizeBytes > BATCH_FILL_BYTES) break;
      batch.push(next);
      this.#shift();
    }
    return batch;
  }

  /**
   * Takes the oldest block out, before what waits in front of it; `undefined` when there is none, or it may not go
   * yet.
   */
  takeBlock(nowMs: number): OutgoingMessage | undefined {
    if (this.#blockCount === 0) return undefined;
    for (let index = this.#first; index < this.#messages.length; index++) {
      const message = this.#messages[index] as OutgoingMessage;
      if (message.type !== "compact-block") continue;
      if (message.readyAtMs > nowMs) return undefined;
      this.#messages.splice(index, 1);
      this.#uncount(message);
      return message;
    }
    return undefined;
  }

  /** Empties the box; tells how many messages were in it. */
  clear(): number {
    const dropped = this.count;
    this.#messages = [];
    this.#first = 0;
    this.#sizeBytes = 0;
    this.#urgentCount = 0;
    this.#blockCount = 0;
    return dropped;
  }

  #uncount({ type, bytes }: OutgoingMessage): void {
    this.#sizeBytes -= bytes.length;
    if (type !== "transactions") this.#urgentCount--;
    if (type === "compact-block") this.#blockCount--;
  }

  #shift(): void {
    const message = this.#messages[this.#first];
    if (message === undefined) return;
    this.#uncount(message);
    this.#first++;
    if (this.#first < 256 || this.#first * 2 < this.#messages.length) return;
    this.#messages = this.#messages.slice(this.#first);
    this.#first = 0;
  }
}
