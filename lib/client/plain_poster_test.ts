/** Posting as bytes: what comes back, over how many connections, and what fails. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { arePlain, BODY_SIZE_BYTES_MAX, HEAD_SIZE_BYTES_MAX, PlainPoster } from "./plain_poster.ts";

const PATIENT = { timeoutMs: 60_000 };

/** A server that answers each request with what a test gives, in pieces. */
async function withServer(
  answer: (request: string, socket: Socket) => readonly string[],
  body: (url: string, sockets: Socket[]) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", async (request) => {
      for (const piece of answer(String(request), socket)) {
        socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    await body(`http://127.0.0.1:${port}`, sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

function answerOf(text: string, more = ""): string {
  return `HTTP/1.1 202 Accepted\r\ncontent-length: ${
    new TextEncoder().encode(text).length
  }\r\n${more}\r\n${text}`;
}

Deno.test("PlainPoster posts what it is given and uses its connections again", async () => {
  const requests: string[] = [];
  await withServer((request) => {
    requests.push(request);
    return [answerOf(`{"to":"Ω${requests.length}"}`)];
  }, async (url, sockets) => {
    const poster = new PlainPoster({ url, ...PATIENT });
    for (let count = 1; count <= 3; count++) {
      const answer = await poster.post("/p", { "X-Key": "k 1" }, '{"name":"Ω"}');
      assert.deepEqual(answer, { status: 202, text: `{"to":"Ω${count}"}` });
    }
    assert.equal(
      requests[2],
      `POST /p HTTP/1.1\r\nHost: ${
        new URL(url).host
      }\r\nX-Key: k 1\r\nContent-Length: 13\r\n\r\n{"name":"Ω"}`,
    );
    assert.equal(sockets.length, 1);

    await Promise.all([1, 2, 3].map(() => poster.post("/p", {}, "{}")));
    assert.equal(poster.connectionCount, 3);
    poster.close();
    assert.equal(poster.connectionCount, 0);
  });
});

Deno.test("PlainPoster puts an answer together that comes in pieces", async () => {
  const whole = answerOf('{"long":"answer"}');
  await withServer(() => whole.match(/[^]{1,7}/g) ?? [], async (url) => {
    const poster = new PlainPoster({ url, ...PATIENT });
    assert.equal((await poster.post("/p", {}, "{}")).text, '{"long":"answer"}');
    assert.equal((await poster.post("/p", {}, "{}")).text, '{"long":"answer"}');
    poster.close();
  });
});

Deno.test("PlainPoster lets a connection go with its last answer, and with more than one", async () => {
  for (
    const text of [answerOf("{}", "Connection: close\r\n"), answerOf("{}") + answerOf('{"b":1}')]
  ) {
    await withServer(() => [text], async (url, sockets) => {
      const poster = new PlainPoster({ url, ...PATIENT });
      assert.equal((await poster.post("/p", {}, "{}")).text, "{}");
      assert.equal(poster.connectionCount, 0);
      assert.equal((await poster.post("/p", {}, "{}")).text, "{}");
      assert.equal(sockets.length, 2);
      poster.close();
    });
  }
});

Deno.test("PlainPoster fails with what is no answer of a node", async () => {
  for (
    const text of [
      "SSH-2.0-server\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      `HTTP/1.1 200 OK\r\nContent-Length: ${BODY_SIZE_BYTES_MAX + 1}\r\n\r\n`,
      `HTTP/1.1 200 OK\r\nX: ${"x".repeat(HEAD_SIZE_BYTES_MAX)}`,
    ]
  ) {
    await withServer(() => [text], async (url) => {
      const poster = new PlainPoster({ url, ...PATIENT });
      await assert.rejects(poster.post("/p", {}, "{}"), /not one of a node/);
      assert.equal(poster.connectionCount, 0);
    });
  }
});

Deno.test("PlainPoster fails when the connection breaks, there is none, or it is closed", async () => {
  let url = "";
  await withServer((_, socket) => {
    socket.destroy();
    return [];
  }, async (own) => {
    url = own;
    const poster = new PlainPoster({ url, ...PATIENT });
    await assert.rejects(poster.post("/p", {}, "{}"));
    assert.equal(poster.connectionCount, 0);
  });
  await assert.rejects(new PlainPoster({ url, ...PATIENT }).post("/p", {}, "{}"));
  await withServer(() => [], async (silent) => {
    const poster = new PlainPoster({ url: silent, ...PATIENT });
    const answer = poster.post("/p", {}, "{}");
    poster.close();
    await assert.rejects(answer, /was closed/);
  });
});

Deno.test("PlainPoster gives each answer its time, and no more", async () => {
  let isSilent = false;
  await withServer(() => isSilent ? [] : [answerOf("{}")], async (url) => {
    const poster = new PlainPoster({ url, timeoutMs: 300 });
    await poster.post("/p", {}, "{}");
    isSilent = true;
    const late = await Promise.allSettled([
      poster.post("/p", {}, "{}"),
      poster.post("/p", {}, "{}"),
    ]);
    assert.deepEqual(late.map((each) => each.status === "rejected" && each.reason.name), [
      "TimeoutError",
      "TimeoutError",
    ]);
    assert.equal(poster.connectionCount, 0);
  });
});

Deno.test("arePlain() takes visible ASCII alone, with spaces inside", () => {
  assert(arePlain(["Bearer abc", "a"]));
  for (const value of ["", " a", "a ", "a\r\nb", "ä"]) assert(!arePlain([value]));
});
