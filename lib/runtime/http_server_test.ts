import assert from "node:assert/strict";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { plainAnswer } from "../http/plain_answer.ts";
import type { Asked } from "../http/plain_request.ts";
import { testEnvironment } from "../testing/test_environment.ts";
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  type ServingOptions,
  type Upgrade,
} from "./connections.ts";
import { type HttpServer, OPEN_REQUESTS_MAX, serveHttp } from "./http_server.ts";
import { RawConnection } from "../testing/raw_connection.ts";

const HERE = { hostname: "127.0.0.1", port: 0 };

const isOwner = ({ headers }: Asked) => headers.get("authorization") === "Bearer t";

async function withServer(
  limits: Partial<ConnectionLimits>,
  body: (server: HttpServer) => Promise<void>,
  handle: ServingOptions["handle"] = answer,
): Promise<void> {
  const server = await serveHttp(HERE, {
    handle,
    isOwner,
    // Whatever is asked here, the first look hands it on.
    doors: [{
      path: "/plain",
      bodySizeBytesMax: 1_000_000,
      waitsFor: isOwner,
      answer: () => undefined,
    }],
    limits: { ...CONNECTION_LIMITS, ...limits },
  });
  try {
    await body(server);
  } finally {
    await server.shutdown();
  }
}

/** Longer than any answer takes, also on a busy machine. */
const WAIT_MS_MAX = 20_000;

async function answer(request: Request, address: string, upgrade?: Upgrade): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/socket") {
    if (upgrade === undefined) return new Response("no stream here", { status: 426 });
    // A node looks at the opening, for about as long, before it opens.
    await new Promise((resolve) => setTimeout(resolve, 2));
    const opened = upgrade(request, { idleTimeout: 30 });
    if (opened === undefined) return new Response("no stream", { status: 400 });
    const { socket, response } = opened;
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  }
  if (pathname === "/events") {
    let timer: ReturnType<typeof setInterval>;
    const body = new ReadableStream<Uint8Array>({
      start(out) {
        timer = setInterval(() => out.enqueue(new TextEncoder().encode(": alive\n\n")), 20);
      },
      cancel: () => clearInterval(timer),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }
  return new Response(`${address} ${await request.text()}`);
}

class Caller extends RawConnection {
  static async of({ port }: HttpServer, text = ""): Promise<Caller> {
    const caller = new Caller(await Deno.connect({ hostname: "127.0.0.1", port }));
    await caller.write(text);
    return caller;
  }
}

const get = (path: string, token = "") =>
  `GET ${path} HTTP/1.1\r\nHost: n\r\n${token === "" ? "" : `Authorization: ${token}\r\n`}\r\n`;

Deno.test("X07 connections that say nothing, and half-sent headers, are closed after a time", async () => {
  await withServer({ firstRequestMsMax: 100 }, async (server) => {
    const silent = await Caller.of(server);
    const half = await Caller.of(server, "GET / HTTP/1.1\r\nHos");
    await Promise.all([silent.closed(), half.closed()]);
  });
});

Deno.test("X07 a connection that rests is closed later than one that has never asked", async () => {
  await withServer({ firstRequestMsMax: 300, restMsMax: 1_500 }, async (server) => {
    const caller = await Caller.of(server, get("/"));
    assert.match(await caller.read() ?? "", /200 OK[\s\S]*127\.0\.0\.1/);
    const silent = await Caller.of(server);
    await silent.closed();
    await caller.write(get("/"));
    assert.match(await caller.read() ?? "", /200 OK/);
    await caller.write("GET / HT");
    await caller.closed();
  });
});

Deno.test("X07 one more connection takes the place of the oldest that rests, and the owner's stay", async () => {
  await withServer({ idlePerAddressMax: 2 }, async (server) => {
    const owner = await Caller.of(server, get("/", "Bearer t"));
    assert.match(await owner.read() ?? "", /200 OK/);
    const first = await Caller.of(server);
    const second = await Caller.of(server);
    const third = await Caller.of(server, get("/"));
    assert.match(await third.read() ?? "", /200 OK/);
    await first.closed();
    const fourth = await Caller.of(server);
    await second.closed();
    await owner.write(get("/"));
    assert.match(await owner.read() ?? "", /200 OK/);
    for (const { conn } of [owner, third, fourth]) conn.close();
  });
});

Deno.test("X07 event streams and WebSockets outlive every limit", async () => {
  const limits = { firstRequestMsMax: 100, restMsMax: 100, idlePerAddressMax: 1 };
  await withServer(limits, async (server) => {
    const events = await Caller.of(server, get("/events"));
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/socket`);
    await new Promise((resolve) => socket.onopen = resolve);
    for (let turn = 0; turn < 4; turn++) await (await Caller.of(server)).closed();
    const echoed = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
    socket.send("still here");
    assert.equal(await echoed, "still here");
    assert.match(await events.read() ?? "", /alive/);
    events.conn.close();
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  });
});

Deno.test("X07 the end of a server waits for the answer that was begun", async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const server = await serveHttp(HERE, {
    handle: async () => {
      asked.resolve();
      await gate.promise;
      return new Response("done");
    },
  });
  const caller = await Caller.of(server, get("/"));
  const silent = await Caller.of(server);
  await asked.promise;
  const ended = server.shutdown();
  await silent.closed();
  gate.resolve();
  assert.match(await caller.read() ?? "", /done/);
  await caller.closed();
  await ended;
});

Deno.test("X07 an address that connects too often is closed at once, and a member's is not", async () => {
  const limits = {
    ...CONNECTION_LIMITS,
    newPerAddress: { perSecond: 0.001, burst: 3 },
  };
  for (const isMember of [false, true]) {
    const server = await serveHttp(HERE, { handle: answer, isReserved: () => isMember, limits });
    const texts: (string | null)[] = [];
    for (let count = 0; count < 4; count++) {
      const caller = await Caller.of(server, get("/"));
      texts.push(await caller.read());
      caller.conn.close();
    }
    assert.deepEqual(texts.map((text) => text !== null), [true, true, true, isMember]);
    await server.shutdown();
  }
});

Deno.test("X03 a connection that asks for too much before it is answered is closed", async () => {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  const server = await serveHttp(HERE, {
    handle: async () => {
      asked++;
      await gate.promise;
      return new Response("done");
    },
  });
  const greedy = await Caller.of(server, get("/").repeat(OPEN_REQUESTS_MAX + 1));
  await greedy.closed();
  assert.equal(asked, OPEN_REQUESTS_MAX);
  const modest = await Caller.of(server, get("/").repeat(OPEN_REQUESTS_MAX));
  gate.resolve();
  let text = "";
  while (text.split("done").length <= OPEN_REQUESTS_MAX) text += await modest.read() ?? "";
  modest.conn.close();
  await server.shutdown();
});

Deno.test("X07 half a body lives as long as its answer waits for it, and the rest has a bound again", async () => {
  await withServer({ firstRequestMsMax: 300, restMsMax: 300 }, async (server) => {
    const head = "POST / HTTP/1.1\r\nHost: n\r\nContent-Length: 6\r\n\r\n";
    const slow = await Caller.of(server, `${head}abc`);
    const silent = await Caller.of(server);
    // Its own limit is past when this one is closed.
    await silent.closed();
    await slow.write("def");
    let text = "";
    while (!text.endsWith("abcdef")) text += await slow.read() ?? "";
    await slow.closed();
  });
});

Deno.test("P02 a stream that is refused is told why, and its connection is closed", async () => {
  const server = await serveHttp(HERE, {
    handle: () =>
      Response.json({ error: { code: "session-unknown" } }, {
        status: 401,
        headers: { "x-any": "kept" },
      }),
  });
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const caller = await Caller.of(
    server,
    `GET /s HTTP/1.1\r\nHost: n\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`,
  );
  let text = "";
  for (let part = await caller.read(); part !== null; part = await caller.read()) text += part;
  assert.match(text, /^HTTP\/1\.1 401 Unauthorized\r\n/);
  assert.match(text, /x-any: kept\r\n/);
  assert.match(text, /connection: close\r\n\r\n\{"error":\{"code":"session-unknown"\}\}$/);
  caller.conn.close();
  await server.shutdown();
});

Deno.test("P01 whoever offers HTTP/2 is answered as if it had not, also where the body comes later", async () => {
  await withServer({}, async (server) => {
    const offer =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    const caller = await Caller.of(
      server,
      `POST /x HTTP/1.1\r\nHost: n\r\nContent-Length: 6\r\n${offer}\r\nabc`,
    );
    await caller.write("def");
    let text = "";
    while (!text.endsWith("abcdef")) text += await caller.read() ?? "";
    assert.match(text, /^HTTP\/1\.1 200 OK/);
    caller.conn.close();
  });
});

Deno.test("P01 a connection that goes on is answered as often as it asks, with bodies of every size", async () => {
  await withServer({}, async (server) => {
    const caller = await Caller.of(server);
    for (const size of [0, 1, 2_000, 1]) {
      await caller.write(
        `POST / HTTP/1.1\r\nHost: n\r\nContent-Length: ${size}\r\n\r\n${"a".repeat(size)}`,
      );
      let text = "";
      while (!text.endsWith(`127.0.0.1 ${"a".repeat(size)}`)) text += await caller.read() ?? "";
      assert.match(text, /^HTTP\/1\.1 200 OK/);
    }
    caller.conn.close();
  });
});

Deno.test("P01 what a WebSocket's caller sends at once is not lost", async () => {
  await withServer({}, async (server) => {
    // Another process, so that its bytes arrive while this one does something else.
    const caller = `
      const echoes = Array.from({ length: 100 }, async (_, index) => {
        const socket = new WebSocket("ws://127.0.0.1:${server.port}/socket");
        const { promise, resolve } = Promise.withResolvers();
        socket.onopen = () => socket.send(String(index));
        socket.onmessage = ({ data }) => resolve(data);
        const echo = await promise;
        socket.close();
        return echo;
      });
      console.log((await Promise.all(echoes)).join());`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", caller],
      env: testEnvironment({}),
      clearEnv: true,
      signal: AbortSignal.timeout(WAIT_MS_MAX),
    }).output();
    const echoes = new TextDecoder().decode(stdout).trim().split(",");
    assert.deepEqual(echoes, Array.from({ length: 100 }, (_, index) => String(index)));
  });
});

Deno.test("P01 a plain answer comes whole, with its length in bytes, and the connection goes on", async () => {
  const server = await serveHttp(HERE, {
    handle: async (request) => {
      const text = `{"got":"${await request.text()} é"}`;
      return plainAnswer({ status: 202, headers: { "X-Any": "kept" }, body: text });
    },
  });
  try {
    const caller = await Caller.of(server);
    for (const body of ["a", "ü", "a".repeat(70_000)]) {
      const sizeBytes = new TextEncoder().encode(body).length;
      await caller.write(
        `POST / HTTP/1.1\r\nHost: n\r\nContent-Length: ${sizeBytes}\r\n\r\n${body}`,
      );
      const wanted = `{"got":"${body} é"}`;
      let text = "";
      while (!text.endsWith('é"}')) text += await caller.read() ?? "";
      const [head = "", ...rest] = text.split("\r\n\r\n");
      assert.match(head, /^HTTP\/1\.1 202 /);
      assert.match(head, /x-any: kept/i);
      const length = new TextEncoder().encode(wanted).length;
      assert.match(head, new RegExp(`content-length: ${length}(?:\r|$)`, "i"));
      assert.deepEqual(rest, [wanted]);
    }
    caller.conn.close();
  } finally {
    await server.shutdown();
  }
});

Deno.test("P01 a connection that was used carries a WebSocket, too", async () => {
  await withServer({}, async (server) => {
    const caller = await Caller.of(server, get("/"));
    assert.match(await caller.read() ?? "", /200 OK/);
    const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    await caller.write(
      `GET /socket HTTP/1.1\r\nHost: n\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`,
    );
    assert.match(await caller.read() ?? "", /101 Switching/);
    caller.conn.close();
  });
});

Deno.test({
  name:
    "bodies of unknown length are read within their bound, and methods without one are answered",
  // The listener looks once more, after its answer, whether a body was left unread.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: unknownLengths,
});

async function unknownLengths(): Promise<void> {
  const app = new Hono().post("/", bodyLimit({ maxSize: 10 }), async (c) => {
    return c.text(`got ${await c.req.text()}`);
  }).all("*", bodyLimit({ maxSize: 10 }), (c) => c.text("no such method", 405));
  const server = await serveHttp(HERE, { handle: (request) => app.fetch(request), isOwner });
  try {
    const ask = async (method: string, chunks: readonly string[] = []) => {
      const head = `${method} / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n`;
      const body = chunks.length === 0
        ? "\r\n"
        : `Transfer-Encoding: chunked\r\n\r\n${
          chunks.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("")
        }0\r\n\r\n`;
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      await conn.write(new TextEncoder().encode(head + body));
      return await new Response(conn.readable).text();
    };
    assert.match(await ask("POST", ["12345", "67890"]), /200 OK[\s\S]*got 1234567890/);
    assert.match(await ask("POST", ["12345", "678901"]), /^HTTP\/1.1 413 /);
    assert.match(await ask("POST"), /200 OK[\s\S]*got /);
    for (const method of ["OPTIONS", "PUT", "DELETE"]) {
      assert.match(await ask(method), /^HTTP\/1.1 405 /, method);
    }
    assert.match(await ask("TRACE"), /^HTTP\/1.1 501 /);
  } finally {
    await server.shutdown();
  }
}

const LARGE_SIZE_BYTES = 32 * 1024 * 1024;
/** Who has read so much has it all, but for what a first look took. */
const WHOLE_SIZE_BYTES = LARGE_SIZE_BYTES - 64 * 1024;

/** Answers with more than a machine holds of a connection. */
function answerLarge({ url }: Request): Response {
  return new Response(url.endsWith("small") ? "small" : new Uint8Array(LARGE_SIZE_BYTES));
}

/** How many bytes come until the other end closes, or the answer is there. */
async function lengthOf(caller: Caller): Promise<number> {
  let length = 0;
  while (length < WHOLE_SIZE_BYTES) {
    const text = await caller.read();
    if (text === null) break;
    length += text.length;
  }
  caller.conn.close();
  return length;
}

Deno.test("X07 of too many that do not read their answers the slowest goes, and the owner stays", async () => {
  await withServer({ sendingMax: 2 }, async (server) => {
    const owner = await Caller.of(server, get("/large", "Bearer t"));
    assert.match(await owner.read() ?? "", /200 OK/);
    const slow: Caller[] = [];
    for (let count = 0; count < 2; count++) {
      const caller = await Caller.of(server, get("/large"));
      assert.match(await caller.read() ?? "", /200 OK/);
      slow.push(caller);
    }
    // Slow is who takes longer than a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const small = await Caller.of(server, get("/small"));
    assert.match(await small.read() ?? "", /small/);
    const [first, second] = [await lengthOf(slow[0]!), await lengthOf(slow[1]!)];
    assert(first < WHOLE_SIZE_BYTES, String(first));
    assert(second >= WHOLE_SIZE_BYTES, String(second));
    assert(await lengthOf(owner) >= WHOLE_SIZE_BYTES);
    small.conn.close();
  }, answerLarge);
});

Deno.test("X07 whoever does not read its answer is closed after a time", async () => {
  await withServer({ sendMsMax: 300 }, async (server) => {
    const slow = await Caller.of(server, get("/large"));
    const owner = await Caller.of(server, get("/large", "Bearer t"));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert(await lengthOf(slow) < WHOLE_SIZE_BYTES);
    assert(await lengthOf(owner) >= WHOLE_SIZE_BYTES);
  }, answerLarge);
});

Deno.test("X03 a Host that is no URL's is refused before anybody reads the request", async () => {
  let asked = 0;
  await withServer({}, async (server) => {
    const path = "/p2p/v2/handshake";
    for (const host of ["1127.0.0.1", "127.0.0.1:99999", "[::1", "a..%"]) {
      const head = `${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\n\r\n`;
      for (const text of [`POST ${head}abc`, `GET ${head}abc`]) {
        const caller = await Caller.of(server, text);
        assert.match(await caller.read() ?? "", /^HTTP\/1\.1 400 /, host);
        caller.conn.close();
      }
    }
    assert.equal(asked, 0);
  }, () => {
    asked++;
    return new Response("read");
  });
});
