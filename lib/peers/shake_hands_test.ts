import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { linkIdentityOf } from "../wire/handshake.ts";
import { signRecord } from "../wire/ring.ts";
import { shakeHands } from "./shake_hands.ts";

/** What a call comes to when its answer is that. */
async function codeAfter(answer: string): Promise<unknown> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(answer, { status: 403 }),
  );
  const keyPair = numberedKeyPair(1);
  const record = signRecord({ url: "http://a:1", sequence: 1 }, keyPair);
  const client = Deno.createHttpClient({});
  try {
    const caller = { own: linkIdentityOf(keyPair, record, ""), client, nextNumber: () => 1 };
    const host = await shakeHands(caller, {
      url: `http://127.0.0.1:${server.addr.port}`,
      wanted: undefined,
      timeoutMs: 60_000,
      signal: new AbortController().signal,
    });
    return "code" in host ? host.code : host;
  } finally {
    client.close();
    await server.shutdown();
  }
}

/** A refusal of that many characters. */
function refusalOf(length: number): string {
  const text = JSON.stringify({ error: { code: "ring-full", text: "" } });
  return text.replace('""', `"${"x".repeat(length - text.length)}"`);
}

Deno.test("X03 whoever is called answers in 4,096 bytes at most", async () => {
  assert.equal(await codeAfter(refusalOf(4_096)), "ring-full");
  assert.equal(await codeAfter(refusalOf(4_097)), "oversized");
  assert.equal(await codeAfter("no JSON"), "handshake-refused");
});
