/**
 * The way to one node at one URL: shakes hands, opens a stream, sends batches, and starts again when it breaks.
 *
 * ```
 * idle → connecting (hello, then stream) → open → … any failure → waiting (back-off) → idle
 * ```
 *
 * Whatever gathers while the frames before are on their way goes with the next one. A few frames may be
 * unacknowledged at a time; one that stays so for too long fails the link. A failure drops what waits:
 * losing messages is allowed, and the node says again what matters.
 *
 * @module
 */
import { decodeAck, encodeBatch } from "../wire/batch.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { PROTOCOL_VERSION } from "../params.ts";
import { decodeHelloAnswer, encodeHello } from "../wire/handshake.ts";
import { fetchBytes } from "./fetch_bytes.ts";
import type { LinkFaults } from "./link_faults.ts";
import { Outbox, type OutgoingMessage } from "./outbox.ts";
import type { PendingHellos } from "./pending_hellos.ts";
import type { Traffic } from "./traffic.ts";

/** How patient links are. */
export interface LinkTiming {
  /** For the hello, the call back included; again for opening the stream. */
  readonly connectTimeoutMs: number;
  /** For the acknowledgement of a frame. */
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

export interface LinkOptions {
  readonly url: string;
  /** Who is to be there; whoever is there when nobody is named. */
  readonly publicKey: PublicKey | undefined;
  readonly own: { readonly keyPair: KeyPair; readonly url: string };
  readonly timing: LinkTiming;
  readonly faults: LinkFaults;
  readonly traffic: Traffic;
  readonly client: Deno.HttpClient;
  readonly pendingHellos: PendingHellos;
  readonly onConnected: (publicKey: PublicKey) => void;
  readonly onFailed: (publicKey: PublicKey | undefined, code: string) => void;
}

/** Frames that may be on their way at a time. */
const WINDOW_FRAMES = 4;
const REFUSAL_SIZE_BYTES_MAX = 4096;
const REFUSAL_CODE_PATTERN = /^[a-z][a-z-]{0,63}$/;

type LinkState = "idle" | "connecting" | "open" | "waiting" | "closed";

export class OutgoingLink {
  readonly #options: LinkOptions;
  readonly #outbox = new Outbox();
  readonly #closing = new AbortController();
  #state: LinkState = "idle";
  #wanted: PublicKey | undefined;
  #remote: PublicKey | undefined;
  #socket: WebSocket | undefined;
  #isPumping = false;
  #framesSent = 0;
  #framesAcked = 0;
  #failureCount = 0;
  #waitTimer: ReturnType<typeof setTimeout> | undefined;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #readyTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#wanted = options.publicKey;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Wants this node from now on, if it is who was found when nobody was named. */
  keepTo(publicKey: PublicKey): boolean {
    if (!this.isOpen || this.#remote !== publicKey) return false;
    this.#wanted = publicKey;
    return true;
  }

  /** Puts a message into the outbox. */
  send(message: Omit<OutgoingMessage, "readyAtMs">): void {
    if (this.#state === "closed") return;
    const readyAtMs = performance.now() + this.#options.faults.latencyMs;
    this.#options.traffic.messagesDropped += this.#outbox.push({ ...message, readyAtMs });
    this.#schedulePump();
  }

  /** The peer has just been heard: no reason to wait any longer. */
  revive(): void {
    this.#failureCount = 0;
    if (this.#state !== "waiting") return;
    clearTimeout(this.#waitTimer);
    this.#state = "idle";
    this.#schedulePump();
  }

  /** Ends the link for good; resolves when its socket is closed. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    const socket = this.#socket;
    this.#reset("closed");
    this.#closing.abort();
    if (socket !== undefined) await closeSocket(socket);
  }

  /** Once all effects of a step are done, so that they share a frame. */
  #schedulePump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#outbox.count === 0) return;
    if (this.#state === "idle") void this.#connect();
    if (this.#state !== "open") return;

    const nowMs = performance.now();
    while (this.#framesSent - this.#framesAcked < WINDOW_FRAMES) {
      const batch = this.#outbox.takeBatch(nowMs);
      if (batch.length === 0) break;
      this.#sendFrame(batch);
    }
    const { readyAtMs } = this.#outbox;
    if (readyAtMs === undefined || readyAtMs <= nowMs || this.#readyTimer !== undefined) return;
    this.#readyTimer = setTimeout(() => {
      this.#readyTimer = undefined;
      this.#pump();
    }, readyAtMs - nowMs);
  }

  #sendFrame(batch: readonly OutgoingMessage[]): void {
    const { traffic, faults, timing } = this.#options;
    if (faults.takesFrame()) {
      traffic.framesLost++;
      return;
    }
    this.#socket?.send(encodeBatch(batch.map(({ bytes }) => bytes)));
    for (const { type, bytes } of batch) traffic.countSent(type, bytes.length);
    traffic.framesSent++;
    this.#framesSent++;
    this.#ackTimer ??= setTimeout(() => this.#fail("timeout"), timing.ackTimeoutMs);
  }

  #takeAck(data: unknown): void {
    const count = data instanceof ArrayBuffer ? decodeAck(new Uint8Array(data)) : undefined;
    if (count === undefined || count <= this.#framesAcked || count > this.#framesSent) {
      return this.#fail("acknowledgement-malformed");
    }
    this.#framesAcked = count;
    clearTimeout(this.#ackTimer);
    this.#ackTimer = this.#framesSent === count
      ? undefined
      : setTimeout(() => this.#fail("timeout"), this.#options.timing.ackTimeoutMs);
    this.#pump();
  }

  async #connect(): Promise<void> {
    this.#state = "connecting";
    const answer = await this.#shakeHands();
    if (this.#state !== "connecting") return;
    if ("code" in answer) return this.#fail(answer.code);

    this.#remote = answer.publicKey;
    const code = await this.#openStream(answer.session);
    if (this.#state !== "connecting") return;
    if (code !== undefined) return this.#fail(code);

    this.#state = "open";
    this.#framesSent = 0;
    this.#framesAcked = 0;
    this.#failureCount = 0;
    this.#options.onConnected(answer.publicKey);
    this.#pump();
  }

  async #shakeHands(): Promise<{ publicKey: PublicKey; session: string } | { code: string }> {
    const { url, own, client, timing, pendingHellos } = this.#options;
    const wanted = this.#wanted;
    const nonce = pendingHellos.add();
    const hello = encodeHello({
      protocolVersion: PROTOCOL_VERSION,
      publicKey: own.keyPair.publicKey,
      url: own.url,
      recipient: wanted,
      nonce,
    }, own.keyPair);
    const outcome = await fetchBytes(`${url}/p2p/v1/hello`, {
      client,
      body: hello,
      timeoutMs: timing.connectTimeoutMs,
      sizeBytesMax: REFUSAL_SIZE_BYTES_MAX,
      signal: this.#closing.signal,
    });
    pendingHellos.remove(nonce);

    if (outcome.kind !== "answer") return { code: outcome.kind };
    if (outcome.status !== 200) return { code: refusalCodeOf(outcome.bytes) };
    const answer = decodeHelloAnswer(outcome.bytes, { nonce, sender: own.keyPair.publicKey });
    if (answer === undefined) return { code: "hello-answer-malformed" };
    const isOther = this.#wanted !== undefined && answer.publicKey !== this.#wanted;
    return isOther ? { code: "identity-mismatch" } : answer;
  }

  /** Resolves when the stream is open, or with the reason why it is not. */
  #openStream(session: string): Promise<string | undefined> {
    const { url, timing } = this.#options;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/p2p/v1/stream`, {
      headers: { authorization: `Bearer ${session}` },
    });
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const timer = setTimeout(() => {
      resolve("timeout");
      socket.close();
    }, timing.connectTimeoutMs);

    socket.onopen = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#takeAck(data);
    };
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = () => {
      clearTimeout(timer);
      resolve("stream-refused");
      if (this.#socket === socket && this.isOpen) this.#fail("connection-closed");
    };
    return promise;
  }

  #fail(code: string): void {
    if (this.#state === "closed") return;
    const { timing, onFailed } = this.#options;
    this.#reset("waiting");
    const delayMs = Math.min(timing.backOffMsMax, timing.backOffMsMin * 2 ** this.#failureCount);
    this.#failureCount++;
    this.#waitTimer = setTimeout(() => {
      this.#state = "idle";
      this.#pump();
    }, delayMs);
    onFailed(this.#wanted, code);
  }

  #reset(state: "waiting" | "closed"): void {
    const socket = this.#socket;
    this.#state = state;
    this.#socket = undefined;
    this.#remote = undefined;
    this.#options.traffic.messagesDropped += this.#outbox.clear();
    clearTimeout(this.#waitTimer);
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#readyTimer);
    this.#ackTimer = undefined;
    this.#readyTimer = undefined;
    socket?.close();
  }
}

/** Closes a socket and waits until it is, a little while at most. */
export async function closeSocket(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, 500);
  socket.addEventListener("close", () => resolve());
  socket.close();
  await promise;
  clearTimeout(timer);
}

/** The code in a refusal's JSON, as far as it is one. */
function refusalCodeOf(bytes: Uint8Array): string {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const code = (body as { error?: { code?: unknown } } | null)?.error?.code;
    if (typeof code === "string" && REFUSAL_CODE_PATTERN.test(code)) return code;
  } catch {
    // Not JSON: no node of ours.
  }
  return "hello-refused";
}
