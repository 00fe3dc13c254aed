import assert from "node:assert/strict";
import { err, ok } from "../result.ts";
import { createP2pRoutes, type P2pPort } from "./p2p_routes.ts";

const NONCE = "ab".repeat(32);

const port: P2pPort = {
  answerHello: (bytes) =>
    Promise.resolve(
      bytes[0] === 1
        ? ok(new Uint8Array([7]))
        : err({ code: "address-unreachable", text: "Cannot reach it" }),
    ),
  confirmHello: ({ nonce }) => nonce === NONCE ? new Uint8Array([8]) : undefined,
  openStream: () => undefined,
};
const routes = createP2pRoutes(port);

async function refusalOf(response: Response): Promise<[number, string]> {
  const { error } = await response.json();
  return [response.status, error.code];
}

Deno.test("POST /hello answers with bytes or refuses with a code", async () => {
  const good = await routes.request("/hello", { method: "POST", body: new Uint8Array([1]) });
  assert.equal(good.status, 200);
  assert.deepEqual(new Uint8Array(await good.arrayBuffer()), new Uint8Array([7]));
  const bad = await routes.request("/hello", { method: "POST", body: new Uint8Array([2]) });
  assert.deepEqual(await refusalOf(bad), [422, "address-unreachable"]);
});

Deno.test("P01 POST /hello refuses a body that is larger than any hello", async () => {
  const body = new Uint8Array(425);
  const response = await routes.request("/hello", { method: "POST", body });
  assert.deepEqual(await refusalOf(response), [413, "body-too-large"]);
});

Deno.test("GET /identity confirms what was sent, and wants two nonces", async () => {
  const known = await routes.request(`/identity?challenge=${NONCE}&nonce=${NONCE}`);
  assert.deepEqual(new Uint8Array(await known.arrayBuffer()), new Uint8Array([8]));
  const other = await routes.request(`/identity?challenge=${NONCE}&nonce=${"cd".repeat(32)}`);
  assert.deepEqual(await refusalOf(other), [404, "hello-unknown"]);
  for (const query of ["", "?challenge=1&nonce=2", `?challenge=${NONCE}`]) {
    const response = await routes.request(`/identity${query}`);
    assert.deepEqual(await refusalOf(response), [400, "request-malformed"]);
  }
});

Deno.test("P02 GET /stream opens for a WebSocket with a session only", async () => {
  assert.deepEqual(await refusalOf(await routes.request("/stream")), [426, "upgrade-required"]);
  const headers = { upgrade: "websocket", connection: "upgrade" };
  const response = await routes.request("/stream", { headers });
  assert.deepEqual(await refusalOf(response), [401, "session-unknown"]);
});
