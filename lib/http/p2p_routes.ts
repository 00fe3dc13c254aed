/**
 * The routes that other nodes call: `/p2p/v2`. Nothing here can spend.
 *
 * ```
 * POST /handshake   an opening; answered with Noise message 2 or a refusal
 * GET  /stream      the end of the handshake; opens the one stream of it (WebSocket)
 * ```
 *
 * Nodes call each other under whatever name the operator gave, so the `Host` says nothing here; a page of a
 * browser always tells its `Origin`, which no node does, and is refused. Bodies are bytes
 * (`lib/wire/handshake.ts`); refusals are the API's JSON.
 *
 * A refusal comes late, and 100 leave in a second: who sends garbage gets few of them, and costs as little. So
 * many wait at a time and no more; beyond that the connection is closed.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Result } from "../result.ts";
import { OPENING_SIZE_BYTES, STREAM_REQUEST_SIZE_BYTES_MAX } from "../wire/handshake.ts";
import { plainAnswer, type PlainParts } from "./plain_answer.ts";

/** What the routes need of the transport behind them. */
export interface P2pPort {
  answerOpening(
    bytes: Uint8Array,
    address: string,
  ): Result<Uint8Array<ArrayBuffer>, P2pRefusal>;
  openStream(request: Uint8Array, address: string): Result<OpenedStream, P2pRefusal>;
}

/** A stream that may be opened. */
export interface OpenedStream {
  /** Serves the socket that was opened for it. */
  readonly serve: (socket: WebSocket) => void;
  /** Tells whether so much of a frame that is on its way may be kept; without it frames come whole. */
  readonly mayKeep?: ((sizeBytes: number) => boolean) | undefined;
}

export interface P2pRefusal {
  readonly code: string;
  readonly text: string;
}

/** What comes with a request. */
export interface P2pBindings {
  /** The caller's address; none in tests. */
  readonly remoteAddress?: string;
  /** What came with it, where it has been read already. */
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
  /** Opens the WebSocket that a request asks for; nothing where its connection cannot carry one. */
  readonly upgrade?: OpenWebSocket | undefined;
}

type OpenWebSocket = (
  request: Request,
  options: { readonly idleTimeout: number; readonly mayKeep?: OpenedStream["mayKeep"] },
) => { readonly socket: WebSocket; readonly response: Response } | undefined;

/** A peer that says nothing for so long is asked for a sign of life, and left when it gives none. */
const STREAM_IDLE_TIMEOUT_SEC = 30;

/** How late a refusal is at least, how long after the one before, and how many wait for that at a time. */
const REFUSAL_DELAY_MS = 200;
const REFUSAL_GAP_MS = 10;
export const REFUSALS_WAITING_MAX = 256;

const REQUEST_PATTERN = new RegExp(
  `^Noise ([A-Za-z0-9+/]{4,${4 * Math.ceil(STREAM_REQUEST_SIZE_BYTES_MAX / 3)}}={0,2})$`,
);

const BYTES_HEADERS = { "content-type": "application/octet-stream" };

type RefusalStatus = 400 | 401 | 403 | 405 | 413 | 426 | 503;

/** Answers an opening that somebody else has read: with bytes, or the JSON of a refusal. */
export type AnswerOpening = (bytes: Uint8Array, address: string) => Promise<PlainParts>;

/** Refusals on their way, however the request has come. */
export class LateRefusals {
  readonly #delayMs: number;
  readonly #gapMs: number;
  /** When the last of them leaves. */
  #lastAtMs = 0;
  /** The first in front. One timer for all: each is an object that outlives a collection. */
  readonly #waiting: { readonly atMs: number; readonly leave: () => void }[] = [];

  constructor(delayMs = REFUSAL_DELAY_MS, gapMs = REFUSAL_GAP_MS) {
    this.#delayMs = delayMs;
    this.#gapMs = gapMs;
  }

  /** Resolves when a refusal may leave. */
  async refuse(refusal: P2pRefusal): Promise<PlainParts> {
    if (this.#waiting.length >= REFUSALS_WAITING_MAX) {
      return refusalParts(statusOf(refusal.code), refusal, { connection: "close" });
    }
    // One by one: who asks again at once then comes one by one, too.
    const nowMs = performance.now();
    const atMs = Math.max(nowMs + this.#delayMs, this.#lastAtMs + this.#gapMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastAtMs = atMs;
    this.#waiting.push({ atMs, leave: resolve });
    if (this.#waiting.length === 1) this.#leaveAt(atMs, nowMs);
    await promise;
    return refusalParts(statusOf(refusal.code), refusal);
  }

  #leaveAt(atMs: number, nowMs: number): void {
    setTimeout(() => {
      this.#waiting.shift()?.leave();
      const [next] = this.#waiting;
      if (next !== undefined) this.#leaveAt(next.atMs, performance.now());
    }, Math.max(0, atMs - nowMs));
  }
}

/** The way of an opening that has been read without the framework. */
export function answerOpenings(
  port: Pick<P2pPort, "answerOpening">,
  late: LateRefusals,
): AnswerOpening {
  return async (bytes, address) => {
    const answer = port.answerOpening(bytes, address);
    if (answer.ok) return { status: 200, headers: BYTES_HEADERS, body: answer.value };
    return await late.refuse(answer.error);
  };
}

/** Makes the routes, to be mounted under `P2P_PATH`. */
export function createP2pRoutes(port: P2pPort, late: LateRefusals = new LateRefusals()): Hono {
  const refuseLarge = () =>
    refuse(413, {
      code: "body-too-large",
      text: `Cannot take the opening: got a larger body, wanted ${OPENING_SIZE_BYTES} bytes`,
    });
  const limit = bodyLimit({ maxSize: OPENING_SIZE_BYTES, onError: refuseLarge });

  return new Hono()
    .use(async (c, next) => {
      const origin = c.req.header("origin");
      if (origin === undefined) return await next();
      return refuse(403, {
        code: "origin-forbidden",
        text: `Cannot answer a page: got a request from "${origin.slice(0, 200)}", wanted a node`,
      });
    })
    .post("/handshake", async (c, next) => {
      const bytes = bindingsOf(c)?.body;
      return bytes === undefined ? await limit(c, next) : await answerOpening(c, bytes);
    }, async (c) => await answerOpening(c, new Uint8Array(await c.req.arrayBuffer())))
    .get("/stream", async (c) => {
      if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
        return refuse(426, {
          code: "upgrade-required",
          text: "Cannot open a stream: the request is no WebSocket's",
        });
      }
      const upgrade = upgradeOf(c);
      if (upgrade === undefined) {
        return refuse(426, {
          code: "stream-over-tls",
          text: "Cannot open a stream: got a connection over TLS, wanted a plain one",
        });
      }
      const request = readRequest(c.req.header("authorization") ?? "");
      const stream = port.openStream(request, addressOf(c));
      if (!stream.ok) return plainAnswer(await late.refuse(stream.error));
      const { serve, mayKeep } = stream.value;
      const opened = upgrade(c.req.raw, { idleTimeout: STREAM_IDLE_TIMEOUT_SEC, mayKeep });
      if (opened === undefined) {
        return refuse(400, {
          code: "request-malformed",
          text: "Cannot open a stream: the request's headers are no WebSocket's",
        });
      }
      serve(opened.socket);
      return opened.response;
    })
    .all("/handshake", (c) => refuseMethod(c, "POST"))
    .all("/stream", (c) => refuseMethod(c, "GET"));

  async function answerOpening(c: Context, bytes: Uint8Array): Promise<Response> {
    if (bytes.length > OPENING_SIZE_BYTES) return refuseLarge();
    const answer = port.answerOpening(bytes, addressOf(c));
    if (!answer.ok) return plainAnswer(await late.refuse(answer.error));
    return c.body(answer.value, 200, BYTES_HEADERS);
  }
}

function bindingsOf(c: Context): P2pBindings | undefined {
  return c.env;
}

function addressOf(c: Context): string {
  return bindingsOf(c)?.remoteAddress ?? "";
}

function upgradeOf(c: Context): OpenWebSocket | undefined {
  const bindings = bindingsOf(c);
  return bindings !== undefined && "upgrade" in bindings ? bindings.upgrade : Deno.upgradeWebSocket;
}

/** The bytes of `Authorization: Noise <base64>`; nothing when it is anything else. */
function readRequest(header: string): Uint8Array {
  const text = REQUEST_PATTERN.exec(header)?.[1];
  if (text === undefined) return new Uint8Array(0);
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return new Uint8Array(0);
  }
}

function refuseMethod(c: Context, allow: string): Response {
  const text = `Cannot take a ${c.req.method}: wanted a ${allow}`;
  return refuse(405, { code: "method-not-allowed", text }, { allow });
}

function refuse(
  status: RefusalStatus,
  refusal: P2pRefusal,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return plainAnswer(refusalParts(status, refusal, headers));
}

/** What strangers get most of, so it costs little. */
function refusalParts(
  status: RefusalStatus,
  { code, text }: P2pRefusal,
  headers: Readonly<Record<string, string>> = {},
): PlainParts {
  return {
    status,
    headers: {
      "content-type": "application/json",
      ...(status === 503 && { "retry-after": "1" }),
      ...headers,
    },
    body: JSON.stringify({ error: { code, message: text, evidence: {} } }),
  };
}

function statusOf(code: string): RefusalStatus {
  switch (code) {
    case "join-token-wrong":
    case "session-unknown":
    case "handshake-failed":
      return 401;
    case "identity-mismatch":
      return 403;
    case "protocol-version-unsupported":
      return 426;
    case "peers-busy":
      return 503;
    default:
      return 400;
  }
}
