/**
 * The routes that other nodes call: `/p2p/v1`. Nothing here can spend.
 *
 * ```
 * POST /hello                       a signed hello; answered with a session or a refusal
 * GET  /identity?challenge=&nonce=  was that hello yours?
 * GET  /stream                      the session's one stream of batches (WebSocket)
 * ```
 *
 * Bodies are bytes (`lib/wire/handshake.ts`, `lib/wire/batch.ts`); refusals are the API's JSON.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Result } from "../result.ts";
import { HELLO_SIZE_BYTES_MAX, NONCE_SIZE_BYTES } from "../wire/handshake.ts";

/** What the routes need of the transport behind them. */
export interface P2pPort {
  answerHello(
    bytes: Uint8Array,
  ): Promise<Result<Uint8Array<ArrayBuffer>, { readonly code: string; readonly text: string }>>;
  confirmHello(
    question: { readonly challenge: string; readonly nonce: string },
  ): Uint8Array<ArrayBuffer> | undefined;
  openStream(session: string): ((socket: WebSocket) => void) | undefined;
}

/** A peer that says nothing for so long is asked for a sign of life, and left when it gives none. */
const STREAM_IDLE_TIMEOUT_SEC = 30;

const NONCE_PATTERN = new RegExp(`^[0-9a-f]{${2 * NONCE_SIZE_BYTES}}$`);

type RefusalStatus = 400 | 401 | 403 | 404 | 413 | 422 | 426 | 503;

/** Makes the routes, to be mounted under `/p2p/v1`. */
export function createP2pRoutes(port: P2pPort): Hono {
  const limit = bodyLimit({
    maxSize: HELLO_SIZE_BYTES_MAX,
    onError: (context) =>
      refuse(context, 413, {
        code: "body-too-large",
        text:
          `Cannot take the hello: got a larger body, wanted at most ${HELLO_SIZE_BYTES_MAX} bytes`,
      }),
  });

  return new Hono()
    .post("/hello", limit, async (context) => {
      const answer = await port.answerHello(new Uint8Array(await context.req.arrayBuffer()));
      if (!answer.ok) return refuse(context, statusOf(answer.error.code), answer.error);
      return bytesResponse(context, answer.value);
    })
    .get("/identity", (context) => {
      const { challenge = "", nonce = "" } = context.req.query();
      if (!NONCE_PATTERN.test(challenge) || !NONCE_PATTERN.test(nonce)) {
        return refuse(context, 400, {
          code: "request-malformed",
          text: "Cannot confirm a hello: got another query, wanted challenge and nonce as hex",
        });
      }
      const identity = port.confirmHello({ challenge, nonce });
      if (identity !== undefined) return bytesResponse(context, identity);
      return refuse(context, 404, {
        code: "hello-unknown",
        text: "Cannot confirm a hello: got a nonce that is not waiting for an answer",
      });
    })
    .get("/stream", (context) => {
      if (context.req.header("upgrade")?.toLowerCase() !== "websocket") {
        return refuse(context, 426, {
          code: "upgrade-required",
          text: "Cannot open a stream: got a plain request, wanted a WebSocket",
        });
      }
      const session = context.req.header("authorization")?.replace(/^Bearer /, "") ?? "";
      const serve = port.openStream(session);
      if (serve === undefined) {
        return refuse(context, 401, {
          code: "session-unknown",
          text: "Cannot open a stream: got no session that is waiting, wanted a hello first",
        });
      }
      const { socket, response } = Deno.upgradeWebSocket(context.req.raw, {
        idleTimeout: STREAM_IDLE_TIMEOUT_SEC,
      });
      serve(socket);
      return response;
    });
}

function bytesResponse(context: Context, bytes: Uint8Array<ArrayBuffer>): Response {
  return context.body(bytes, 200, { "content-type": "application/octet-stream" });
}

function refuse(
  context: Context,
  status: RefusalStatus,
  { code, text }: { readonly code: string; readonly text: string },
): Response {
  return context.json({ error: { code, message: text, evidence: {} } }, status);
}

function statusOf(code: string): RefusalStatus {
  switch (code) {
    case "hello-bad-signature":
      return 401;
    case "identity-mismatch":
      return 403;
    case "address-unreachable":
      return 422;
    case "peers-busy":
      return 503;
    default:
      return 400;
  }
}
