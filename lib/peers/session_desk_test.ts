import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import {
  decodeHelloAnswer,
  encodeHello,
  encodeIdentity,
  type HandshakeCode,
} from "../wire/handshake.ts";
import { PendingHellos } from "./pending_hellos.ts";
import { SessionDesk } from "./session_desk.ts";

const bob = numberedKeyPair(2);
const alice = numberedKeyPair(1);
/** A peer of Bob's. */
const carol = numberedKeyPair(3);
const NONCE = "ab".repeat(32);

/** A desk of Bob's, and a place where Alice answers as she is told. */
async function withDesk(
  identityOf: (question: URL) => Promise<Response> | Response,
  body: (desk: SessionDesk, hello: Uint8Array, greeted: string[]) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => identityOf(new URL(request.url)),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const client = Deno.createHttpClient({});
  const closing = new AbortController();
  const greeted: string[] = [];
  const desk = new SessionDesk({
    own: { keyPair: bob, url: "http://127.0.0.1:2" },
    client,
    pendingHellos: new PendingHellos(),
    signal: closing.signal,
    callBackTimeoutMs: 60_000,
    isPeer: (publicKey) => publicKey === carol.publicKey,
    onGreeted: (publicKey, at) => void greeted.push(`${publicKey} ${at}`),
  });
  const hello = encodeHello({
    protocolVersion: 1,
    publicKey: alice.publicKey,
    url,
    recipient: bob.publicKey,
    nonce: NONCE,
  }, alice);
  try {
    await body(desk, hello, greeted);
  } finally {
    closing.abort();
    client.close();
    await server.shutdown();
  }
}

function honest(question: URL): Response {
  const { challenge = "", nonce = "" } = Object.fromEntries(question.searchParams);
  return new Response(encodeIdentity({ challenge, nonce, url: question.origin }, alice));
}

Deno.test("SessionDesk grants a session that opens one stream, once", async () => {
  await withDesk(honest, async (desk, hello, greeted) => {
    const answer = await desk.answerHello(hello);
    assert(answer.ok);
    assert.equal(greeted.length, 1);
    const decoded = decodeHelloAnswer(answer.value, { nonce: NONCE, sender: alice.publicKey });
    assert.equal(decoded?.publicKey, bob.publicKey);
    const session = decoded?.session as string;
    assert.equal(desk.claim(session), alice.publicKey);
    assert.equal(desk.claim(session), undefined);
    assert.equal(desk.claim("cd".repeat(32)), undefined);
  });
});

Deno.test("N08 SessionDesk refuses who is not at the address that it claims", async () => {
  const cases: [string, (question: URL) => Response, HandshakeCode][] = [
    ["says no", () => new Response(null, { status: 404 }), "identity-mismatch"],
    ["says nonsense", () => new Response("hello"), "identity-mismatch"],
    ["says too much", () => new Response(new Uint8Array(10_000)), "address-unreachable"],
    [
      "sends elsewhere",
      () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:2/" } }),
      "address-unreachable",
    ],
    ["is another node", (question) => {
      const { challenge = "", nonce = "" } = Object.fromEntries(question.searchParams);
      return new Response(
        encodeIdentity({ challenge, nonce, url: question.origin }, numberedKeyPair(3)),
      );
    }, "identity-mismatch"],
    ["is known elsewhere", (question) => {
      const { challenge = "", nonce = "" } = Object.fromEntries(question.searchParams);
      return new Response(encodeIdentity({ challenge, nonce, url: "http://127.0.0.1:9" }, alice));
    }, "identity-mismatch"],
    ["repeats an old answer", (question) => {
      const { nonce = "" } = Object.fromEntries(question.searchParams);
      const old = { challenge: "00".repeat(32), nonce, url: question.origin };
      return new Response(encodeIdentity(old, alice));
    }, "identity-mismatch"],
  ];
  for (const [what, identityOf, code] of cases) {
    await withDesk(identityOf, async (desk, hello, greeted) => {
      const answer = await desk.answerHello(hello);
      assert.equal(answer.ok ? "granted" : answer.error.code, code, what);
      assert.equal(greeted.length, 0);
    });
  }
});

Deno.test("SessionDesk answers at most 64 hellos at a time", async () => {
  const gate = Promise.withResolvers<void>();
  await withDesk(async (question) => {
    await gate.promise;
    return honest(question);
  }, async (desk, hello) => {
    const answers = Array.from({ length: 64 }, () => desk.answerHello(hello));
    const refused = await desk.answerHello(hello);
    assert.equal(refused.ok ? "granted" : refused.error.code, "peers-busy");
    gate.resolve();
    for (const answer of await Promise.all(answers)) assert(answer.ok);
    assert((await desk.answerHello(hello)).ok);
  });
});

Deno.test("SessionDesk has a place for a peer though strangers hang in all of theirs", async () => {
  const gate = Promise.withResolvers<void>();
  await withDesk(async (question) => {
    await gate.promise;
    return honest(question);
  }, async (desk, hello) => {
    const peers = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      const { origin, searchParams } = new URL(request.url);
      const { challenge = "", nonce = "" } = Object.fromEntries(searchParams);
      return new Response(encodeIdentity({ challenge, nonce, url: origin }, carol));
    });
    const strangers = Array.from({ length: 64 }, () => desk.answerHello(hello));
    const answer = await desk.answerHello(encodeHello({
      protocolVersion: 1,
      publicKey: carol.publicKey,
      url: `http://127.0.0.1:${peers.addr.port}`,
      recipient: bob.publicKey,
      nonce: NONCE,
    }, carol));
    assert(answer.ok);
    gate.resolve();
    await Promise.all(strangers);
    await peers.shutdown();
  });
});

Deno.test("SessionDesk looks at 500 hellos a second at most", async () => {
  await withDesk(honest, async (desk) => {
    const codeOfNext = async () => {
      const answer = await desk.answerHello(new Uint8Array(1));
      return answer.ok ? "granted" : answer.error.code;
    };
    /** Uses a second up, and answers when the first hello of the next one was sent. */
    const nextSecondMs = async () => {
      while (await codeOfNext() !== "peers-busy");
      for (;;) {
        const sentAtMs = performance.now();
        if (await codeOfNext() !== "peers-busy") return sentAtMs;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    // Some milliseconds' work: should the machine have stood still for a second, once more.
    for (let tookMs = Infinity; tookMs >= 1000;) {
      const startMs = await nextSecondMs();
      let looked = 1;
      while (looked <= 1000 && await codeOfNext() === "hello-malformed") looked++;
      tookMs = performance.now() - startMs;
      if (tookMs < 1000) assert.equal(looked, 500);
    }
  });
});
