/** Connections over TLS have the bounds of those in clear. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { PlainDoor } from "../http/plain_doors.ts";
import type { Asked } from "../http/plain_request.ts";
import { CONNECTION_LIMITS, type ConnectionLimits, type ServingOptions } from "./connections.ts";
import { startTlsServer, type TlsServer } from "./tls_server.ts";
import { RawConnection } from "../testing/raw_connection.ts";

const isOwner = ({ headers }: Asked) => headers.get("authorization") === "Bearer t";

/** Answers the owner there before the whole server. */
const plain: PlainDoor = {
  path: "/plain",
  bodySizeBytesMax: 1_000_000,
  waitsFor: isOwner,
  answer({ asked, text }) {
    if (!isOwner(asked)) return undefined;
    return Promise.resolve({ status: 202, headers: {}, body: `plain ${asked.url} ${text()}` });
  },
};

interface Here {
  readonly server: TlsServer;
  readonly ca: string;
  /** Other certificates in the same files, of an authority of their own, which is the answer. */
  readonly renew: () => Promise<string>;
  /** No certificate in its file. */
  readonly spoil: () => Promise<void>;
}

async function withServer(
  limits: Partial<ConnectionLimits>,
  body: (here: Here) => Promise<void>,
  handle: ServingOptions["handle"] = answer,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "noobcash-test-" });
  try {
    const certPath = join(folder, "node.pem");
    const ca = await makeCertificates(folder);
    const started = await startTlsServer("127.0.0.1", {
      certPath,
      keyPath: join(folder, "node-key.pem"),
      port: 0,
    }, { handle, isOwner, doors: [plain], limits: { ...CONNECTION_LIMITS, ...limits } });
    assert(started.ok, started.ok ? "" : started.error);
    const { value: server } = started;
    try {
      await body({
        server,
        ca,
        renew: async () => {
          await Deno.remove(folder, { recursive: true });
          await Deno.mkdir(folder);
          return await makeCertificates(folder);
        },
        spoil: () => Deno.writeTextFile(certPath, "no certificate"),
      });
    } finally {
      await server.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes a node's certificate and key; the answer is their authority. */
async function makeCertificates(folder: string): Promise<string> {
  const script = new URL("../../scripts/certificates.sh", import.meta.url).pathname;
  const { success } = await new Deno.Command("sh", {
    args: [script, "--out", folder, "node=127.0.0.1,localhost"],
  }).output();
  assert(success);
  return await Deno.readTextFile(join(folder, "ca.pem"));
}

async function answer(request: Request): Promise<Response> {
  if (new URL(request.url).pathname !== "/events") return new Response(await request.text());
  let timer: ReturnType<typeof setInterval>;
  const body = new ReadableStream<Uint8Array>({
    start(out) {
      timer = setInterval(() => out.enqueue(new TextEncoder().encode(": alive\n\n")), 20);
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const get = (path: string, token = "") =>
  `GET ${path} HTTP/1.1\r\nHost: n\r\n${token === "" ? "" : `Authorization: ${token}\r\n`}\r\n`;

class Caller extends RawConnection {
  static async of({ server, ca }: Here, text = ""): Promise<Caller> {
    const options = { hostname: "127.0.0.1", port: server.port, caCerts: [ca] };
    const conn = await Deno.connectTls(options);
    try {
      await conn.handshake();
    } catch (error) {
      conn.close();
      throw error;
    }
    const caller = new Caller(conn);
    await caller.write(text);
    return caller;
  }
}

Deno.test("X07 over TLS, too, connections that say nothing, and half-sent headers, are closed after a time", async () => {
  await withServer({ firstRequestMsMax: 300 }, async (here) => {
    const silent = await Caller.of(here);
    const half = await Caller.of(here, "GET / HTTP/1.1\r\nHos");
    await Promise.all([silent.closed(), half.closed()]);
  });
});

Deno.test("X07 whoever never shakes hands keeps nobody out and holds up no end of a TLS server", async () => {
  await withServer({ idlePerAddressMax: 2 }, async (here) => {
    const { port } = here.server;
    const unshaken = await Promise.all(
      Array.from({ length: 5 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    const caller = await Caller.of(here, get("/"));
    assert.match(await caller.read() ?? "", /200 OK/);
    caller.conn.close();
    await here.server.close();
    for (const conn of unshaken) conn.close();
  });
});

Deno.test("X07 whoever never shakes hands, or says what is none, is closed after a time", async () => {
  await withServer({ firstRequestMsMax: 200 }, async ({ server: { port } }) => {
    const silent = new RawConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
    const garbled = new RawConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
    await garbled.write("GET / HTTP/1.1\r\nHost: n\r\n\r\n");
    await Promise.all([silent.closed(), garbled.closed()]);
  });
});

Deno.test("X07 over TLS nobody gets a WebSocket, bodies arrive whole, and a request knows its scheme", async () => {
  await withServer({}, async (here) => {
    const socket = await Caller.of(
      here,
      "GET /ws HTTP/1.1\r\nHost: n\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    assert.match(await socket.read() ?? "", /^HTTP\/1.1 426[\s\S]*https:\/\/n\/ws none$/);
    socket.conn.close();

    const client = Deno.createHttpClient({ caCerts: [here.ca] });
    const url = `https://localhost:${here.server.port}/body`;
    const bodies = ["", "x", "y".repeat(300_000)];
    for (const body of [...bodies, new Blob(["in pieces"]).stream()]) {
      const response = await fetch(url, { method: "POST", body, client });
      const wanted = typeof body === "string" ? body : "in pieces";
      assert.equal(await response.text(), `${url} ${wanted || "none"}`);
    }
    client.close();
  }, async (request, _address, upgrade) => {
    const text = `${request.url} ${await request.text() || "none"}`;
    const isSocket = request.headers.has("upgrade");
    assert.equal(upgrade, undefined);
    return new Response(text, { status: isSocket ? 426 : 200 });
  });
});

Deno.test("a certificate that is read again is the one that new connections get, and a wrong one changes nothing", async () => {
  await withServer({}, async (here) => {
    const { server, renew, spoil } = here;
    const resting = await Caller.of(here, get("/"));
    assert.match(await resting.read() ?? "", /200 OK/);
    const next = await renew();
    assert.equal(server.reload(), undefined);
    await assert.rejects(() => Caller.of(here));
    const caller = await Caller.of({ ...here, ca: next }, get("/"));
    assert.match(await caller.read() ?? "", /200 OK/);
    await resting.write(get("/"));
    assert.match(await resting.read() ?? "", /200 OK/);

    await spoil();
    assert.match(server.reload() ?? "", /^Cannot use /);
    const again = await Caller.of({ ...here, ca: next }, get("/"));
    assert.match(await again.read() ?? "", /200 OK/);
    for (const { conn } of [resting, caller, again]) conn.close();
  });
});

Deno.test("X07 over TLS one more connection takes the place of the oldest that rests, and the owner's stay", async () => {
  await withServer({ idlePerAddressMax: 2 }, async (here) => {
    const owner = await Caller.of(here, get("/", "Bearer t"));
    assert.match(await owner.read() ?? "", /200 OK/);
    const first = await Caller.of(here);
    const second = await Caller.of(here);
    const third = await Caller.of(here, get("/"));
    assert.match(await third.read() ?? "", /200 OK/);
    await first.closed();
    await owner.write(get("/"));
    assert.match(await owner.read() ?? "", /200 OK/);
    for (const { conn } of [owner, second, third]) conn.close();
  });
});

Deno.test("X07 over TLS an event stream outlives every limit, and whoever rests does not", async () => {
  const limits = { firstRequestMsMax: 300, restMsMax: 300, idlePerAddressMax: 1 };
  await withServer(limits, async (here) => {
    const events = await Caller.of(here, get("/events"));
    assert.match(await events.read() ?? "", /200 OK/);
    const resting = await Caller.of(here, get("/"));
    await resting.closed();
    await (await Caller.of(here)).closed();
    assert.match(await events.read() ?? "", /alive/);
    events.conn.close();
  });
});

Deno.test("X07 over TLS an address that connects too often is closed at once", async () => {
  const limits = { newPerAddress: { perSecond: 0.001, burst: 2 } };
  await withServer(limits, async (here) => {
    for (let count = 0; count < 2; count++) {
      const caller = await Caller.of(here, get("/"));
      assert.match(await caller.read() ?? "", /200 OK/);
      caller.conn.close();
    }
    await assert.rejects(async () => {
      const caller = await Caller.of(here, get("/"));
      const text = await caller.read();
      caller.conn.close();
      assert.notEqual(text, null);
    });
  });
});

Deno.test("X07 the end of a TLS server waits for the answer that was begun", async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await withServer({}, async (here) => {
    const caller = await Caller.of(here, get("/"));
    const silent = await Caller.of(here);
    await asked.promise;
    const ended = here.server.close();
    await silent.closed();
    gate.resolve();
    let text = "";
    for (let part = await caller.read(); part !== null; part = await caller.read()) text += part;
    assert.match(text, /done/);
    caller.conn.close();
    await ended;
  }, async () => {
    asked.resolve();
    await gate.promise;
    return new Response("done");
  });
});

Deno.test("P01 over TLS plain requests are answered first, and any other goes to the whole server", async () => {
  await withServer({}, async (here) => {
    const caller = await Caller.of(here);
    const order = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: n\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\n\r\nhi`;
    const answerOf = async (end: string) => {
      let text = "";
      while (!text.endsWith(end)) text += await caller.read() ?? assert.fail(text);
      return text;
    };
    for (let count = 0; count < 2; count++) {
      await caller.write(order("/plain"));
      assert.match(await answerOf("hi"), /202 Accepted[^]*plain https:\/\/n\/plain hi$/);
    }
    await caller.write(order("/other"));
    assert.match(await answerOf("hi"), /200 OK[^]*\r\nhi$/);
    await caller.write(order("/plain"));
    assert.match(await answerOf("hi"), /200 OK[^]*\r\nhi$/);
    caller.conn.close();
  });
});
