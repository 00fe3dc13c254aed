import assert from "node:assert/strict";
import { concatBytes } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import type { BlockHash } from "../primitives/header.ts";
import { call, RawStream } from "../testing/raw_caller.ts";
import { testParams } from "../testing/test_params.ts";
import { TestPeer } from "../testing/test_peer.ts";
import { encodeAck } from "../wire/batch.ts";
import { encodeMessage } from "../wire/codec.ts";
import type { Message } from "../wire/message.ts";
import type { PeerKind } from "./peer_budgets.ts";
import type { PeerTransportOptions } from "./peer_transport.ts";

const memberKey = numberedKeyPair(1).publicKey;
const GET_POOL: Message = { type: "get-pool" };

function kindOf(publicKey: PublicKey): PeerKind {
  return publicKey === memberKey ? "member" : "stranger";
}

/** Bob, who knows one member, and whoever calls him. */
async function withBob(
  options: Partial<PeerTransportOptions>,
  body: (bob: TestPeer, callAs: (number: number) => Promise<RawStream>) => Promise<void>,
): Promise<void> {
  const bob = new TestPeer(2, { kindOf, ...options });
  const client = Deno.createHttpClient({});
  const streams: RawStream[] = [];
  const callAs = async (number: number) => {
    for (;;) {
      const host = await call({ url: bob.url, keyPair: numberedKeyPair(number), client });
      if ("code" in host) {
        assert.equal(host.code, "peers-busy");
        await new Promise((resolve) => setTimeout(resolve, 30));
        continue;
      }
      const stream = await host.open();
      assert(stream !== undefined, "The stream was refused");
      streams.push(stream);
      return stream;
    }
  };
  try {
    await body(bob, callAs);
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
    client.close();
    await bob.close();
  }
}

Deno.test("a stranger that writes the protocol by hand is heard, and answered over its own stream", async () => {
  await withBob({}, async (bob, callAs) => {
    const stream = await callAs(3);
    stream.send(GET_POOL);
    await bob.until(() => bob.received.length === 1);
    assert.deepEqual(bob.received[0]?.from, numberedKeyPair(3).publicKey);
    bob.transport.send({ url: "", publicKey: numberedKeyPair(3).publicKey }, GET_POOL);
    bob.transport.send(
      { url: "http://127.0.0.1:9", publicKey: numberedKeyPair(3).publicKey },
      GET_POOL,
    );
    stream.send(GET_POOL);
    await bob.until(() => bob.received.length === 2);
    while (stream.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(stream.received, [GET_POOL, GET_POOL]);
  });
});

Deno.test("X01 a stranger is not called, whatever address it has told", async () => {
  let calls = 0;
  const elsewhere = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    calls++;
    return new Response(null, { status: 404 });
  });
  await withBob({}, async (bob) => {
    const url = `http://127.0.0.1:${elsewhere.addr.port}`;
    bob.transport.send({ url, publicKey: numberedKeyPair(3).publicKey }, GET_POOL);
    assert.equal(bob.transport.stats().messagesDropped, 1);
    // The next call to the same place is a member's, and it is the first that comes.
    bob.transport.send({ url, publicKey: memberKey }, GET_POOL);
    await bob.until(() => bob.has("failed", "handshake-refused"));
    assert.equal(calls, 1);
  });
  await elsewhere.shutdown();
});

Deno.test("X03 strangers have 64 streams from one address; a member has its place all the same", async () => {
  await withBob({ strangerMsMax: 600_000 }, async (bob, callAs) => {
    for (let number = 100; number < 164; number++) await callAs(number);
    await assert.rejects(callAs(200), /The stream was refused/);
    assert.equal(bob.transport.stats().streamsOpen, 64);
    assert(bob.transport.stats().handshakesRefused["peers-busy"] as number >= 1);

    const alice = new TestPeer(1);
    alice.sendTo(bob, GET_POOL);
    await bob.until(() => bob.received.length === 1);
    assert.equal(bob.received[0]?.from, memberKey);
    await alice.close();
  });
});

Deno.test("X03 a stranger that is not let in has to go after a while", async () => {
  await withBob({ strangerMsMax: 50 }, async (_bob, callAs) => {
    const stream = await callAs(3);
    assert.deepEqual(await stream.closed, { code: 4010, reason: "not-admitted" });
    const member = await callAs(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(member.socket.readyState, WebSocket.OPEN);
  });
});

Deno.test("an acknowledgement speaks for two frames of transactions at most, and one frame gets its own", async () => {
  const gate = Promise.withResolvers<void>();
  await withBob({ deliver: () => gate.promise }, async (_bob, callAs) => {
    const { transactions } = testParams().genesis;
    const stream = await callAs(1);
    for (let count = 0; count < 8; count++) stream.send({ type: "transactions", transactions });
    gate.resolve();
    const until = async (taken: number) => {
      while (stream.acknowledged < taken) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(8);
    stream.send({ type: "transactions", transactions });
    await until(9);
    for (const [index, taken] of stream.acknowledgements.entries()) {
      assert(taken - (stream.acknowledgements[index - 1] ?? 0) <= 2, "Half of the window is open");
    }
  });
});

const BREACHES: Readonly<
  Record<string, { readonly end: [number, string]; break: (stream: RawStream) => void }>
> = {
  "a frame above 256 KiB": {
    end: [4004, "frame-oversized"],
    break: (stream) => stream.sendContent(new Uint8Array(300 * 1024).fill(1)),
  },
  "text": {
    end: [4002, "frame-malformed"],
    break: (stream) => stream.socket.send("hello"),
  },
  "a frame of a kind that there is not": {
    end: [4002, "frame-malformed"],
    break: (stream) => stream.sendContent(new Uint8Array([2, 0])),
  },
  "a message that is none": {
    end: [4003, "message-malformed"],
    break: (stream) => stream.sendBatch([new Uint8Array([99])]),
  },
  "an empty batch": {
    end: [4003, "message-malformed"],
    break: (stream) => stream.sendBatch([]),
  },
  "an acknowledgement of nothing": {
    end: [4006, "acknowledgement-malformed"],
    break: (stream) => stream.sendContent(concatBytes([new Uint8Array([0]), encodeAck(1)])),
  },
};

Deno.test("X03 whoever breaks the protocol loses its stream, and is told why", async () => {
  for (const [what, { end: [code, reason], break: breakIt }] of Object.entries(BREACHES)) {
    await withBob({}, async (bob, callAs) => {
      const stream = await callAs(3);
      breakIt(stream);
      assert.deepEqual(await stream.closed, { code, reason }, what);
      assert(bob.has("misbehaved", reason), what);
      assert.equal(bob.received.length, 0, what);
    });
  }
});

Deno.test("X03 what a stranger sends too much of waits as it came, and is looked at when its turn has come", async () => {
  await withBob({}, async (_bob, callAs) => {
    const stream = await callAs(3);
    const known = encodeMessage(GET_POOL);
    stream.sendBatch([...Array.from({ length: 99 }, () => known), new Uint8Array([99])]);
    // Not what stands in the frame ends the stream, for that one waits.
    stream.socket.send("hello");
    assert.deepEqual(await stream.closed, { code: 4002, reason: "frame-malformed" });
  });
});

Deno.test("a frame that the other end did not seal ends the stream and blames nobody", async () => {
  await withBob({}, async (bob, callAs) => {
    const stream = await callAs(3);
    stream.socket.send(new Uint8Array(100));
    assert.deepEqual(await stream.closed, { code: 4001, reason: "frame-undecipherable" });
    assert(!bob.told.some(({ what }) => what === "misbehaved"));
    assert(bob.has("failed", "frame-undecipherable"));
  });
});

Deno.test("X03 eight frames of one stream wait at a time, whoever it is", async () => {
  const gate = Promise.withResolvers<void>();
  await withBob({ deliver: () => gate.promise }, async (bob, callAs) => {
    const stream = await callAs(1);
    for (let count = 0; count < 9; count++) stream.send(GET_POOL);
    assert.deepEqual(await stream.closed, { code: 4005, reason: "peer-floods" });
    assert(bob.has("misbehaved", "peer-floods"));
    gate.resolve();
  });
});

Deno.test("members that can call each other send over streams of their own, and over the other's meanwhile", async () => {
  const bob = new TestPeer(2);
  const alice = new TestPeer(1, { url: "http://127.0.0.1:9" });
  alice.sendTo(bob, GET_POOL);
  await bob.until(() => bob.received.length === 1);
  bob.sendTo(alice, numbered(1));
  bob.sendTo(alice, numbered(2));
  await alice.until(() => alice.received.length === 2);
  assert.deepEqual(alice.received.map(({ message }) => message), [numbered(1), numbered(2)]);
  assert.equal(bob.transport.stats().linksOpen, 0);
  assert(!bob.told.some(({ what }) => what === "failed"), "There is a way");
  await Promise.all([alice.close(), bob.close()]);
});

Deno.test("a stream is not readable on the way: no byte of a message is in it", async () => {
  const text = encodeMessage(numbered(7));
  const needle = text.subarray(1, 35).toHex();
  const seen: string[] = [];
  const original = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (data instanceof Uint8Array) seen.push(data.toHex());
    original.call(this, data);
  };
  const bob = new TestPeer(2);
  const alice = new TestPeer(1);
  try {
    alice.sendTo(bob, numbered(7));
    await bob.until(() => bob.received.length === 1);
  } finally {
    WebSocket.prototype.send = original;
  }
  assert(seen.length > 0);
  assert(!seen.some((hex) => hex.includes(needle)));
  await Promise.all([alice.close(), bob.close()]);
});

function numbered(index: number): Message {
  const hash = index.toString(16).padStart(64, "5a") as BlockHash;
  return { type: "get-blocks", hashes: [hash] };
}
