/** The room's doors: who gets in, who does not, and what each refusal says. */
import assert from "node:assert/strict";
import { createRoomApp, type RoomPorts } from "./room_app.ts";
import {
  FOLLOWER_EVENTS_MAX,
  type FollowerBatch,
  FOLLOWERS_MAX,
  HIDDEN_EVENTS_MAX,
  Room,
} from "./room.ts";
import { CODE_AGE_MS_MAX, CODES_MAX, Sessions, TOKENS_MAX } from "./session.ts";
import { ok } from "../result.ts";
import type { FeedEvent, FeedHead } from "../page/feed.ts";

const HEAD: FeedHead = {
  origin: "cluster",
  title: "a test",
  originMs: 0,
  capacity: 1,
  difficulty: 1,
  nodes: 2,
};

function testRoom(more: Partial<RoomPorts> = {}) {
  const sessions = new Sessions(() => 0);
  const orders: unknown[] = [];
  const app = createRoomApp({
    mode: "live",
    head: HEAD,
    sessions,
    onInternalError: (thrown) => {
      throw thrown;
    },
    order: (order) => {
      orders.push(order);
      return Promise.resolve(ok("done"));
    },
    ...more,
  });
  const token = sessions.createToken();
  const call = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    app.request(`http://127.0.0.1:5000${path}`, {
      ...init,
      headers: { host: "127.0.0.1:5000", authorization: `Bearer ${token}`, ...init.headers },
    });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers,
    });
  return { app, sessions, orders, call, post };
}

Deno.test("the page allows itself nothing from elsewhere, and holds nothing", async () => {
  const { call } = testRoom();
  const response = await call("/", { headers: { authorization: "" } });
  assert.equal(response.status, 200);
  assert.match(
    response.headers.get("content-security-policy") ?? "",
    /^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'$/,
  );
  assert.doesNotMatch(await response.text(), /https?:\/\/|<script>|style=/);
});

Deno.test("nothing is told or done without a token", async () => {
  const { call, post, orders } = testRoom();
  for (const path of ["/room/feed", "/room/status", "/room/recording", "/room/nodes/0/status"]) {
    const response = await call(path, { headers: { authorization: "Bearer wrong" } });
    assert.equal(response.status, 401, path);
    await response.body?.cancel();
  }
  for (const path of ["/room/orders", "/room/payments", "/room/link", "/room/recording/start"]) {
    assert.equal((await post(path, { kind: "heal" }, { authorization: "" })).status, 401, path);
  }
  assert.deepEqual(orders, []);
});

Deno.test("another site's page can do nothing, even with a token", async () => {
  const { post, call, orders } = testRoom();
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:6000" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const headers of foreign) {
    assert.equal((await post("/room/orders", { kind: "heal" }, headers)).status, 403);
  }
  assert.equal((await call("/room/status", { headers: { host: "evil.example" } })).status, 421);
  assert.deepEqual(orders, []);
  assert.equal(
    (await post("/room/orders", { kind: "heal" }, { origin: "http://127.0.0.1:5000" })).status,
    200,
  );
  assert.deepEqual(orders, [{ kind: "heal" }]);
});

Deno.test("an order of another shape is refused", async () => {
  const { post, orders } = testRoom();
  const cases: readonly unknown[] = [
    "no json",
    {},
    { kind: "node", order: "explode", nodes: [0] },
    { kind: "node", order: "kill", nodes: [] },
    { kind: "node", order: "kill", nodes: [-1] },
    { kind: "partition", groups: "0/1" },
    { kind: "link", from: 0, to: 1, isBoth: true, isCut: false, latencyMs: 1e9, loss: 0 },
    { kind: "skew", nodes: [0], skewMs: 1e15 },
    { kind: "heal", more: 1 },
  ];
  for (const body of cases) {
    const response = await post("/room/orders", body);
    assert.equal(response.status, 400, JSON.stringify(body));
    assert.equal((await response.json()).error.code, "request-malformed");
  }
  assert.equal((await post("/room/orders", "x".repeat(100_000))).status, 413);
  assert.deepEqual(orders, []);
});

Deno.test("a node's API is read through the room, and only read", async () => {
  const { call, post } = testRoom({ nodeUrl: () => "http://127.0.0.1:1" });
  for (
    const path of [
      "/payments",
      "/control/mining/pause",
      "/events",
      "/blocks/../payments",
      "/blocks/a/b",
    ]
  ) {
    assert.equal((await call(`/room/nodes/0${path}`)).status, 404, path);
  }
  assert.equal((await post("/room/nodes/0/blocks", {})).status, 404);
  assert.equal((await call("/room/nodes/0/blocks")).status, 502);
});

Deno.test("a link opens once, within its time; links and tokens are bounded", async () => {
  let nowMs = 0;
  const sessions = new Sessions(() => nowMs);
  const code = sessions.createCode();
  const token = sessions.open(code);
  assert(token !== undefined && sessions.isValid(token));
  assert.equal(sessions.open(code), undefined);

  const late = sessions.createCode();
  nowMs = CODE_AGE_MS_MAX + 1;
  assert.equal(sessions.open(late), undefined);

  const first = sessions.createCode();
  for (let count = 0; count < CODES_MAX; count++) sessions.createCode();
  assert.equal(sessions.open(first), undefined);
  for (let count = 0; count < TOKENS_MAX; count++) sessions.createToken();
  assert(!sessions.isValid(token));

  const { post, sessions: others } = testRoom();
  const opened = await post("/room/session", { code: others.createCode() }, { authorization: "" });
  assert.equal(opened.status, 200);
  assert.equal(
    (await post("/room/session", { code: "wrong" }, { authorization: "" })).status,
    401,
  );
});

Deno.test("messages go to those who look at them, and the room knows whether anybody does", async () => {
  const told: boolean[] = [];
  const room = new Room(HEAD, { onMessagesWanted: (areWanted) => told.push(areWanted) });
  const message: FeedEvent = {
    kind: "message",
    at: 1,
    sentAt: 0,
    isLost: false,
    from: 0,
    to: 1,
    type: "status",
    class: "other",
    detail: "",
  };
  const follower = room.follow({ messages: false });
  assert(follower !== undefined);
  await follower.next();
  room.tell([message]);
  assert.equal(room.setDetail("nobody", { messages: true }), false);
  assert.equal(room.setDetail(follower.id, { messages: true }), true);
  room.tell([message]);
  assert.deepEqual(await follower.next(), { isFresh: false, json: JSON.stringify(message) });
  const stopRecording = room.listen(() => {});
  follower.close();
  assert.deepEqual(told, [true]);
  stopRecording();
  assert.deepEqual(told, [true, false]);
  room.close();
});

Deno.test("a page that nobody looks at is told rarely, no messages, and all at once when it is looked at", async () => {
  const told: boolean[] = [];
  const room = new Room(HEAD, { onMessagesWanted: (areWanted) => told.push(areWanted) });
  const follower = room.follow();
  assert(follower !== undefined);
  await follower.next();
  const event: FeedEvent = { kind: "unseen", at: 0, messages: 1 };

  room.setDetail(follower.id, { messages: true, isHidden: true });
  assert.deepEqual(told, [true, false]);
  let batch: FollowerBatch | undefined;
  const next = follower.next().then((given) => batch = given);
  room.tell([event]);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(batch, undefined);
  room.setDetail(follower.id, { messages: false, isHidden: false });
  await next;
  assert.deepEqual(batch, { isFresh: false, json: JSON.stringify(event) });

  // What waits for it stays bounded.
  room.setDetail(follower.id, { messages: false, isHidden: true });
  const full = follower.next();
  room.tell(Array.from({ length: HIDDEN_EVENTS_MAX + 1 }, () => event));
  assert.equal(JSON.parse(`[${(await full)?.json}]`).length, HIDDEN_EVENTS_MAX + 1);
  room.close();
});

Deno.test("followers are bounded; a slow one gets the picture anew", async () => {
  const room = new Room(HEAD);
  const follower = room.follow();
  assert((await follower?.next())?.isFresh);
  const events = Array.from({ length: FOLLOWER_EVENTS_MAX / 2 + 1 }, (_, index) => ({
    kind: "unseen" as const,
    at: index,
    messages: 1,
  }));
  room.tell(events);
  room.tell(events);
  const batch = await follower?.next();
  assert(batch?.isFresh);
  assert(batch.json.length < 10_000);
  room.tell([{ kind: "unseen", at: 0, messages: 1 }]);
  assert.deepEqual(await follower?.next(), {
    isFresh: false,
    json: JSON.stringify({ kind: "unseen", at: 0, messages: 1 }),
  });

  const followers = Array.from({ length: FOLLOWERS_MAX - 1 }, () => room.follow());
  assert(followers.every((each) => each !== undefined));
  assert.equal(room.follow(), undefined);
  room.close();
  assert.equal(await follower?.next(), undefined);
});

Deno.test("docs/protocol.md names each door of the room, and no other", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/protocol.md", import.meta.url));
  const told = page.matchAll(/`(GET|POST) (\/room\/[^`?]*)/g);
  const doors = testRoom().app.routes
    .filter(({ method, path }) => method !== "ALL" && /^\/room\/(?!app\.js|style\.css)/.test(path))
    .map(({ method, path }) => `${method} ${path.replace(":node/*", "ID/…")}`);
  assert.deepEqual(
    Array.from(told, ([, method, path]) => `${method} ${path}`).sort(),
    doors.sort(),
  );
});
