/**
 * What went over the links, counted: messages and bytes by type and direction, and what was dropped.
 *
 * @module
 */
import type { MessageType } from "../wire/message.ts";

/** Messages of one type in one direction. */
export interface TrafficCount {
  readonly messages: number;
  readonly bytes: number;
}

export interface TrafficStats {
  readonly sent: Readonly<Partial<Record<MessageType, TrafficCount>>>;
  readonly received: Readonly<Partial<Record<MessageType, TrafficCount>>>;
  /** Frames that carried them. */
  readonly framesSent: number;
  readonly framesReceived: number;
  /** Messages that found no room in an outbox, or were in one when its link failed. */
  readonly messagesDropped: number;
  /** Frames that were lost by an injected fault. */
  readonly framesLost: number;
}

export class Traffic {
  readonly #sent = new Map<MessageType, { messages: number; bytes: number }>();
  readonly #received = new Map<MessageType, { messages: number; bytes: number }>();
  framesSent = 0;
  framesReceived = 0;
  messagesDropped = 0;
  framesLost = 0;

  countSent(type: MessageType, sizeBytes: number): void {
    count(this.#sent, type, sizeBytes);
  }

  countReceived(type: MessageType, sizeBytes: number): void {
    count(this.#received, type, sizeBytes);
  }

  stats(): TrafficStats {
    return {
      sent: Object.fromEntries(this.#sent),
      received: Object.fromEntries(this.#received),
      framesSent: this.framesSent,
      framesReceived: this.framesReceived,
      messagesDropped: this.messagesDropped,
      framesLost: this.framesLost,
    };
  }
}

function count(
  counts: Map<MessageType, { messages: number; bytes: number }>,
  type: MessageType,
  sizeBytes: number,
): void {
  const known = counts.get(type);
  if (known === undefined) {
    counts.set(type, { messages: 1, bytes: sizeBytes });
  } else {
    known.messages++;
    known.bytes += sizeBytes;
  }
}
