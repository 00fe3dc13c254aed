import assert from "node:assert/strict";
import type { PublicKey } from "../crypto/keys.ts";
import { NoiseHandshake, XX_PSK0 } from "../crypto/noise_handshake.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { x25519KeyPairOf } from "../crypto/x25519.ts";
import { decodeOpening, encodeKey, linkIdentityOf } from "../wire/handshake.ts";
import { signRecord } from "../wire/ring.ts";
import { shakeHands } from "./shake_hands.ts";

const caller = numberedKeyPair(1);
const host = numberedKeyPair(2);
const impostor = numberedKeyPair(3);

function identityOf(keyPair: typeof caller) {
  return linkIdentityOf(keyPair, signRecord({ url: "http://a:1", sequence: 1 }, keyPair), "");
}

/** What a call of somebody comes to where that answers. */
async function outcomeOf(
  answer: (request: Request) => Response | Promise<Response>,
  wanted?: PublicKey,
): Promise<unknown> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  const client = Deno.createHttpClient({});
  try {
    const called = await shakeHands({ own: identityOf(caller), client, nextNumber: () => 1 }, {
      url: `http://127.0.0.1:${server.addr.port}`,
      wanted,
      timeoutMs: 60_000,
      signal: new AbortController().signal,
    });
    return "code" in called ? called.code : called.publicKey;
  } finally {
    client.close();
    await server.shutdown();
  }
}

/** A host that proves one key and says that it is another one's. */
function answerAs(proven: typeof caller, said: PublicKey) {
  const own = identityOf(proven);
  return async (request: Request): Promise<Response> => {
    const opening = decodeOpening(new Uint8Array(await request.arrayBuffer()));
    assert(opening !== undefined);
    const handshake = new NoiseHandshake({
      pattern: XX_PSK0,
      isInitiator: false,
      prologue: opening.prologue,
      static: own.static,
      ephemeral: x25519KeyPairOf(crypto.getRandomValues(new Uint8Array(32))),
      preSharedKeys: [own.preSharedKey],
    });
    assert(handshake.readMessage(opening.noiseMessage) !== undefined);
    return new Response(handshake.writeMessage(encodeKey(said)) as Uint8Array<ArrayBuffer>);
  };
}

/** A refusal of that many characters. */
function refusalOf(length: number): string {
  const text = JSON.stringify({ error: { code: "ring-full", text: "" } });
  return text.replace('""', `"${"x".repeat(length - text.length)}"`);
}

Deno.test("X03 whoever is called answers in 4,096 bytes at most", async () => {
  const codeAfter = (text: string) => outcomeOf(() => new Response(text, { status: 403 }));
  assert.equal(await codeAfter(refusalOf(4_096)), "ring-full");
  assert.equal(await codeAfter(refusalOf(4_097)), "oversized");
  assert.equal(await codeAfter("no JSON"), "handshake-refused");
});

Deno.test("X05 whoever is called is believed to be the node whose key it has proved, and nobody else", async () => {
  assert.equal(await outcomeOf(answerAs(host, host.publicKey)), host.publicKey);
  assert.equal(await outcomeOf(answerAs(host, host.publicKey), host.publicKey), host.publicKey);
  assert.equal(
    await outcomeOf(answerAs(impostor, impostor.publicKey), host.publicKey),
    "identity-mismatch",
  );
  for (const wanted of [undefined, host.publicKey]) {
    assert.equal(
      await outcomeOf(answerAs(impostor, host.publicKey), wanted),
      "handshake-answer-malformed",
      `wanted: ${wanted}`,
    );
  }
});

Deno.test("X01 nobody is sent on: an address that names another one is not followed there", async () => {
  let callCount = 0;
  const elsewhere = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    callCount++;
    return new Response(null, { status: 404 });
  });
  try {
    const location = `http://127.0.0.1:${elsewhere.addr.port}/p2p/v2/handshake`;
    for (const status of [301, 302, 303, 307, 308]) {
      const outcome = await outcomeOf(() => new Response(null, { status, headers: { location } }));
      assert.equal(outcome, "unreachable", `${status}`);
    }
    assert.equal(callCount, 0);
  } finally {
    await elsewhere.shutdown();
  }
});
