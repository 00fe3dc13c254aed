/** Who may call what: token, other sites, other names, peers. */
import assert from "node:assert/strict";
import { err } from "../result.ts";
import { createApiApp } from "./api_app.ts";
import { createP2pRoutes } from "./p2p_routes.ts";
import { assertRefused, createTestApi, ledgerStateOf, TEST_TOKEN } from "../testing/test_api.ts";

Deno.test("P02 spending and control want the token", async () => {
  const api = createTestApi();
  const before = ledgerStateOf(api);
  const paths = Object.entries((await (await api.get("/openapi.json")).json()).paths)
    .filter(([, item]) => "post" in (item as object)).map(([path]) => path);
  assert(paths.length >= 10);
  for (const path of paths) {
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
    const without = await api.app.request(path, init);
    assert.equal(without.headers.get("www-authenticate"), 'Bearer realm="noobcash"');
    assert.equal(await assertRefused(without, 401), "token-missing", path);
    for (const value of ["Bearer wrong", `Bearer ${TEST_TOKEN}x`]) {
      const headers = { ...init.headers, "Authorization": value };
      const wrong = await api.app.request(path, { ...init, headers });
      assert.equal(await assertRefused(wrong, 401), "token-wrong", path);
    }
  }
  assert.deepEqual(ledgerStateOf(api), before);
});

Deno.test("P02 a page of another site can neither spend nor read", async () => {
  const api = createTestApi();
  for (const origin of ["https://evil.example", "null", "http://127.0.0.1:9999"]) {
    const response = await api.post("/payments", { to: 1, amount: 1 }, {
      "Origin": origin,
      "Host": "127.0.0.1:5000",
    });
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    assert.equal(await assertRefused(response, 403), "origin-forbidden", origin);
  }
  const own = await api.post("/payments", { to: 1, amount: 1 }, {
    "Origin": "http://127.0.0.1:5000",
    "Host": "127.0.0.1:5000",
  });
  assert.equal(own.status, 202);
  await own.body?.cancel();

  for (const path of ["/balances", "/events"]) {
    const read = await api.app.request(`/api/v1${path}`, {
      headers: { "Origin": "https://evil.example", "Host": "127.0.0.1:5000" },
    });
    assert.equal(read.headers.get("access-control-allow-origin"), null, path);
    await read.body?.cancel();
  }

  const preflight = await api.app.request("/api/v1/payments", {
    method: "OPTIONS",
    headers: { "Origin": "https://evil.example", "Access-Control-Request-Method": "POST" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), null);
  assert(!preflight.ok);
  await preflight.body?.cancel();
});

Deno.test("P02 what peers call is a short list, and none of it pays", async () => {
  const api = createTestApi();
  const refused = err({ code: "opening-malformed", text: "Cannot take it" });
  const port = { answerOpening: () => refused, openStream: () => refused };
  const app = createApiApp(api.ports, {
    peerRoutes: createP2pRoutes(port),
    onInternalError: (thrown) => api.internalErrors.push(thrown),
  });
  const routes = app.routes.filter(({ path, method }) =>
    path.startsWith("/p2p/") && method !== "ALL"
  )
    .map(({ path, method }) => `${method} ${path}`);
  assert.deepEqual([...new Set(routes)].sort(), [
    "GET /p2p/v2/stream",
    "POST /p2p/v2/handshake",
  ]);

  const before = ledgerStateOf(api);
  for (const path of ["/p2p/v2/handshake", "/p2p/v2/payments", "/p2p/v2/../api/v1/payments"]) {
    const response = await app.request(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ to: 1, amount: 1 }),
    });
    assert(response.status >= 400, path);
    assert.match((await response.json()).error.code, /^[a-z-]+$/);
  }
  assert.deepEqual(ledgerStateOf(api), before);
});

Deno.test("P02 the node answers under its own names only", async () => {
  const api = createTestApi();
  const own = ["localhost:5000", "127.0.0.1:5000", "[::1]:5000", "192.168.0.7", "NODE.example:80"];
  for (const host of own) {
    const response = await api.get("/status", { "Host": host });
    assert.equal(response.status, 200, host);
    await response.body?.cancel();
  }
  for (const host of ["evil.example", "localhost.evil.example:5000", "127.0.0.1.nip.io", "a b"]) {
    const response = await api.get("/status", { "Host": host });
    assert.equal(await assertRefused(response, 421), "host-forbidden", host);
  }
});
