/**
 * What this node hears on a stream: frames that wait, are taken one after the other and acknowledged.
 *
 * ```
 * frame → waits → decoded, delivered → acknowledged
 *   ↘ a block in it: taken at once
 * ```
 *
 * A frame is acknowledged when whoever stands behind has room for it, two frames of transactions together, so
 * that a full queue slows the peer down instead of filling memory.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { decodeBatch, encodeAck } from "../wire/batch.ts";
import { decodeMessage, typeOfMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import { WINDOW_FRAMES } from "./frame_sender.ts";
import type { StreamEndCode } from "./link_error.ts";
import type { StreamBudget } from "./peer_budgets.ts";
import type { Traffic } from "./traffic.ts";

/**
 * A frame of transactions alone is acknowledged so long after it was taken, or with the next one: an
 * acknowledgement costs both ends as much as a small frame. Never more than half a window is held back. Payments
 * of a busy client come every 20 ms, so two of its frames share one.
 */
const ACK_MS_MAX = 45;
const ACK_FRAMES_MAX = WINDOW_FRAMES / 2;
/** Frames of the other one that may wait to be taken. */
const FRAMES_WAITING_MAX = 2 * WINDOW_FRAMES;

export interface FrameReceiverOptions {
  /** Who speaks. */
  readonly publicKey: PublicKey;
  readonly budget: StreamBudget;
  readonly traffic: Traffic;
  /** What comes in waits for this: whether it is to be taken at all. */
  readonly admitted?: Promise<boolean>;
  /** Takes a message at once, before what this peer has sent earlier and waits; false leaves it to its turn. */
  readonly overtake: (from: PublicKey, message: Message) => boolean;
  /** Resolves when there is room for more. */
  readonly deliver: (from: PublicKey, messages: readonly Message[]) => Promise<void>;
  readonly isOpen: () => boolean;
  readonly sendAck: (content: Uint8Array) => void;
  /** The other end broke the protocol. */
  readonly refuse: (code: StreamEndCode) => void;
}

interface WaitingFrame {
  readonly batch: Uint8Array;
  /** Places of messages that were taken before the frame's turn. */
  overtaken: ReadonlySet<number> | undefined;
  readonly arrivedAtMs: number;
  readonly release: () => void;
}

export class FrameReceiver {
  readonly #options: FrameReceiverOptions;
  #waiting: WaitingFrame[] = [];
  #isTaking = false;
  #isStopped = false;
  #framesTaken = 0;
  #framesTold = 0;
  #tellTimer: ReturnType<typeof setTimeout> | undefined;
  #pace:
    | { readonly timer: ReturnType<typeof setTimeout>; readonly resolve: () => void }
    | undefined;

  constructor(options: FrameReceiverOptions) {
    this.#options = options;
  }

  /** The age of the oldest thing that was heard and is not taken. */
  lagMs(nowMs: number): number {
    return Math.max(0, nowMs - (this.#waiting[0]?.arrivedAtMs ?? nowMs));
  }

  /** @param release gives back what the frame takes of the stream's budget */
  receive(batch: Uint8Array, release: () => void): void {
    if (this.#waiting.length >= FRAMES_WAITING_MAX) {
      release();
      return this.#options.refuse("peer-floods");
    }
    const arrivedAtMs = performance.now();
    const waiting: WaitingFrame = { batch, overtaken: undefined, arrivedAtMs, release };
    this.#waiting.push(waiting);
    if (this.#isTaking) this.#lookAhead(waiting);
    else void this.#takeAll();
  }

  stop(): void {
    this.#isStopped = true;
    for (const { release } of this.#waiting) release();
    this.#waiting = [];
    clearTimeout(this.#tellTimer);
    clearTimeout(this.#pace?.timer);
    this.#pace?.resolve();
  }

  /** A block does not wait until the signatures of the frames before it are verified. */
  #lookAhead(waiting: WaitingFrame): void {
    const { overtake, admitted, publicKey } = this.#options;
    if (admitted !== undefined) return;
    const overtaken = new Set<number>();
    for (const [index, bytes] of (decodeBatch(waiting.batch) ?? []).entries()) {
      if (typeOfMessage(bytes) !== "compact-block") continue;
      const message = decodeMessage(bytes);
      if (message !== undefined && overtake(publicKey, message)) overtaken.add(index);
    }
    if (overtaken.size > 0) waiting.overtaken = overtaken;
  }

  async #takeAll(): Promise<void> {
    const { budget, deliver, publicKey, admitted, refuse } = this.#options;
    this.#isTaking = true;
    if (admitted !== undefined && !await admitted) return;
    while (!this.#isStopped) {
      const next = this.#waiting[0];
      if (next === undefined) break;
      // What waits for its turn waits as bytes: messages take many times the memory.
      const parts = decodeBatch(next.batch) ?? [];
      const paceMs = budget.paceMs(parts.length);
      if (paceMs > 0) await this.#rest(paceMs);
      if (this.#isStopped) break;
      const messages = this.#decode(parts);
      if (messages === undefined) {
        refuse("message-malformed");
        break;
      }
      const { overtaken } = next;
      await deliver(
        publicKey,
        overtaken === undefined ? messages : messages.filter((_, index) => !overtaken.has(index)),
      );
      if (this.#isStopped) break;
      this.#waiting.shift();
      next.release();
      this.#framesTaken++;
      if (messages.every(({ type }) => type === "transactions")) this.#tellSoon();
      else this.#tell();
    }
    this.#isTaking = false;
  }

  /** Acknowledges what was taken. */
  #tell(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    if (!this.#options.isOpen() || this.#framesTold === this.#framesTaken) return;
    this.#framesTold = this.#framesTaken;
    this.#options.sendAck(encodeAck(this.#framesTaken));
  }

  #tellSoon(): void {
    if (this.#framesTaken - this.#framesTold >= ACK_FRAMES_MAX) return this.#tell();
    this.#tellTimer ??= setTimeout(() => this.#tell(), ACK_MS_MAX);
  }

  #decode(parts: readonly Uint8Array[]): Message[] | undefined {
    const { traffic } = this.#options;
    traffic.framesReceived++;
    const messages: Message[] = [];
    for (const bytes of parts) {
      const message = decodeMessage(bytes);
      if (message === undefined) return undefined;
      traffic.countReceived(message.type, bytes.length);
      messages.push(message);
    }
    return messages.length > 0 ? messages : undefined;
  }

  #rest(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pace = { timer: setTimeout(resolve, ms), resolve };
    return promise;
  }
}
