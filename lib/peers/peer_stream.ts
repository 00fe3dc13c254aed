/**
 * An open stream between this node and another, whoever has opened it: sealed frames in both directions.
 *
 * ```
 * outbox → batch → sealed frame → … → opened, admitted → waits → decoded, delivered → acknowledged
 * ```
 *
 * Whatever gathers while the frames before are on their way goes with the next one; transactions alone wait
 * a few milliseconds for others, anything else takes them along at once. A block overtakes them all, here
 * and at the other end, since others mine on the old tip until they know it. A few frames may be unacknowledged
 * at a time, and one that stays so for too long ends the stream. What comes in is checked for its size and
 * its place before it is kept. It is acknowledged when whoever stands behind has room for it, two frames of
 * transactions together, so that a full queue slows the peer down instead of filling memory. Bytes that are
 * no message end the stream.
 *
 * @module
 */
import { concatBytes } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { openFrame, sealFrame } from "../crypto/noise_frame.ts";
import type { NoiseCiphers } from "../crypto/noise_handshake.ts";
import { decodeAck, decodeBatch, encodeAck, encodeBatch } from "../wire/batch.ts";
import { decodeMessage, typeOfMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import { STREAM_END_CODES, type StreamEndCode } from "./link_error.ts";
import type { LinkFaults } from "./link_faults.ts";
import type { Outbox, OutgoingMessage } from "./outbox.ts";
import type { StreamBudget } from "./peer_budgets.ts";
import type { Traffic } from "./traffic.ts";

/** The first byte of a frame's content. */
const FRAME_KINDS = { acknowledgement: 0, batch: 1 } as const;
/** Frames that this node has on their way at a time. */
const WINDOW_FRAMES = 4;
/** And so many more, of a block alone. */
const BLOCK_FRAMES = 2;
/** Transactions follow the frame before no sooner than this, so that several share one. */
const COMPANY_MS_MAX = 10;
/**
 * A frame of transactions alone is acknowledged so long after it was taken, or with the next one: an
 * acknowledgement costs both ends as much as a small frame. Never more than half a window is held back. Payments
 * of a busy client come every 20 ms, so two of its frames share one.
 */
const ACK_MS_MAX = 45;
const ACK_FRAMES_MAX = WINDOW_FRAMES / 2;
/** Frames of the other one that may wait to be taken. */
const FRAMES_WAITING_MAX = 2 * WINDOW_FRAMES;

export interface PeerStreamOptions {
  /** Who is at the other end. */
  readonly publicKey: PublicKey;
  readonly ciphers: NoiseCiphers;
  readonly outbox: Outbox;
  readonly budget: StreamBudget;
  readonly ackTimeoutMs: number;
  readonly faults: LinkFaults;
  readonly traffic: Traffic;
  /** What comes in waits for this: whether it is to be taken at all. */
  readonly admitted?: Promise<boolean>;
  /** Takes a message at once, before what this peer has sent earlier and waits; false leaves it to its turn. */
  readonly overtake: (from: PublicKey, message: Message) => boolean;
  /** Resolves when there is room for more. */
  readonly deliver: (from: PublicKey, messages: readonly Message[]) => Promise<void>;
  readonly onMisbehaved: (from: PublicKey, code: StreamEndCode) => void;
  /** The other end has taken a frame, or sent one. */
  readonly onProgress: () => void;
  /** Called once, when the stream has ended. */
  readonly onEnded: (code: string) => void;
}

interface WaitingFrame {
  readonly batch: Uint8Array;
  /** Places of messages that were taken before the frame's turn. */
  overtaken: ReadonlySet<number> | undefined;
  readonly arrivedAtMs: number;
  readonly release: () => void;
}

export class PeerStream {
  readonly #socket: WebSocket;
  readonly #options: PeerStreamOptions;
  #waiting: WaitingFrame[] = [];
  #isTaking = false;
  #isEnded = false;
  #isPumping = false;
  /** Of the frames that are not acknowledged. */
  #sentAtMs: number[] = [];
  #ackMsMin = Infinity;
  /** When a frame was acknowledged last, or was sent while none was on its way. */
  #movedAtMs = -Infinity;
  #lastSentAtMs = -Infinity;
  #framesSent = 0;
  #framesAcked = 0;
  #framesTaken = 0;
  #framesTold = 0;
  #tellTimer: ReturnType<typeof setTimeout> | undefined;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #readyTimer: ReturnType<typeof setTimeout> | undefined;
  #pace:
    | { readonly timer: ReturnType<typeof setTimeout>; readonly resolve: () => void }
    | undefined;

  /** @param socket is open, or about to be */
  constructor(socket: WebSocket, options: PeerStreamOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.pumpSoon();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onerror = (event) => {
      if (event instanceof Event) event.preventDefault();
    };
    socket.onclose = ({ reason }) => this.#finish(codeOf(reason));
  }

  get isOpen(): boolean {
    return !this.#isEnded && this.#socket.readyState === WebSocket.OPEN;
  }

  get publicKey(): PublicKey {
    return this.#options.publicKey;
  }

  /**
   * How far the slower end is behind: the age of the oldest thing said here and not taken there, or heard and
   * not taken here. The time that an acknowledgement takes at best is the way, not a delay.
   */
  lagMs(nowMs: number): number {
    const saidAtMs = Math.min(this.#sentAtMs[0] ?? nowMs, this.#options.outbox.readyAtMs ?? nowMs);
    const heardAtMs = this.#waiting[0]?.arrivedAtMs ?? nowMs;
    const wayMs = Number.isFinite(this.#ackMsMin) ? this.#ackMsMin : 0;
    return Math.max(0, nowMs - saidAtMs - wayMs, nowMs - heardAtMs);
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

  /** Tells whether so much of a frame that is on its way may be kept; ends the stream when not. */
  mayKeep(sizeBytes: number): boolean {
    if (this.#isEnded) return false;
    const refusal = this.#options.budget.keep(sizeBytes);
    if (refusal !== undefined) this.#refuse(refusal);
    return refusal === undefined;
  }

  /** Ends the stream and tells the other end why. */
  end(code: StreamEndCode): void {
    if (this.#isEnded) return;
    this.#close(code);
    this.#finish(code);
  }

  /** Ends the stream and waits until its socket is closed, a little while at most. */
  async close(): Promise<void> {
    this.end("stream-ended");
    await untilClosed(this.#socket);
  }

  #pump(): void {
    if (!this.isOpen) return;
    const { outbox } = this.#options;
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
    const { traffic, faults } = this.#options;
    if (faults.takesFrame()) {
      traffic.framesLost++;
      return;
    }
    this.#sendFrame(FRAME_KINDS.batch, encodeBatch(batch.map(({ bytes }) => bytes)));
    for (const { type, bytes } of batch) traffic.countSent(type, bytes.length);
    traffic.framesSent++;
    this.#framesSent++;
    this.#lastSentAtMs = performance.now();
    if (this.#sentAtMs.length === 0) this.#movedAtMs = this.#lastSentAtMs;
    this.#sentAtMs.push(this.#lastSentAtMs);
    this.#ackTimer ??= this.#startAckTimer(this.#options.ackTimeoutMs);
  }

  #sendFrame(kind: number, content: Uint8Array): void {
    const frame = concatBytes([new Uint8Array([kind]), content]);
    this.#socket.send(sealFrame(this.#options.ciphers.send, frame));
  }

  /** One timer for many frames: most are acknowledged long before. */
  #startAckTimer(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#ackTimer = undefined;
      if (this.#sentAtMs.length === 0) return;
      const restMs = this.#movedAtMs + this.#options.ackTimeoutMs - performance.now();
      // Timers are exact to a millisecond.
      if (restMs < 1) return this.end("timeout");
      this.#ackTimer = this.#startAckTimer(restMs);
    }, delayMs);
  }

  #receive(data: unknown): void {
    if (this.#isEnded) return;
    if (!(data instanceof ArrayBuffer)) return this.#refuse("frame-malformed");
    const admission = this.#options.budget.admit(data.byteLength);
    if (typeof admission === "string") return this.#refuse(admission);
    const frame = openFrame(this.#options.ciphers.receive, new Uint8Array(data));
    // Somebody on the way may have made these bytes, so nobody is blamed.
    if (frame === undefined) {
      admission();
      return this.end("frame-undecipherable");
    }
    this.#options.onProgress();
    const content = frame.subarray(1);
    if (frame[0] === FRAME_KINDS.acknowledgement) {
      admission();
      return this.#takeAck(content);
    }
    if (frame[0] !== FRAME_KINDS.batch || this.#waiting.length >= FRAMES_WAITING_MAX) {
      admission();
      return this.#refuse(frame[0] === FRAME_KINDS.batch ? "peer-floods" : "frame-malformed");
    }
    const waiting: WaitingFrame = {
      batch: content,
      overtaken: undefined,
      arrivedAtMs: performance.now(),
      release: admission,
    };
    this.#waiting.push(waiting);
    if (this.#isTaking) this.#lookAhead(waiting);
    else void this.#takeAll();
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

  #takeAck(content: Uint8Array): void {
    const count = decodeAck(content);
    if (count === undefined || count <= this.#framesAcked || count > this.#framesSent) {
      return this.#refuse("acknowledgement-malformed");
    }
    const [sentAtMs] = this.#sentAtMs.splice(0, count - this.#framesAcked).slice(-1);
    this.#movedAtMs = performance.now();
    if (sentAtMs !== undefined) {
      this.#ackMsMin = Math.min(this.#ackMsMin, this.#movedAtMs - sentAtMs);
    }
    this.#framesAcked = count;
    this.#pump();
  }

  async #takeAll(): Promise<void> {
    const { budget, deliver, publicKey, admitted } = this.#options;
    this.#isTaking = true;
    if (admitted !== undefined && !await admitted) return;
    while (!this.#isEnded) {
      const next = this.#waiting[0];
      if (next === undefined) break;
      // What waits for its turn waits as bytes: messages take many times the memory.
      const parts = decodeBatch(next.batch) ?? [];
      const paceMs = budget.paceMs(parts.length);
      if (paceMs > 0) await this.#rest(paceMs);
      if (this.#isEnded) break;
      const messages = this.#decode(parts);
      if (messages === undefined) {
        this.#refuse("message-malformed");
        break;
      }
      const { overtaken } = next;
      await deliver(
        publicKey,
        overtaken === undefined ? messages : messages.filter((_, index) => !overtaken.has(index)),
      );
      if (this.#isEnded) break;
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
    if (!this.isOpen || this.#framesTold === this.#framesTaken) return;
    this.#framesTold = this.#framesTaken;
    this.#sendFrame(FRAME_KINDS.acknowledgement, encodeAck(this.#framesTaken));
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

  /** The other end broke the protocol. */
  #refuse(code: StreamEndCode): void {
    this.#options.onMisbehaved(this.publicKey, code);
    this.end(code);
  }

  #close(code: StreamEndCode): void {
    const { readyState } = this.#socket;
    if (readyState === WebSocket.CLOSING || readyState === WebSocket.CLOSED) return;
    this.#socket.close(STREAM_END_CODES[code], code);
  }

  #finish(code: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const { release } of this.#waiting) release();
    this.#waiting = [];
    this.#options.budget.abandon();
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#readyTimer);
    clearTimeout(this.#tellTimer);
    clearTimeout(this.#pace?.timer);
    this.#pace?.resolve();
    const { traffic, outbox, onEnded } = this.#options;
    traffic.messagesDropped += outbox.clear();
    onEnded(code);
  }
}

/** Waits until a socket is closed, a little while at most. */
async function untilClosed(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, 500);
  socket.addEventListener("close", () => resolve());
  await promise;
  clearTimeout(timer);
}

/** The reason that the other end gave, as far as it is one of ours. */
function codeOf(reason: string): string {
  const isKnown = Object.hasOwn(STREAM_END_CODES, reason) && reason !== "stream-ended";
  return isKnown ? reason : "connection-closed";
}
