import assert from "node:assert/strict";
import { err, ok } from "../result.ts";
import { createP2pRoutes, LateRefusals, type P2pPort, REFUSALS_WAITING_MAX } from "./p2p_routes.ts";

const asked: { bytes: Uint8Array; address: string }[] = [];
const port: P2pPort = {
  answerOpening: (bytes, address) => {
    asked.push({ bytes, address });
    return bytes[0] === 1
      ? ok(new Uint8Array([7]))
      : err({ code: "peers-busy", text: "Cannot shake hands now" });
  },
  openStream: (bytes, address) => {
    asked.push({ bytes, address });
    return err({ code: "session-unknown", text: "Cannot open a stream" });
  },
};
const routes = createP2pRoutes(port, new LateRefusals(1));
const UPGRADE = { upgrade: "websocket", connection: "upgrade" };

async function refusalOf(response: Response): Promise<[number, string]> {
  const { error } = await response.json();
  return [response.status, error.code];
}

Deno.test("POST /handshake answers with bytes or refuses with a code, and tells whose address it is", async () => {
  const env = { remoteAddress: "10.0.0.7" };
  const method = "POST";
  const good = await routes.request("/handshake", { method, body: new Uint8Array([1]) }, env);
  assert.equal(good.status, 200);
  assert.deepEqual(new Uint8Array(await good.arrayBuffer()), new Uint8Array([7]));
  assert.equal(asked.at(-1)?.address, "10.0.0.7");
  const bad = await routes.request("/handshake", { method, body: new Uint8Array([2]) });
  assert.equal(bad.headers.get("retry-after"), "1");
  assert.deepEqual(await refusalOf(bad), [503, "peers-busy"]);
});

Deno.test("P01 POST /handshake refuses a body that is larger than any opening", async () => {
  const response = await routes.request("/handshake", {
    method: "POST",
    body: new Uint8Array(141),
  });
  assert.deepEqual(await refusalOf(response), [413, "body-too-large"]);
});

Deno.test("POST /handshake takes what has been read already, within the same size", async () => {
  const ask = (size: number) =>
    routes.request("/handshake", { method: "POST" }, { body: new Uint8Array(size).fill(1) });
  assert.equal((await ask(140)).status, 200);
  assert.equal(asked.at(-1)?.bytes.length, 140);
  assert.deepEqual(await refusalOf(await ask(141)), [413, "body-too-large"]);
});

Deno.test("each door takes its own method, and says which", async () => {
  for (
    const [path, method, allowed] of [
      ["/handshake", "GET", "POST"],
      ["/handshake", "PUT", "POST"],
      ["/stream", "POST", "GET"],
    ] as const
  ) {
    const response = await routes.request(path, { method });
    assert.equal(response.headers.get("allow"), allowed);
    assert.deepEqual(await refusalOf(response), [405, "method-not-allowed"]);
  }
});

Deno.test("P02 a page is refused, whatever it asks for", async () => {
  const headers = { origin: "http://127.0.0.1:5000" };
  const posted = await routes.request("/handshake", {
    method: "POST",
    headers,
    body: new Uint8Array([1]),
  });
  assert.deepEqual(await refusalOf(posted), [403, "origin-forbidden"]);
  const opened = await routes.request("/stream", { headers: { ...headers, ...UPGRADE } });
  assert.deepEqual(await refusalOf(opened), [403, "origin-forbidden"]);
});

Deno.test("P02 GET /stream opens for a WebSocket with the end of a handshake only", async () => {
  assert.deepEqual(await refusalOf(await routes.request("/stream")), [426, "upgrade-required"]);
  for (
    const [authorization, bytes] of [
      ["", []],
      ["Noise AQID", [1, 2, 3]],
      ["Bearer AQID", []],
      ["Noise AQI*", []],
      ["Noise AQIDB", []],
      [`Noise ${"A".repeat(616)}`, new Array(462).fill(0)],
      [`Noise ${"A".repeat(620)}`, []],
    ] as const
  ) {
    const response = await routes.request("/stream", { headers: { ...UPGRADE, authorization } });
    assert.deepEqual(await refusalOf(response), [401, "session-unknown"]);
    assert.deepEqual(asked.at(-1)?.bytes, new Uint8Array(bytes), authorization.slice(0, 40));
  }
});

Deno.test("X02 a refusal comes late, one by one, and 256 wait at a time: beyond that the connection is closed", async () => {
  const gapMs = 2;
  const late = createP2pRoutes(port, new LateRefusals(300, gapMs));
  const ask = () => late.request("/handshake", { method: "POST", body: new Uint8Array([2]) });
  const startedAtMs = performance.now();
  const waiting = Array.from({ length: REFUSALS_WAITING_MAX }, ask);
  assert.equal(REFUSALS_WAITING_MAX, 256);
  const hasty = await ask();
  assert.equal(hasty.headers.get("connection"), "close");
  assert.deepEqual(await refusalOf(hasty), [503, "peers-busy"]);
  for (const response of await Promise.all(waiting)) {
    assert.equal(response.headers.get("connection"), null);
    await response.body?.cancel();
  }
  assert(performance.now() - startedAtMs >= 300 + (REFUSALS_WAITING_MAX - 2) * gapMs);
  const good = await late.request("/handshake", { method: "POST", body: new Uint8Array([1]) });
  assert.equal(good.status, 200);
});

Deno.test("X02 a hundred refusals leave in a second if nobody says otherwise", async () => {
  const late = createP2pRoutes(port, new LateRefusals(1));
  const startedAtMs = performance.now();
  const ask = () => late.request("/handshake", { method: "POST", body: new Uint8Array([2]) });
  for (const response of await Promise.all(Array.from({ length: 21 }, ask))) {
    await response.body?.cancel();
  }
  assert(performance.now() - startedAtMs >= 195);
});
