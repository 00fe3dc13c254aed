/**
 * The way to one node at one URL: shakes hands, opens a stream, and starts again when it breaks.
 *
 * ```
 * idle → connecting (handshake, then stream) → open → … any failure → waiting (back-off) → idle
 * ```
 *
 * A failure drops what waits: losing messages is allowed, and the node says again what matters.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { NoiseCiphers } from "../crypto/noise_handshake.ts";
import { P2P_PATH } from "../wire/handshake.ts";
import type { Message } from "../wire/message.ts";
import type { StreamEndCode } from "./link_error.ts";
import type { LinkFaults } from "./link_faults.ts";
import { Outbox, type OutgoingMessage } from "./outbox.ts";
import type { StreamBudget } from "./peer_budgets.ts";
import { PeerStream } from "./peer_stream.ts";
import { type Caller, shakeHands } from "./shake_hands.ts";
import type { Traffic } from "./traffic.ts";

/** How patient links are. */
export interface LinkTiming {
  /** Time-out of the handshake, and again of the opening of the stream. */
  readonly connectTimeoutMs: number;
  /** Time-out of a frame's acknowledgement. */
  readonly ackTimeoutMs: number;
  readonly backOffMsMin: number;
  readonly backOffMsMax: number;
}

export const DEFAULT_LINK_TIMING: LinkTiming = {
  connectTimeoutMs: 5_000,
  ackTimeoutMs: 10_000,
  backOffMsMin: 50,
  backOffMsMax: 5_000,
};

/** What all links and streams of a node share. */
export interface LinkContext {
  readonly timing: LinkTiming;
  readonly faults: LinkFaults;
  readonly traffic: Traffic;
  readonly deliver: (from: PublicKey, messages: readonly Message[]) => Promise<void>;
  readonly overtake: (from: PublicKey, message: Message) => boolean;
  readonly onMisbehaved: (from: PublicKey, code: StreamEndCode) => void;
}

export interface LinkOptions {
  readonly url: string;
  /** Who is to be there; whoever is there when nobody is named. */
  readonly publicKey: PublicKey | undefined;
  readonly context: LinkContext;
  readonly caller: Caller;
  readonly budgetOf: (publicKey: PublicKey) => StreamBudget;
  readonly onConnected: (publicKey: PublicKey) => void;
  readonly onFailed: (publicKey: PublicKey | undefined, code: string) => void;
}

type LinkState = "idle" | "connecting" | "open" | "waiting" | "closed";

export class OutgoingLink {
  readonly #options: LinkOptions;
  readonly #outbox = new Outbox();
  readonly #closing = new AbortController();
  #state: LinkState = "idle";
  #wanted: PublicKey | undefined;
  #stream: PeerStream | undefined;
  #failureCount = 0;
  #waitTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#wanted = options.publicKey;
  }

  get url(): string {
    return this.#options.url;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Who is at the other end, while it is open. */
  get publicKey(): PublicKey | undefined {
    return this.isOpen ? this.#stream?.publicKey : undefined;
  }

  /** How far it is behind, in milliseconds; 0 while it is not open. */
  lagMs(nowMs: number): number {
    return this.isOpen ? this.#stream?.lagMs(nowMs) ?? 0 : 0;
  }

  /**
   * From now on expects this node at the URL; true if it is the one that was found there while nobody was
   * named.
   */
  keepTo(publicKey: PublicKey): boolean {
    if (!this.isOpen || this.#stream?.publicKey !== publicKey) return false;
    this.#wanted = publicKey;
    return true;
  }

  /** Puts a message into the outbox. */
  send(message: Omit<OutgoingMessage, "readyAtMs">): void {
    if (this.#state === "closed") return;
    const { faults, traffic } = this.#options.context;
    const readyAtMs = performance.now() + faults.latencyMs;
    traffic.messagesDropped += this.#outbox.push({ ...message, readyAtMs });
    if (this.#state === "open") this.#stream?.pumpSoon();
    if (this.#state === "idle") void this.#connect();
  }

  /** Opens the way, though there is nothing to send over it yet. */
  open(): void {
    if (this.#state === "idle") void this.#connect();
  }

  /** The peer has just been heard: no reason to wait any longer. */
  revive(): void {
    this.#failureCount = 0;
    if (this.#state !== "waiting") return;
    clearTimeout(this.#waitTimer);
    this.#goOn();
  }

  /** Ends the link for good; resolves when its socket is closed. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#closing.abort();
    clearTimeout(this.#waitTimer);
    this.#options.context.traffic.messagesDropped += this.#outbox.clear();
    await this.#stream?.close();
  }

  #goOn(): void {
    this.#state = "idle";
    if (this.#outbox.count > 0) void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#state = "connecting";
    const { url, caller, context: { timing } } = this.#options;
    const host = await shakeHands(caller, {
      url,
      wanted: this.#wanted,
      timeoutMs: timing.connectTimeoutMs,
      signal: this.#closing.signal,
    });
    if (this.#state !== "connecting") return;
    if ("code" in host) return this.#fail(host.code);
    this.#openStream(host);
  }

  #openStream(
    { publicKey, streamRequest, ciphers }: {
      readonly publicKey: PublicKey;
      readonly streamRequest: Uint8Array;
      readonly ciphers: NoiseCiphers;
    },
  ): void {
    const { url, context, budgetOf } = this.#options;
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}${P2P_PATH}/stream`, {
      headers: { authorization: `Noise ${streamRequest.toBase64()}` },
    });
    const timer = setTimeout(() => stream.end("timeout"), context.timing.connectTimeoutMs);
    let hasOpened = false;
    const stream = new PeerStream(socket, {
      publicKey,
      ciphers,
      outbox: this.#outbox,
      budget: budgetOf(publicKey),
      ackTimeoutMs: context.timing.ackTimeoutMs,
      faults: context.faults,
      traffic: context.traffic,
      deliver: context.deliver,
      overtake: context.overtake,
      onMisbehaved: context.onMisbehaved,
      onProgress: () => {
        this.#failureCount = 0;
      },
      onEnded: (code) => {
        clearTimeout(timer);
        if (this.#stream !== stream) return;
        this.#stream = undefined;
        this.#fail(hasOpened || code === "timeout" ? code : "stream-refused");
      },
    });
    this.#stream = stream;
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      hasOpened = true;
      if (this.#state !== "connecting" || this.#stream !== stream) return;
      this.#state = "open";
      this.#options.onConnected(publicKey);
      stream.pumpSoon();
    });
  }

  #fail(code: string): void {
    if (this.#state === "closed") return;
    const { context: { timing, traffic }, onFailed } = this.#options;
    this.#state = "waiting";
    traffic.messagesDropped += this.#outbox.clear();
    const delayMs = Math.min(timing.backOffMsMax, timing.backOffMsMin * 2 ** this.#failureCount);
    this.#failureCount++;
    this.#waitTimer = setTimeout(() => this.#goOn(), delayMs);
    onFailed(this.#wanted, code);
  }
}
