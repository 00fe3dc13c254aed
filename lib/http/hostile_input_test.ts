/** P01 by property: whatever comes, the API answers in its own shape and never with an error of its own. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createTestApi, TEST_TOKEN } from "../testing/test_api.ts";
import { errorSchema } from "../wire/api_basics.ts";

const POST_PATHS = [
  "/payments",
  "/blocks",
  "/page-links",
  "/transactions",
  "/control/mining/mine",
  "/control/mining/pause",
  "/control/mining/resume",
  "/control/peers/disconnect",
  "/control/peers/reconnect",
  "/control/transactions/drop",
  "/control/blocks/invalidate",
  "/control/blocks/reconsider",
];
const GET_PATHS = ["/blocks/", "/transactions/", "/balances/", "/history?wallet=", "/blocks?from="];

/** Text that looks like what the API takes, now and then. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "tip",
    "self",
    "id1",
    "0",
    "1",
    "-1",
    "1e9",
    "__proto__",
    "constructor",
    "%",
    "%00",
  ),
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 }),
);
const body = fc.oneof(
  fc.json(),
  fc.record({ to: fc.oneof(text, fc.integer()), amount: fc.jsonValue() }).map((value) =>
    JSON.stringify(value)
  ),
  fc.record({ hex: text }).map((value) => JSON.stringify(value)),
  fc.record({ block: fc.oneof(text, fc.nat(3)) }).map((value) => JSON.stringify(value)),
  fc.record({ peers: fc.array(fc.oneof(text, fc.nat(3))) }).map((value) => JSON.stringify(value)),
  text,
);

async function assertProper(response: Response): Promise<void> {
  const content = await response.text();
  assert.notEqual(response.status, 500, content);
  if (response.ok) return;
  assert.doesNotThrow(() => errorSchema.strict().parse(JSON.parse(content)), content);
}

Deno.test("P01 no body makes the API fail", async () => {
  const api = createTestApi();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...POST_PATHS), body, async (path, sent) => {
      await assertProper(await api.post(path, sent));
    }),
    { numRuns: 400 },
  );
  assert.deepEqual(api.internalErrors, []);
});

Deno.test("P01 no path and no query makes the API fail", async () => {
  const api = createTestApi();
  const escape = fc.boolean();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...GET_PATHS), text, escape, async (path, name, isEscaped) => {
      const sent = isEscaped ? encodeURIComponent(name.toWellFormed()) : name;
      await assertProper(await api.get(`${path}${sent}`));
    }),
    { numRuns: 400 },
  );
  assert.deepEqual(api.internalErrors, []);
});

Deno.test("P01 no body and no name makes the page's door fail, and only a code opens it", async () => {
  const api = createTestApi();
  const code = fc.oneof(
    fc.record({ code: fc.oneof(text, fc.jsonValue()) }).map((value) => JSON.stringify(value)),
    fc.record({ code: text, token: text }).map((value) => JSON.stringify(value)),
    body,
  );
  const name = fc.constantFrom("localhost", "127.0.0.1:5000", "[::1]:1", "node.example", "[::", "");
  const type = fc.constantFrom("application/json", "text/plain", "");
  await fc.assert(
    fc.asyncProperty(code, name, type, async (sent, host, contentType) => {
      const response = await api.app.request("/page/session", {
        method: "POST",
        headers: { "host": host, "content-type": contentType },
        body: sent,
      });
      assert.equal(response.ok, false, sent);
      await assertProper(response);
    }),
    { numRuns: 400 },
  );
  assert.deepEqual(api.internalErrors, []);
});

Deno.test("P01 no header makes the API fail", async () => {
  const api = createTestApi();
  const value = fc.oneof(
    fc.string({ unit: "grapheme-ascii" }),
    fc.constantFrom(
      "Bearer",
      "Bearer  ",
      `bearer ${TEST_TOKEN}`,
      "[::",
      "localhost:99999",
      "://",
      "null",
    ),
  );
  const names = fc.constantFrom(
    "Host",
    "Origin",
    "Authorization",
    "Content-Type",
    "Accept-Encoding",
  );
  await fc.assert(
    fc.asyncProperty(names, value, async (name, sent) => {
      await assertProper(await api.post("/payments", { to: 1, amount: 1 }, { [name]: sent }));
      await assertProper(await api.get("/status", { [name]: sent }));
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(api.internalErrors, []);
});
