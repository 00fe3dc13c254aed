import assert from "node:assert/strict";
import type { BlockHash } from "../primitives/header.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { call } from "../testing/raw_caller.ts";
import { testParams } from "../testing/test_params.ts";
import { TestPeer } from "../testing/test_peer.ts";
import type { Message } from "../wire/message.ts";
import { createLinkFaults } from "./link_faults.ts";

async function withPeers(
  peers: readonly TestPeer[],
  body: () => Promise<void>,
): Promise<void> {
  try {
    await body();
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
  }
}

function numbered(index: number): Message {
  const hash = index.toString(16).padStart(64, "0") as BlockHash;
  return { type: "get-blocks", hashes: [hash] };
}

Deno.test("messages arrive in order, with the key of their sender, several in a frame", async () => {
  const alice = new TestPeer(1);
  const bob = new TestPeer(2);
  await withPeers([alice, bob], async () => {
    for (let index = 0; index < 500; index++) alice.sendTo(bob, numbered(index));
    await bob.until(() => bob.received.length === 500);
    assert.deepEqual(bob.received.map(({ message }) => message), numberedUpTo(500));
    assert(bob.received.every(({ from }) => from === alice.keyPair.publicKey));

    const { sent, framesSent } = alice.transport.stats();
    assert.equal(sent["get-blocks"]?.messages, 500);
    assert.equal(sent["get-blocks"]?.bytes, 500 * 35);
    assert(framesSent < 10, `Got ${framesSent} frames`);
    assert.equal(bob.transport.stats().received["get-blocks"]?.messages, 500);
    assert(alice.has("connected", bob.url));
    assert(bob.has("called", alice.url));
  });
});

Deno.test("both directions work at once", async () => {
  const alice = new TestPeer(1);
  const bob = new TestPeer(2);
  await withPeers([alice, bob], async () => {
    for (let index = 0; index < 50; index++) {
      alice.sendTo(bob, numbered(index));
      bob.sendTo(alice, numbered(index));
    }
    await Promise.all([
      alice.until(() => alice.received.length === 50),
      bob.until(() => bob.received.length === 50),
    ]);
    assert.deepEqual(alice.received.map(({ message }) => message), numberedUpTo(50));
  });
});

Deno.test("a member hears over the stream that it has opened itself, though there is a link to it", async () => {
  const alice = new TestPeer(1);
  const bob = new TestPeer(2);
  const client = Deno.createHttpClient({});
  await withPeers([alice, bob], async () => {
    bob.sendTo(alice, numbered(0));
    await alice.until(() => alice.received.length === 1);

    const host = await call({ url: bob.url, keyPair: alice.keyPair, client });
    const stream = "code" in host ? undefined : await host.open();
    assert(stream !== undefined);
    bob.sendTo(alice, numbered(1));
    while (stream.received.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(stream.received, [numbered(1)]);
    assert.equal(bob.transport.stats().linksOpen, 1);

    // Without it, the link is there.
    await stream.close();
    await bob.until(() => bob.transport.stats().streamsOpen === 0);
    bob.sendTo(alice, numbered(2));
    await alice.until(() => alice.received.length === 2);
    assert.deepEqual(alice.received[1]?.message, numbered(2));
  });
  client.close();
});

Deno.test("a key that is not the wanted one is refused, and nothing is delivered", async () => {
  const alice = new TestPeer(1);
  const bob = new TestPeer(2);
  await withPeers([alice, bob], async () => {
    const carol = numberedKeyPair(3);
    alice.sendTo({ url: bob.url, keyPair: carol }, numbered(0));
    await alice.until(() => alice.has("failed", "identity-mismatch"));
    assert.equal(alice.told[0]?.publicKey, carol.publicKey);
    assert.equal(bob.received.length, 0);

    bob.transport.stats();
    alice.transport.send({ url: alice.url, publicKey: undefined }, numbered(1));
    await alice.until(() => alice.received.length === 1);
  });
});

Deno.test("two keys at one URL do not disturb each other: a false address costs its owner only", async () => {
  const alice = new TestPeer(1);
  const bob = new TestPeer(2);
  const liar = { url: bob.url, keyPair: numberedKeyPair(3) };
  await withPeers([alice, bob], async () => {
    alice.sendTo(bob, numbered(0));
    await bob.until(() => bob.received.length === 1);
    for (let index = 1; index <= 20; index++) {
      alice.sendTo(liar, numbered(1000 + index));
      alice.sendTo(bob, numbered(index));
      await bob.until(() => bob.received.length === index + 1);
    }
    assert.deepEqual(bob.received.map(({ message }) => message), numberedUpTo(21));
    await alice.until(() => alice.has("failed", "identity-mismatch"));
    const failed = alice.told.filter(({ what }) => what === "failed");
    assert(failed.every(({ publicKey }) => publicKey === liar.keyPair.publicKey));
  });
});

Deno.test("the link that was not used for the longest time gives way to a new one", async () => {
  const alice = new TestPeer(1, { linksMax: 2 });
  const others = [2, 3, 4].map((number) => new TestPeer(number));
  await withPeers([alice, ...others], async () => {
    for (const [index, other] of [...others, ...others].entries()) {
      const round = Math.floor(index / 3) + 1;
      alice.sendTo(other, numbered(index));
      await other.until(() => other.received.length === round);
    }
    assert(alice.transport.stats().linksOpen <= 2);
    assert(!alice.told.some(({ what }) => what === "failed"));
  });
});

Deno.test("a peer that cannot be reached is tried again ever more rarely, up to backOffMsMax", async () => {
  const gone = new TestPeer(2);
  await gone.close();
  const alice = new TestPeer(1, { timing: { backOffMsMin: 3, backOffMsMax: 7 } });
  const setTimer = globalThis.setTimeout;
  const delaysMs: unknown[] = [];
  globalThis.setTimeout = ((run: () => void, delayMs?: number) => {
    delaysMs.push(delayMs);
    return setTimer(run, delayMs);
  }) as unknown as typeof setTimeout;
  try {
    await withPeers([alice], async () => {
      for (let count = 1; count <= 5; count++) {
        alice.sendTo(gone, numbered(count));
        await alice.until(() => alice.told.filter(({ what }) => what === "failed").length >= count);
      }
    });
  } finally {
    globalThis.setTimeout = setTimer;
  }
  const waits = delaysMs.filter((delayMs) => [3, 6, 7, 12, 24, 48].includes(Number(delayMs)));
  assert.deepEqual(waits, [3, 6, 7, 7, 7]);
});

Deno.test("N08 a joiner whose advertised URL does not lead to it is refused with one code, whatever is there", async () => {
  const gone = new TestPeer(3);
  const other = new TestPeer(4);
  await gone.close();
  const options = { kindOf: () => "stranger" as const, wantsProof: () => true };
  const bob = new TestPeer(2, { ...options, timing: { connectTimeoutMs: 1000 } });
  const alices = [gone, other].map(({ url }) => new TestPeer(1, { url }));
  await withPeers([bob, other, ...alices], async () => {
    for (const alice of alices) {
      const startedAtMs = performance.now();
      alice.sendTo(bob, numbered(0));
      await alice.until(() => alice.has("failed", "address-unproven"));
      assert(performance.now() - startedAtMs >= 499, "Both wait as long");
    }
    assert.equal(bob.received.length, 0);
    assert.equal(bob.transport.stats().addressesProbed, 2);
  });
});

Deno.test("a peer with more streams than it needs loses the oldest", async () => {
  const bob = new TestPeer(2);
  const alices = Array.from({ length: 6 }, () => new TestPeer(1));
  await withPeers([bob, ...alices], async () => {
    for (const [index, alice] of alices.entries()) {
      alice.sendTo(bob, numbered(index));
      await bob.until(() => bob.received.length === index + 1);
    }
    await alices[0]?.until(() => alices[0]?.has("failed", "connection-closed") ?? false);
    await alices[1]?.until(() => alices[1]?.has("failed", "connection-closed") ?? false);
    assert.equal(bob.transport.stats().streamsOpen, 4);
  });
});

Deno.test("a peer that restarts on its old address is found again", async () => {
  const alice = new TestPeer(1);
  const first = new TestPeer(2);
  const { port } = first;
  alice.sendTo(first, numbered(0));
  await first.until(() => first.received.length === 1);
  await first.close();
  await alice.until(() => alice.has("failed", "connection-closed"));
  alice.sendTo(first, numbered(1));
  await alice.until(() => alice.has("failed", "unreachable"));

  const second = new TestPeer(2, { port });
  await withPeers([alice, second], async () => {
    second.sendTo(alice, numbered(7));
    await alice.until(() => alice.received.length === 1);
    alice.sendTo(second, numbered(2));
    await second.until(() => second.received.length > 0);
    assert.deepEqual(second.received.at(-1)?.message, numbered(2));
  });
});

Deno.test("R02 a peer that takes connections and never answers fails by time-out, others hear all", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  const patient = new TestPeer(1, { timing: { connectTimeoutMs: 600_000 } });
  const hasty = new TestPeer(4, { timing: { connectTimeoutMs: 200 } });
  const bob = new TestPeer(2);
  const hanging = { url: `http://127.0.0.1:${listener.addr.port}`, keyPair: numberedKeyPair(3) };
  await withPeers([patient, hasty, bob], async () => {
    for (let index = 0; index < 100; index++) {
      patient.sendTo(hanging, numbered(index));
      patient.sendTo(bob, numbered(index));
    }
    await bob.until(() => bob.received.length === 100);
    assert(!patient.told.some(({ what }) => what === "failed"));

    hasty.sendTo(hanging, numbered(0));
    await hasty.until(() => hasty.has("failed", "timeout"));
  });
  listener.close();
  await accepting;
  for (const connection of connections) connection.close();
});

Deno.test("a receiver without room slows the sender down, whose outbox drops the oldest", async () => {
  const gate = Promise.withResolvers<void>();
  const bob = new TestPeer(2, { deliver: () => gate.promise });
  const alice = new TestPeer(1);
  await withPeers([alice, bob], async () => {
    alice.sendTo(bob, numbered(0));
    await alice.until(() => alice.has("connected", bob.url));
    for (let index = 1; index <= 20_000; index++) {
      alice.sendTo(bob, numbered(index));
      if (index % 100 === 0) await Promise.resolve();
    }
    const dropped = alice.transport.stats().messagesDropped;
    assert(dropped >= 20_000 - 4 * 1024 - 8192 - 1, `Got ${dropped} dropped`);
    gate.resolve();
  });
});

Deno.test("injected latency keeps the order, injected loss takes whole frames", async () => {
  const bob = new TestPeer(2);
  const late = new TestPeer(1, {
    faults: createLinkFaults({ latencyMs: 50, loss: 0 }, () => 1),
  });
  const lossy = new TestPeer(3, {
    faults: createLinkFaults({ latencyMs: 0, loss: 0.5 }, alternating()),
  });
  await withPeers([bob, late, lossy], async () => {
    const startedAtMs = performance.now();
    for (let index = 0; index < 10; index++) late.sendTo(bob, numbered(index));
    await bob.until(() => bob.received.length === 10);
    assert(performance.now() - startedAtMs >= 49);
    assert.deepEqual(bob.received.map(({ message }) => message), numberedUpTo(10));

    for (let index = 0; index < 10; index++) {
      lossy.sendTo(bob, numbered(index));
      if (index === 0) await lossy.until(() => lossy.has("connected", bob.url));
      await Promise.resolve();
      await Promise.resolve();
    }
    const { framesLost, framesSent } = lossy.transport.stats();
    assert(framesLost > 0 && framesSent > 0, `Got ${framesLost} lost, ${framesSent} sent`);
  });
});

function numberedUpTo(count: number): Message[] {
  return Array.from({ length: count }, (_, index) => numbered(index));
}

/** Lets one frame through and takes the next. */
function alternating(): () => number {
  let isLost = true;
  return () => {
    isLost = !isLost;
    return isLost ? 0 : 1;
  };
}

/** An empty list is as good as any: what counts is its kind. */
const TRANSACTIONS: Message = { type: "transactions", transactions: [] };

Deno.test("transactions wait a little for others to share a frame; a block takes them along at once", async () => {
  const alice = new TestPeer(1);
  const bob = new TestPeer(2);
  await withPeers([alice, bob], async () => {
    alice.sendTo(bob, numbered(0));
    await bob.until(() => bob.received.length === 1);
    const { framesSent } = alice.transport.stats();

    // The first may follow at once; the others come one by one, each in a turn of its own.
    for (let count = 0; count < 20; count++) {
      alice.sendTo(bob, TRANSACTIONS);
      await Promise.resolve();
    }
    alice.sendTo(bob, numbered(1));
    await bob.until(() => bob.received.length === 22);
    assert(alice.transport.stats().framesSent - framesSent <= 3);
    assert.equal(
      bob.received.at(-1)?.message.type,
      "get-blocks",
      "In the order in which they were sent",
    );
  });
});

Deno.test("a block overtakes what its peer has sent before it, on both sides, and comes once", async () => {
  const gate = Promise.withResolvers<void>();
  const delivered: string[] = [];
  const overtaken: string[] = [];
  const bob = new TestPeer(2, {
    deliver: (_, messages) => {
      delivered.push(...messages.map(({ type }) => type));
      return gate.promise;
    },
    overtake: (_, { type }) => overtaken.push(type) > 0,
  });
  const alice = new TestPeer(1);
  const { header, hash } = testParams().genesis;
  const block: Message = { type: "compact-block", hash, header, txids: [], prefilled: [] };
  await withPeers([alice, bob], async () => {
    alice.sendTo(bob, numbered(0));
    await soon(() => delivered.length === 1);
    // The first frame is being taken: three more fill the sender's window, and all others wait there.
    for (let index = 1; index < 10; index++) {
      alice.sendTo(bob, numbered(index));
      await Promise.resolve();
    }
    const { framesSent } = alice.transport.stats();
    for (let count = 0; count < 3; count++) alice.sendTo(bob, block);
    // Two go beyond the window, the third waits with the rest.
    await soon(() => overtaken.length === 2);
    assert.equal(alice.transport.stats().framesSent, framesSent + 2);
    assert.deepEqual(delivered, ["get-blocks"]);
    gate.resolve();
    await soon(() => delivered.length === 11);
    assert.deepEqual(overtaken, ["compact-block", "compact-block"]);
    assert.equal(delivered.filter((type) => type === "compact-block").length, 1);
  });
});

/** Resolves as soon as the condition holds, which nothing tells of. */
async function soon(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("a frame that is not acknowledged in time ends the stream, however the ones before were", async () => {
  const hang = Promise.withResolvers<void>();
  let taken = 0;
  const bob = new TestPeer(2, {
    deliver: () => ++taken <= 2 ? Promise.resolve() : hang.promise,
  });
  const alice = new TestPeer(1, { timing: { ackTimeoutMs: 300 } });
  await withPeers([alice, bob], async () => {
    for (const number of [0, 1, 2]) {
      alice.sendTo(bob, numbered(number));
      await soon(() => taken === number + 1);
    }
    await alice.until(() => alice.told.some(({ what }) => what === "failed"));
    assert.deepEqual(alice.told.map(({ what, detail }) => what === "failed" ? detail : what), [
      "connected",
      "timeout",
    ]);
    hang.resolve();
  });
});

Deno.test("lagMs() tells how far most members are behind: one that hangs counts for nothing", async () => {
  const hang = Promise.withResolvers<void>();
  const slow = [3, 4].map((number) => new TestPeer(number, { deliver: () => hang.promise }));
  const quick = [5, 6].map((number) => new TestPeer(number));
  const alice = new TestPeer(1);
  const bob = new TestPeer(2);
  await withPeers([alice, bob, ...quick, ...slow], async () => {
    assert.equal(alice.transport.lagMs(), 0, "Nobody is there");

    for (const peer of [...quick, slow[0]!]) alice.sendTo(peer, numbered(0));
    for (const peer of [quick[0]!, ...slow]) bob.sendTo(peer, numbered(0));
    await Promise.all([
      alice.until(() => alice.told.filter(({ what }) => what === "connected").length === 3),
      bob.until(() => bob.told.filter(({ what }) => what === "connected").length === 3),
    ]);
    await soon(() => slow.every(({ transport }) => transport.lagMs() > 100));
    await soon(() => alice.transport.lagMs() === 0);
    assert(bob.transport.lagMs() > 0, "Two of three are behind");

    hang.resolve();
    await soon(() => bob.transport.lagMs() === 0);
    await soon(() => slow.every(({ transport }) => transport.lagMs() === 0));
  });
});
