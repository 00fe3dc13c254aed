import assert from "node:assert/strict";
import { concatBytes } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { createP2pRoutes, LateRefusals } from "../http/p2p_routes.ts";
import { PEER_LIMITS } from "../peers/peer_budgets.ts";
import { createPeerTransport } from "../peers/peer_transport.ts";
import { call } from "../testing/raw_caller.ts";
import { RawConnection } from "../testing/raw_connection.ts";
import { P2P_PATH } from "../wire/handshake.ts";
import type { Message } from "../wire/message.ts";
import { signRecord } from "../wire/ring.ts";
import type { Upgrade } from "./connections.ts";
import { serveHttp } from "./http_server.ts";

const KIB = 1024;
const ASK = "GET /stream HTTP/1.1\r\nHost: n\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A server that opens bounded sockets, and what it was asked and told. */
async function withServer(
  mayKeep: (sizeBytes: number, socket: WebSocket) => boolean,
  body: (server: { port: number; sockets: WebSocket[] }) => Promise<void>,
): Promise<void> {
  const sockets: WebSocket[] = [];
  const handle = (request: Request, _address: string, upgrade?: Upgrade) => {
    const opened = upgrade?.(request, {
      idleTimeout: 30,
      mayKeep: (sizeBytes) => mayKeep(sizeBytes, sockets.at(-1) as WebSocket),
    });
    if (opened === undefined) return new Response("none", { status: 400 });
    opened.socket.binaryType = "arraybuffer";
    opened.socket.onmessage = ({ data }) => opened.socket.send(data);
    sockets.push(opened.socket);
    return opened.response;
  };
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, { handle });
  try {
    await body({ port: server.port, sockets });
  } finally {
    await server.shutdown();
  }
}

async function openRaw(port: number): Promise<RawConnection> {
  const caller = new RawConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
  await caller.write(ASK);
  assert.match(await caller.read() as string, /^HTTP\/1\.1 101 /);
  return caller;
}

/** The beginning of a masked binary frame of so many bytes; the mask is zero. */
function headOf(sizeBytes: number): Uint8Array {
  const head = new Uint8Array(14);
  head.set([0x82, 0xff]);
  new DataView(head.buffer).setBigUint64(2, BigInt(sizeBytes));
  return head;
}

async function writeAll({ conn }: RawConnection, bytes: Uint8Array): Promise<void> {
  const writer = conn.writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

Deno.test("a bounded socket carries messages both ways, and is closed with a code and a reason", async () => {
  await withServer(() => true, async ({ port, sockets }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/stream`);
    socket.binaryType = "arraybuffer";
    const heard: number[] = [];
    const all = Promise.withResolvers<void>();
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000];
    socket.onopen = () => sizes.forEach((size) => socket.send(new Uint8Array(size)));
    socket.onmessage = ({ data }) => {
      heard.push(data.byteLength);
      if (heard.length === sizes.length) all.resolve();
    };
    await all.promise;
    assert.deepEqual(heard, sizes);
    const closed = new Promise<[number, string]>((resolve) => {
      socket.onclose = ({ code, reason }) => resolve([code, reason]);
    });
    sockets[0]?.close(4010, "not-admitted");
    assert.deepEqual(await closed, [4010, "not-admitted"]);
  });
});

Deno.test("X03 of a frame that never becomes whole only what may be kept is read; then the connection is cut", async () => {
  const kept: number[] = [];
  const mayKeep = (sizeBytes: number, socket: WebSocket) => {
    kept.push(sizeBytes);
    if (sizeBytes <= 256 * KIB) return true;
    socket.close(4004, "frame-oversized");
    return false;
  };
  await withServer(mayKeep, async ({ port }) => {
    const caller = await openRaw(port);
    await writeAll(caller, headOf(60 * 1024 * KIB));
    await writeAll(caller, new Uint8Array(100 * KIB));
    // Far less than the frame has is taken, or nobody would cut this off.
    const isCut = await (async () => {
      for (let count = 0; count < 1_000; count++) {
        await writeAll(caller, new Uint8Array(64 * KIB));
      }
    })().then(() => false, () => true);
    assert(isCut);
    assert(kept.length > 2 && Math.max(...kept) < 512 * KIB, kept.join());
    assert.equal(await caller.read(), null);
  });
});

Deno.test("X03 who goes on after it was told of the end is cut after 64 KiB, and may end in good order before", async () => {
  for (const [restSizeBytes, code] of [[40 * KIB, 4004], [200 * KIB, 1006]] as const) {
    const closed = Promise.withResolvers<number>();
    const mayKeep = (_: number, socket: WebSocket) => {
      socket.onclose = ({ code }) => closed.resolve(code);
      socket.close(4004, "frame-oversized");
      return false;
    };
    await withServer(mayKeep, async ({ port }) => {
      const caller = await openRaw(port);
      const begun = new Uint8Array(10 * KIB);
      await writeAll(caller, concatBytes([headOf(begun.length + restSizeBytes), begun]));
      assert.match(await caller.read() as string, /frame-oversized/);
      const end = new Uint8Array([0x88, 0x82, 0, 0, 0, 0, 0x0f, 0xa4]);
      await writeAll(caller, concatBytes([new Uint8Array(restSizeBytes), end])).catch(() => {});
      assert.equal(await closed.promise, code);
      caller.conn.close();
    });
  }
});

Deno.test("X03 frames in parts are refused, and what is whole is kept by nobody", async () => {
  const kept: number[] = [];
  await withServer((sizeBytes) => {
    kept.push(sizeBytes);
    return true;
  }, async ({ port }) => {
    const caller = await openRaw(port);
    for (let count = 0; count < 20; count++) {
      const content = new Uint8Array(100 * KIB);
      await writeAll(caller, concatBytes([headOf(content.length), content]));
    }
    assert(kept.every((sizeBytes) => sizeBytes < 100 * KIB), kept.join());
    const parts = await openRaw(port);
    await writeAll(parts, new Uint8Array([0x02, 0x81, 0, 0, 0, 0, 1, 0x00, 0x81, 0, 0, 0, 0, 1]));
    await parts.closed();
    caller.conn.close();
  });
});

Deno.test("a request that is no WebSocket's opens none", async () => {
  await withServer(() => true, async ({ port, sockets }) => {
    for (const spoilt of [ASK.replace("13", "7"), ASK.replace("dGhl", "")]) {
      const caller = new RawConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
      await caller.write(spoilt);
      assert.match(await caller.read() as string, /^HTTP\/1\.1 400 /);
      await caller.closed();
    }
    assert.equal(sockets.length, 0);
  });
});

Deno.test("X03 a stranger's frame is refused while it comes, a member's is taken whole", async () => {
  const host = numberedKeyPair(2);
  const member = numberedKeyPair(1);
  const misbehaved: string[] = [];
  const received: { from: PublicKey; message: Message }[] = [];
  let onMessage = () => {};
  const transport = createPeerTransport({
    keyPair: host,
    record: signRecord({ url: "http://127.0.0.1:9", sequence: 1 }, host),
    joinToken: "",
    kindOf: (publicKey) => publicKey === member.publicKey ? "member" : "stranger",
    wantsProof: () => false,
    knowsMembers: () => true,
    overtake: () => false,
    deliver: (from, messages) => {
      for (const message of messages) received.push({ from, message });
      onMessage();
      return Promise.resolve();
    },
    onConnected: () => {},
    onFailed: () => {},
    onMisbehaved: (_, code) => misbehaved.push(code),
  });
  const routes = createP2pRoutes(transport, new LateRefusals(1));
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0 }, {
    handle: (request, remoteAddress, upgrade) => {
      const path = new URL(request.url).pathname.slice(P2P_PATH.length);
      const asked = new Request(new URL(path, request.url), request);
      return routes.fetch(asked, { remoteAddress, upgrade });
    },
  });
  const client = Deno.createHttpClient({});
  const url = `http://127.0.0.1:${server.port}`;
  try {
    const openAs = async (keyPair: typeof host) => {
      const called = await call({ url, keyPair, client });
      assert(!("code" in called), "code" in called ? called.code : "");
      const stream = await called.open();
      assert(stream !== undefined);
      return stream;
    };
    const stranger = await openAs(numberedKeyPair(3));
    const heard = new Promise<void>((resolve) => onMessage = resolve);
    stranger.send({ type: "get-pool" });
    await heard;
    assert.deepEqual(received, [{
      from: numberedKeyPair(3).publicKey,
      message: { type: "get-pool" },
    }]);
    stranger.socket.send(new Uint8Array(PEER_LIMITS.frameOfStrangerSizeBytesMax + 50 * KIB));
    assert.deepEqual(await stranger.closed, { code: 4004, reason: "frame-oversized" });
    assert.deepEqual(misbehaved.splice(0), ["frame-oversized"]);

    const known = await openAs(member);
    known.socket.send(new Uint8Array(4 * PEER_LIMITS.frameOfStrangerSizeBytesMax));
    assert.deepEqual(await known.closed, { code: 4001, reason: "frame-undecipherable" });
    assert.deepEqual(misbehaved, []);
  } finally {
    await transport.close();
    client.close();
    await server.shutdown();
  }
});
