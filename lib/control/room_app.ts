/**
 * The room's HTTP side: the page, the feed, orders and what the page reads of the nodes.
 *
 * ```
 * request → host → page and its files
 *                → POST: origin → code for a token
 *                → token → feed, orders, payments, recording, a node's API (reading alone)
 * ```
 *
 * The page holds nothing of the network; whoever has no token sees an empty one. The token travels in a
 * header, which no other site's page can send, never in a URL. Nothing is loaded from elsewhere.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { stream } from "hono/streaming";
import { z } from "zod";
import { createHostGate, guardHost } from "../http/guards.ts";
import type { Result } from "../result.ts";
import { API_PATH } from "../wire/api_basics.ts";
import type { FeedHead, LinkFault, NodeFaults, NodeRunState } from "../page/feed.ts";
import { OLDER_HEIGHTS_MAX, type OlderBlocks } from "../page/older_blocks.ts";
import { type Order, orderSchema } from "./order.ts";
import type { PageMode } from "./page_html.ts";
import { addPageRoutes } from "./page_routes.ts";
import type { Follower, FollowerDetail } from "./room.ts";
import { addRequestGuards, addTokenGuard } from "./room_guards.ts";
import { NOT_HERE, readBody, type Refusal, refuse } from "./room_refusal.ts";
import type { Sessions } from "./session.ts";

/** What the room can do; a player can do less. */
export interface RoomPorts {
  readonly mode: PageMode;
  readonly head: FeedHead;
  readonly sessions: Sessions;
  /** The language of the page, if it is not the browser's to choose. */
  readonly language?: string | undefined;
  readonly onInternalError: (thrown: unknown) => void;
  follow?(detail: FollowerDetail): Follower | undefined;
  /** A page wants to be told more, or less; false when there is no such page. */
  setDetail?(follower: string, detail: FollowerDetail): boolean;
  order?(order: Order): Promise<Result<string, Refusal>>;
  pay?(
    payment: { readonly from: number; readonly to: string | number; readonly amount: number },
  ): Promise<Result<{ readonly txid: string }, Refusal>>;
  /** A summary of the nodes and links. */
  network?(): {
    readonly nodes: readonly {
      readonly id: number;
      readonly run: NodeRunState;
      readonly height: number | null;
      readonly tip: string | null;
      readonly faults: NodeFaults;
    }[];
    readonly links: readonly LinkFault[];
  };
  /** Blocks of these heights, for scrolling back; a node is asked when the room no longer has them. */
  older?(from: number, to: number): Promise<OlderBlocks>;
  /** Where a node's API is. */
  nodeUrl?(node: number): string | undefined;
  bookmark?(text: string): void;
  /** Tells a running lesson that the reader wants its next step. */
  goOn?(): void;
  readonly recorder?: RecorderPorts;
  /** The recording and its player as one page. */
  sharePage?(): Promise<Result<string, Refusal>>;
  /** The bytes of a recording's file. */
  readonly recording?: Uint8Array<ArrayBuffer>;
}

export interface RecorderPorts {
  status(): { readonly isRunning: boolean; readonly events: number; readonly isFull: boolean };
  start(): void;
  stop(): void;
  /** The recording so far, complete as a file; `undefined` when there is none. */
  file(): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

const CALL_MS_MAX = 10_000;
/** The longest that a feed is silent. */
const HEARTBEAT_MS = 5_000;
/** The paths of a node's API that the page may read. */
const READ_PATH_PATTERN =
  /^\/(?:status|params|ring|blocks|transactions|mempool|tips|audit|balances|history|rules)(?:\/[A-Za-z0-9]{1,100})?$/;

const detailSchema = z.strictObject({
  follower: z.string().max(100),
  messages: z.boolean(),
  isHidden: z.boolean().optional(),
});
const rangeSchema = z.object({
  from: z.coerce.number().int().min(0).max(1e9),
  to: z.coerce.number().int().min(0).max(1e9),
}).refine(({ from, to }) => from <= to && to - from < OLDER_HEIGHTS_MAX);
const codeSchema = z.strictObject({ code: z.string().max(200) });
const bookmarkSchema = z.strictObject({ text: z.string().max(200) });
const paymentSchema = z.strictObject({
  from: z.int().min(0),
  to: z.union([z.int().min(0), z.string().max(100)]),
  amount: z.number(),
});

export function createRoomApp(ports: RoomPorts): Hono {
  const { sessions } = ports;
  const app = new Hono();
  app.onError((thrown, c) => {
    ports.onInternalError(thrown);
    return refuse(c, 500, { code: "internal", message: "Cannot answer: the room made a mistake" });
  });
  app.notFound((c) =>
    refuse(c, 404, { code: "route-unknown", message: "Cannot answer: there is no such path" })
  );
  app.use(async (c, next) => {
    await next();
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Referrer-Policy", "no-referrer");
    c.header("Cross-Origin-Resource-Policy", "same-origin");
    c.header("Cross-Origin-Opener-Policy", "same-origin");
  });
  app.use(guardHost(createHostGate([])));

  addPageRoutes(app, { mode: ports.mode, language: ports.language });
  addRequestGuards(app);
  app.post("/room/session", async (c) => {
    const body = await readBody(c, codeSchema);
    if (!body.ok) return refuse(c, 400, body.error);
    const token = sessions.open(body.value.code);
    return token === undefined
      ? refuse(c, 401, {
        code: "code-used",
        message: "Cannot open: the link was used, or is too old",
      })
      : c.json({ token });
  });

  addTokenGuard(app, sessions);
  app.get(
    "/room/status",
    (c) =>
      c.json({
        mode: ports.mode,
        head: ports.head,
        recorder: ports.recorder?.status() ?? null,
        nodes: ports.network?.().nodes ?? [],
        links: ports.network?.().links ?? [],
        canGoOn: ports.goOn !== undefined,
      }),
  );
  app.post("/room/go-on", (c) => {
    if (ports.goOn === undefined) return refuse(c, 409, NOT_HERE);
    ports.goOn();
    return c.json({ done: true });
  });
  app.post("/room/link", (c) => c.json({ code: sessions.createCode() }));
  app.get("/room/feed", (c) => sendFeed(c, ports));
  app.post("/room/feed/detail", async (c) => {
    const body = await readBody(c, detailSchema);
    if (!body.ok) return refuse(c, 400, body.error);
    const { follower, ...detail } = body.value;
    return c.json({ done: ports.setDetail?.(follower, detail) ?? false });
  });
  app.get("/room/blocks", async (c) => {
    if (ports.older === undefined) return refuse(c, 409, NOT_HERE);
    const parsed = rangeSchema.safeParse(c.req.query());
    if (!parsed.success) {
      return refuse(c, 400, {
        code: "request-malformed",
        message: `Cannot tell blocks: wanted a range of at most ${OLDER_HEIGHTS_MAX} heights`,
      });
    }
    return c.json(await ports.older(parsed.data.from, parsed.data.to));
  });
  addOrderRoutes(app, ports);
  addRecordingRoutes(app, ports);
  app.get("/room/nodes/:node/*", (c) => readNode(c, ports.nodeUrl));
  return app;
}

/** Routes that change something: the network by an order or a payment, the feed by a bookmark. */
function addOrderRoutes(app: Hono, ports: RoomPorts): void {
  app.post("/room/orders", async (c) => {
    if (ports.order === undefined) return refuse(c, 409, NOT_HERE);
    const body = await readBody(c, orderSchema);
    if (!body.ok) return refuse(c, 400, body.error);
    const done = await ports.order(body.value);
    return done.ok ? c.json({ done: done.value }) : refuse(c, 409, done.error);
  });
  app.post("/room/payments", async (c) => {
    if (ports.pay === undefined) return refuse(c, 409, NOT_HERE);
    const body = await readBody(c, paymentSchema);
    if (!body.ok) return refuse(c, 400, body.error);
    const paid = await ports.pay(body.value);
    return paid.ok ? c.json(paid.value) : refuse(c, 409, paid.error);
  });
  app.post("/room/bookmarks", async (c) => {
    if (ports.bookmark === undefined) return refuse(c, 409, NOT_HERE);
    const body = await readBody(c, bookmarkSchema);
    if (!body.ok) return refuse(c, 400, body.error);
    ports.bookmark(body.value.text);
    return c.json({ done: true });
  });
}

function addRecordingRoutes(app: Hono, ports: RoomPorts): void {
  app.post("/room/recording/start", (c) => {
    ports.recorder?.start();
    return c.json(ports.recorder?.status() ?? null);
  });
  app.post("/room/recording/stop", (c) => {
    ports.recorder?.stop();
    return c.json(ports.recorder?.status() ?? null);
  });
  app.get("/room/recording", async (c) => {
    const bytes = ports.recording ?? await ports.recorder?.file();
    if (bytes === undefined) {
      return refuse(c, 409, {
        code: "nothing-recorded",
        message: "Cannot save the recording: none was started",
      });
    }
    c.header("Content-Type", "application/gzip");
    return c.body(bytes);
  });
  app.get("/room/recording/page", async (c) => {
    const shared = await ports.sharePage?.();
    if (shared === undefined) return refuse(c, 409, NOT_HERE);
    if (!shared.ok) return refuse(c, 409, shared.error);
    c.header("Content-Type", "application/octet-stream");
    return c.body(shared.value);
  });
}

function sendFeed(c: Context, ports: RoomPorts): Response {
  const follower = ports.follow?.({ messages: c.req.query("messages") === "true" });
  if (follower === undefined) {
    return refuse(c, 503, {
      code: "too-many-listeners",
      message: "Cannot follow: too many pages do already",
    });
  }
  c.header("Content-Type", "application/x-ndjson");
  c.header("X-Accel-Buffering", "no");
  return stream(c, async (out) => {
    out.onAbort(() => follower.close());
    await out.write(JSON.stringify({ head: ports.head, follower: follower.id }) + "\n");
    const heartbeat = setInterval(() => void out.write("\n"), HEARTBEAT_MS);
    try {
      let recorder = "";
      for (let batch = await follower.next(); batch; batch = await follower.next()) {
        const status = JSON.stringify(ports.recorder?.status() ?? null);
        const news = status === recorder ? "" : `,"recorder":${status}`;
        recorder = status;
        const { isFresh, json } = batch;
        await out.write(`{"isFresh":${isFresh},"events":[${json}]${news}}\n`);
      }
    } finally {
      clearInterval(heartbeat);
      follower.close();
    }
  });
}

/** Reads a node's API for the page, which has no other way to it. */
async function readNode(
  c: Context,
  nodeUrl: RoomPorts["nodeUrl"],
): Promise<Response> {
  const node = Number(c.req.param("node"));
  const url = nodeUrl?.(node);
  const path = new URL(c.req.url).pathname.replace(/^\/room\/nodes\/[^/]*/, "");
  if (url === undefined || !READ_PATH_PATTERN.test(path)) {
    return refuse(c, 404, {
      code: "route-unknown",
      message: "Cannot read: there is no such node or path",
    });
  }
  try {
    const response = await fetch(`${url}${API_PATH}${path}${new URL(c.req.url).search}`, {
      redirect: "error",
      signal: AbortSignal.timeout(CALL_MS_MAX),
    });
    return new Response(await response.arrayBuffer(), {
      status: response.status,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  } catch {
    return refuse(c, 502, {
      code: "node-unreachable",
      message: `Cannot read: node ${node} does not answer`,
    });
  }
}
