import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { openingsDoor, type PlainDoor } from "../http/plain_doors.ts";
import type { Asked } from "../http/plain_request.ts";
import { RawConnection } from "../testing/raw_connection.ts";
import { OPENING_SIZE_BYTES, P2P_PATH } from "../wire/handshake.ts";
import { type Connection, CONNECTION_LIMITS, type ServingOptions } from "./connections.ts";
import { lookFirst } from "./first_look.ts";
import { type HttpServer, serveHttp } from "./http_server.ts";

const isOwner = ({ headers }: Asked) => headers.get("authorization") === "Bearer t";

/** Answers what the owner sends there, after whatever is waited for. */
function doorOf(wait: () => Promise<void> = () => Promise.resolve()): PlainDoor {
  return {
    path: "/plain",
    bodySizeBytesMax: 100_000,
    waitsFor: isOwner,
    answer(request) {
      const text = request.text();
      if (!isOwner(request.asked) || text.startsWith("odd")) return undefined;
      return wait().then(() => ({
        status: 202,
        headers: { "X-Any": "kept" },
        body: `plain ${text}`,
      }));
    },
  };
}

async function withDoor(
  body: (server: HttpServer) => Promise<void>,
  doors: readonly PlainDoor[] = [doorOf()],
  options: Partial<ServingOptions> = {},
): Promise<void> {
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, {
    handle: async (request) => new Response(`whole ${await request.text()}`),
    isOwner,
    doors,
    ...options,
  });
  try {
    await body(server);
  } finally {
    await server.shutdown();
  }
}

async function callerOf({ port }: HttpServer): Promise<RawConnection> {
  return new RawConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
}

function post(text: string, { path = "/plain", token = "t" } = {}): string {
  const sizeBytes = new TextEncoder().encode(text).length;
  return `POST ${path} HTTP/1.1\r\nHost: n\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Length: ${sizeBytes}\r\n\r\n${text}`;
}

/** Reads until a text is there that ends so. */
async function readTo(caller: RawConnection, end: string): Promise<string> {
  let text = "";
  while (!text.endsWith(end)) {
    const part = await caller.read();
    assert.notEqual(part, null, text);
    text += part;
  }
  return text;
}

Deno.test("P01 plain requests are answered one after the other, with their length in bytes and the time", async () => {
  await withDoor(async (server) => {
    const caller = await callerOf(server);
    for (const text of ["a", "é", "", "b".repeat(20_000)]) {
      await caller.write(post(text));
      const answer = await readTo(caller, `plain ${text}`);
      const [head = ""] = answer.split("\r\n\r\n");
      assert.match(head, /^HTTP\/1\.1 202 Accepted\r\nX-Any: kept\r\n/);
      const sizeBytes = new TextEncoder().encode(`plain ${text}`).length;
      assert.match(head, new RegExp(`Content-Length: ${sizeBytes}\r\n`));
      assert.match(head, /Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/);
    }
    caller.conn.close();
  });
});

Deno.test("P01 any other request goes to the whole server, and so does all that follows", async () => {
  await withDoor(async (server) => {
    for (
      const other of [
        post("x", { path: "/other" }),
        post("x", { token: "wrong" }),
        post("odd x"),
        post("x").replace("Host", "Connection: keep-alive, X-Any\r\nHost"),
      ]
    ) {
      const caller = await callerOf(server);
      await caller.write(post("first"));
      await readTo(caller, "plain first");
      await caller.write(other);
      await readTo(caller, other.includes("odd") ? "whole odd x" : "whole x");
      await caller.write(post("last"));
      await readTo(caller, "whole last");
      caller.conn.close();
    }
  });
});

Deno.test("P01 a body that comes in two pieces is waited for, and one in three goes to the whole server", async () => {
  let looked = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await withDoor(
    async (server) => {
      const caller = await callerOf(server);
      const [head, body] = [post("abcdef").slice(0, -6), "abcdef"];
      for (const [first, second] of [[head, body], [`${head}abc`, "def"]] as const) {
        looked = Promise.withResolvers();
        await caller.write(first);
        await looked.promise;
        await caller.write(second);
        await readTo(caller, "plain abcdef");
      }
      looked = Promise.withResolvers();
      await caller.write(head);
      await looked.promise;
      await caller.write("abc");
      await begun.promise;
      await caller.write("def");
      await readTo(caller, "whole abcdef");
      caller.conn.close();
    },
    [{
      ...doorOf(),
      waitsFor(request) {
        looked.resolve();
        return isOwner(request);
      },
    }],
    {
      async handle(request) {
        begun.resolve();
        return new Response(`whole ${await request.text()}`);
      },
    },
  );
});

Deno.test("P01 requests that are sent at once are answered in their order", async () => {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const door = doorOf(() => {
    asked.resolve();
    return gate.promise;
  });
  await withDoor(async (server) => {
    const caller = await callerOf(server);
    await caller.write(post("one"));
    await asked.promise;
    for (const text of ["two", "three"]) await caller.write(post(text));
    // They have come by then, or will be looked at by themselves.
    await new Promise((resolve) => setTimeout(resolve, 20));
    gate.resolve();
    assert.match(await readTo(caller, " three"), /plain one[^]* two[^]* three$/);
    const other = await callerOf(server);
    await other.write(post("one") + post("two"));
    assert.match(await readTo(other, " two"), / one[^]* two$/);
    for (const { conn } of [caller, other]) conn.close();
  }, [door]);
});

Deno.test("X07 a connection that rests after a plain answer, or stops within a body, is closed after a time", async () => {
  const limits = { ...CONNECTION_LIMITS, firstRequestMsMax: 200, restMsMax: 300 };
  await withDoor(
    async (server) => {
      const resting = await callerOf(server);
      await resting.write(post("a"));
      await readTo(resting, "plain a");
      await resting.closed();
      const silent = await callerOf(server);
      await silent.closed();
    },
    [doorOf()],
    { limits },
  );
});

Deno.test("X07 a plain answer that is begun is sent before the end of the server, and of the caller's half", async () => {
  const gate = Promise.withResolvers<void>();
  const bothAsked = Promise.withResolvers<void>();
  let asked = 0;
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, {
    handle: () => new Response("whole"),
    isOwner,
    doors: [doorOf(() => {
      if (++asked === 2) bothAsked.resolve();
      return gate.promise;
    })],
  });
  const half = await callerOf(server);
  await half.write(post("half"));
  await (half.conn as Deno.TcpConn).closeWrite();
  const caller = await callerOf(server);
  await caller.write(post("a"));
  await bothAsked.promise;
  const ended = server.shutdown();
  gate.resolve();
  assert.match(await readTo(caller, "plain a"), /202/);
  assert.match(await readTo(half, "plain half"), /202/);
  await Promise.all([caller.closed(), half.closed(), ended]);
});

Deno.test({
  name: "P02 whoever shows no token is answered by the whole server before its body is there",
  // The listener looks once more, after its answer, whether a body was left unread.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await withDoor(
      async (server) => {
        const caller = await callerOf(server);
        await caller.write(post("abc", { token: "wrong" }).slice(0, -2));
        await readTo(caller, "refused");
        caller.conn.close();
      },
      [doorOf()],
      { handle: () => new Response("refused", { status: 401 }) },
    );
  },
});

const OPENINGS = `${P2P_PATH}/handshake`;

/** Answers openings with what they are and how many were begun; none after the last one that is wanted. */
function openingsOf(
  counts: { open: number; most: number; begun: number },
  closesAfter = Infinity,
): PlainDoor {
  return openingsDoor(async (opening, address) => {
    counts.most = Math.max(counts.most, ++counts.open);
    await new Promise((resolve) => setTimeout(resolve, 5));
    counts.open--;
    const headers = ++counts.begun >= closesAfter ? { connection: "close" } : {};
    return { status: 200, headers, body: new Uint8Array([...opening, address.length, 255]) };
  });
}

const opening = (text: string, head = "") =>
  `POST ${OPENINGS} HTTP/1.1\r\nHost: n\r\n${head}Content-Length: ${text.length}\r\n\r\n${text}`;

Deno.test({
  name: "X02 openings that come together are answered one after the other, byte by byte",
  // The listener of an earlier test may still look whether a body was left unread.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const counts = { open: 0, most: 0, begun: 0 };
    await withDoor(
      async (server) => {
        const caller = await callerOf(server);
        await caller.write(opening("a") + opening("bb") + opening("ccc"));
        await caller.write(opening("dddd"));
        let text = "";
        while (text.split("HTTP/1.1 200 OK").length < 5 || !text.includes("dddd")) {
          text += await caller.read();
        }
        assert.deepEqual(
          text.match(/Content-Length: \d+/g),
          [3, 4, 5, 6].map((size) => `Content-Length: ${size}`),
        );
        assert.equal(counts.most, 1);
        await caller.write(post("then"));
        await readTo(caller, "plain then");
        caller.conn.close();
      },
      [doorOf(), openingsOf(counts)],
    );
  },
});

Deno.test("X02 a page's opening and one that is too large go to the whole server", async () => {
  const counts = { open: 0, most: 0, begun: 0 };
  await withDoor(
    async (server) => {
      for (
        const text of [
          opening("abc", "Origin: http://n\r\n"),
          opening("abc", "Authorization: Bearer t\r\n"),
          opening("a".repeat(OPENING_SIZE_BYTES + 1)),
        ]
      ) {
        const caller = await callerOf(server);
        await caller.write(text);
        await readTo(caller, `whole ${text.split("\r\n\r\n")[1]}`);
        caller.conn.close();
      }
      assert.equal(counts.begun, 0);
    },
    [doorOf(), openingsOf(counts)],
  );
});

Deno.test("X03 half the first opening waits here until it is whole, half a later one goes to the whole server", async () => {
  const counts = { open: 0, most: 0, begun: 0 };
  await withDoor(
    async (server) => {
      const caller = await callerOf(server);
      const pieces = [opening("abcd").slice(0, -3), "b", "c", "d"];
      for (const [index, piece] of pieces.entries()) {
        await caller.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(counts.begun, Number(index === pieces.length - 1));
      }
      let answer = "";
      while (!answer.includes("abcd")) answer += await caller.read();
      // Whoever has been answered may rest for long: half a request may not.
      await caller.write(opening("efgh").slice(0, -2));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await caller.write("gh");
      await readTo(caller, "whole efgh");
      assert.equal(counts.begun, 1);
      caller.conn.close();
    },
    [doorOf(), openingsOf(counts)],
  );
});

Deno.test("X07 half the first opening is closed like a connection that has said nothing", async () => {
  const counts = { open: 0, most: 0, begun: 0 };
  const limits = { ...CONNECTION_LIMITS, firstRequestMsMax: 100 };
  await withDoor(
    async (server) => {
      const caller = await callerOf(server);
      await caller.write(opening("abcd").slice(0, -2));
      assert.equal(await caller.read(), null);
      caller.conn.close();
      assert.equal(counts.begun, 0);
    },
    [doorOf(), openingsOf(counts)],
    { limits },
  );
});

Deno.test("X02 an answer that says so ends the connection, whatever came behind", async () => {
  const counts = { open: 0, most: 0, begun: 0 };
  await withDoor(
    async (server) => {
      const caller = await callerOf(server);
      await caller.write(opening("a") + opening("b") + opening("c"));
      await caller.closed();
      assert.equal(counts.begun, 2);
    },
    [doorOf(), openingsOf(counts, 2)],
  );
});

/** A connection in memory, of which so many bytes are taken in; writes end when they are let. */
function lookAtMemory(openings = openingsOf({ open: 0, most: 0, begun: 0 })) {
  const seen = { openCount: 0, sent: 0, handed: "" };
  const writes: ((error?: Error) => void)[] = [];
  const stream = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => void writes.push(done),
  });
  lookFirst(stream as unknown as Socket, {
    scheme: "http",
    address: "192.0.2.1",
    connection: {} as Connection,
    connections: {
      begin: () => seen.openCount++,
      rest: () => seen.openCount--,
      send: () => seen.sent++,
      waitFor: () => {},
    },
    doors: [doorOf(), openings],
    restMsMax: 1_000,
    handOver: (bytes) => seen.handed += bytes.toString("latin1"),
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { stream, writes, seen, turn };
}

Deno.test("X03 behind an answer that is on its way one piece is kept, and no more is read", async () => {
  const { stream, writes, seen, turn } = lookAtMemory();
  stream.push(post("a"));
  while (writes.length === 0) await turn();
  stream.push(new Uint8Array(65_536));
  await turn();
  // What is not taken in stays unread, so the machine takes no more of the other end.
  for (let count = 0; count < 3; count++) stream.push(new Uint8Array(65_536));
  await turn();
  assert.equal(stream.readableLength, 3 * 65_536);
  assert.equal(stream.push(new Uint8Array(1)), false);
  writes[0]?.();
  while (seen.handed === "") await turn();
  assert.equal(seen.handed.length, 65_536);
  stream.destroy();
});

Deno.test("X07 a connection that breaks while an answer is on its way leaves nothing open, and is handed to nobody", async () => {
  for (const text of [post("a"), opening("a")]) {
    const { stream, writes, seen, turn } = lookAtMemory();
    stream.push(text);
    while (writes.length === 0) await turn();
    assert.equal(seen.openCount, 1);
    stream.push(post("behind"));
    await turn();
    stream.destroy();
    writes[0]?.(new Error("broken"));
    while (seen.openCount > 0) await turn();
    await turn();
    assert.equal(seen.handed, "");
    assert.equal(writes.length, 1);
  }
});

Deno.test("X07 what a connection has sent is not looked at once it was closed", async () => {
  const { stream, writes, seen, turn } = lookAtMemory();
  stream.pause();
  stream.push(post("a"));
  stream.resume();
  stream.destroy();
  for (let count = 0; count < 3; count++) await turn();
  assert.deepEqual([seen.openCount, seen.handed, writes.length], [0, "", 0]);
});

Deno.test({
  name: "X02 behind the last answer nothing is answered, however much comes",
  // A timer of a test before may end meanwhile.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const counts = { open: 0, most: 0, begun: 0 };
    const { stream, writes, seen, turn } = lookAtMemory(openingsOf(counts, 1));
    stream.push(opening("a"));
    while (writes.length === 0) await turn();
    writes[0]?.();
    while (!stream.writableFinished) await turn();
    stream.push(post("b") + opening("c"));
    for (let count = 0; count < 3; count++) await turn();
    assert.deepEqual([counts.begun, writes.length, seen.handed, seen.openCount], [1, 1, "", 0]);
  },
});

Deno.test("X07 a stranger that does not read the answers to its openings is among those that are cut", async () => {
  const { stream, writes, seen, turn } = lookAtMemory();
  stream.push(opening("a"));
  while (writes.length === 0) await turn();
  assert.equal(seen.sent, 1);
  writes[0]?.();
  stream.destroy();
});
