/**
 * An open stream between this node and another, whoever has opened it: sealed frames in both directions.
 *
 * ```
 * outbox → FrameSender → sealed frame → … → opened, admitted → FrameReceiver → whoever stands behind
 * ```
 *
 * What comes in is checked for its size and its place before it is kept. A few frames may be unacknowledged at a
 * time, and one that stays so for too long ends the stream. Bytes that are no message end it, too.
 *
 * @module
 */
import { concatBytes } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { openFrame, sealFrame } from "../crypto/noise_frame.ts";
import type { NoiseCiphers } from "../crypto/noise_handshake.ts";
import type { Message } from "../wire/message.ts";
import { FrameReceiver } from "./frame_receiver.ts";
import { FrameSender } from "./frame_sender.ts";
import { STREAM_END_CODES, type StreamEndCode } from "./link_error.ts";
import type { LinkFaults } from "./link_faults.ts";
import type { Outbox, OutgoingMessage } from "./outbox.ts";
import type { StreamBudget } from "./peer_budgets.ts";
import type { Traffic } from "./traffic.ts";

/** The first byte of a frame's content. */
const FRAME_KINDS = { acknowledgement: 0, batch: 1 } as const;

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

export class PeerStream {
  readonly #socket: WebSocket;
  readonly #options: PeerStreamOptions;
  readonly #sender: FrameSender;
  readonly #receiver: FrameReceiver;
  #isEnded = false;

  /** @param socket is open, or about to be */
  constructor(socket: WebSocket, options: PeerStreamOptions) {
    this.#socket = socket;
    this.#options = options;
    const isOpen = () => this.isOpen;
    this.#sender = new FrameSender({
      ...options,
      isOpen,
      sendBatch: (content) => this.#sendFrame(FRAME_KINDS.batch, content),
      onLate: () => this.end("timeout"),
    });
    this.#receiver = new FrameReceiver({
      ...options,
      isOpen,
      sendAck: (content) => this.#sendFrame(FRAME_KINDS.acknowledgement, content),
      refuse: (code) => this.#refuse(code),
    });
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
   * not taken here.
   */
  lagMs(nowMs: number): number {
    return Math.max(this.#sender.lagMs(nowMs), this.#receiver.lagMs(nowMs));
  }

  send(message: Omit<OutgoingMessage, "readyAtMs">): void {
    this.#sender.send(message);
  }

  /** Once all effects of a step are done, so that they share a frame. */
  pumpSoon(): void {
    this.#sender.pumpSoon();
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

  #sendFrame(kind: number, content: Uint8Array): void {
    const frame = concatBytes([new Uint8Array([kind]), content]);
    this.#socket.send(sealFrame(this.#options.ciphers.send, frame));
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
    if (frame[0] === FRAME_KINDS.batch) return this.#receiver.receive(content, admission);
    admission();
    if (frame[0] !== FRAME_KINDS.acknowledgement) return this.#refuse("frame-malformed");
    if (!this.#sender.takeAck(content)) this.#refuse("acknowledgement-malformed");
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
    this.#receiver.stop();
    this.#options.budget.abandon();
    this.#sender.stop();
    this.#options.onEnded(code);
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
