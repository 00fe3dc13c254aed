/**
 * What this node says on a stream: batches out of the outbox, a few frames on their way at a time.
 *
 * ```
 * outbox → batch → frame → on its way → acknowledged
 *                             ↘ for too long: late
 * ```
 *
 * Whatever gathers while the frames before are on their way goes with the next one; transactions alone wait
 * a few milliseconds for others, anything else takes them along at once. A block overtakes them all, since
 * others mine on the old tip until they know it.
 *
 * @module
 */
import { decodeAck, encodeBatch } from "../wire/batch.ts";
import type { LinkFaults } from "./link_faults.ts";
import type { Outbox, OutgoingMessage } from "./outbox.ts";
import type { Traffic } from "./traffic.ts";

/** Frames that this node has on their way at a time. */
export const WINDOW_FRAMES = 4;
/** And so many more, of a block alone. */
const BLOCK_FRAMES = 2;
/** Transactions follow the frame before no sooner than this, so that several share one. */
const COMPANY_MS_MAX = 10;

export interface FrameSenderOptions {
  readonly outbox: Outbox;
  readonly ackTimeoutMs: number;
  readonly faults: LinkFaults;
  readonly traffic: Traffic;
  readonly isOpen: () => boolean;
  readonly sendBatch: (content: Uint8Array) => void;
  /** A frame was not acknowledged in time. */
  readonly onLate: () => void;
}

export class FrameSender {
  readonly #options: FrameSenderOptions;
  #isPumping = false;
  /** Of the frames that are not acknowledged. */
  #sentAtMs: number[] = [];
  #ackMsMin = Infinity;
  /** When a frame was acknowledged last, or was sent while none was on its way. */
  #movedAtMs = -Infinity;
  #lastSentAtMs = -Infinity;
  #framesSent = 0;
  #framesAcked = 0;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #readyTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
  }

  /**
   * The age of the oldest thing that was said and is not taken by the other end. The time that an acknowledgement
   * takes at best is the way, not a delay.
   */
  lagMs(nowMs: number): number {
    const saidAtMs = Math.min(this.#sentAtMs[0] ?? nowMs, this.#options.outbox.readyAtMs ?? nowMs);
    const wayMs = Number.isFinite(this.#ackMsMin) ? this.#ackMsMin : 0;
    return Math.max(0, nowMs - saidAtMs - wayMs);
  }

  send(message: Omit<OutgoingMessage, "readyAtMs">): void {
    const { outbox, faults, traffic } = this.#options;
    const readyAtMs = performance.now() + faults.latencyMs;
    traffic.messagesDropped += outbox.push({ ...message, readyAtMs });
    this.pumpSoon();
  }

  /** Once all effects of a step are done, so that they share a frame. */
  pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  /** Takes an acknowledgement; false when it is none, or one of what was not sent. */
  takeAck(content: Uint8Array): boolean {
    const count = decodeAck(content);
    if (count === undefined || count <= this.#framesAcked || count > this.#framesSent) return false;
    const [sentAtMs] = this.#sentAtMs.splice(0, count - this.#framesAcked).slice(-1);
    this.#movedAtMs = performance.now();
    if (sentAtMs !== undefined) {
      this.#ackMsMin = Math.min(this.#ackMsMin, this.#movedAtMs - sentAtMs);
    }
    this.#framesAcked = count;
    this.#pump();
    return true;
  }

  stop(): void {
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#readyTimer);
    const { traffic, outbox } = this.#options;
    traffic.messagesDropped += outbox.clear();
  }

  #pump(): void {
    const { outbox, isOpen } = this.#options;
    if (!isOpen()) return;
    const nowMs = performance.now();
    while (this.#framesSent - this.#framesAcked < WINDOW_FRAMES) {
      const dueAtMs = this.#dueAtMs();
      if (dueAtMs === undefined) return;
      if (dueAtMs > nowMs) return this.#pumpAt(dueAtMs, nowMs);
      const batch = outbox.takeBatch(nowMs);
      if (batch.length === 0) return;
      this.#sendBatch(batch);
    }
    this.#sendBlocks(nowMs);
  }

  /** A block does not wait until the frames before it are taken, as long as the other end keeps room for it. */
  #sendBlocks(nowMs: number): void {
    const { outbox } = this.#options;
    while (this.#framesSent - this.#framesAcked < WINDOW_FRAMES + BLOCK_FRAMES) {
      const block = outbox.takeBlock(nowMs);
      if (block === undefined) return;
      this.#sendBatch([block]);
    }
  }

  /** When the next frame is to go; `undefined` when there is nothing to say. */
  #dueAtMs(): number | undefined {
    const { outbox } = this.#options;
    const { readyAtMs } = outbox;
    if (readyAtMs === undefined || outbox.isUrgent) return readyAtMs;
    return Math.max(readyAtMs, this.#lastSentAtMs + COMPANY_MS_MAX);
  }

  #pumpAt(dueAtMs: number, nowMs: number): void {
    if (this.#readyTimer !== undefined) return;
    this.#readyTimer = setTimeout(() => {
      this.#readyTimer = undefined;
      this.#pump();
    }, dueAtMs - nowMs);
  }

  #sendBatch(batch: readonly OutgoingMessage[]): void {
    const { traffic, faults, sendBatch } = this.#options;
    if (faults.takesFrame()) {
      traffic.framesLost++;
      return;
    }
    sendBatch(encodeBatch(batch.map(({ bytes }) => bytes)));
    for (const { type, bytes } of batch) traffic.countSent(type, bytes.length);
    traffic.framesSent++;
    this.#framesSent++;
    this.#lastSentAtMs = performance.now();
    if (this.#sentAtMs.length === 0) this.#movedAtMs = this.#lastSentAtMs;
    this.#sentAtMs.push(this.#lastSentAtMs);
    this.#ackTimer ??= this.#startAckTimer(this.#options.ackTimeoutMs);
  }

  /** One timer for many frames: most are acknowledged long before. */
  #startAckTimer(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#ackTimer = undefined;
      if (this.#sentAtMs.length === 0) return;
      const restMs = this.#movedAtMs + this.#options.ackTimeoutMs - performance.now();
      // Timers are exact to a millisecond.
      if (restMs < 1) return this.#options.onLate();
      this.#ackTimer = this.#startAckTimer(restMs);
    }, delayMs);
  }
}
