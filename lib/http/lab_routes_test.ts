/** The lab's doors: shut on every node but those that a cluster started. */
import assert from "node:assert/strict";
import { createTestApi } from "../testing/test_api.ts";
import { type LabFaults, NO_LAB_FAULTS } from "../wire/lab.ts";
import { BODY_SIZE_BYTES_MAX, labRoutes } from "./lab_routes.ts";

Deno.test("a node of nobody's cluster has no doors for faults", async () => {
  const api = createTestApi();
  for (const path of ["/lab/v1/faults", "/lab/v1/feed", "/lab/v1/clock"]) {
    const read = await api.app.request(path);
    assert.equal(read.status, 404, path);
    const ordered = await api.app.request(path, {
      method: "POST",
      body: JSON.stringify(NO_LAB_FAULTS),
      headers: { authorization: `Bearer ${"x".repeat(43)}`, "content-type": "application/json" },
    });
    assert.equal(ordered.status, 404, path);
  }
});

Deno.test("the lab's doors want the secret and the right shape", async () => {
  const secret = "s".repeat(43);
  let applied: LabFaults | undefined;
  let wanted: boolean | undefined;
  const app = labRoutes({
    secret,
    stopping: new AbortController().signal,
    clockMs: () => 5.5,
    faults: () => NO_LAB_FAULTS,
    apply: (faults) => {
      applied = faults;
      return Promise.resolve();
    },
    listen: () => ({ next: () => Promise.resolve(undefined), close: () => {} }),
    blocksBetween: () => [],
    setDetail: ({ messages }) => {
      wanted = messages;
    },
  });
  const post = (body: unknown, given = secret) =>
    app.request("/faults", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${given}` },
    });
  assert.equal((await app.request("/clock")).status, 401);
  assert.equal((await post(NO_LAB_FAULTS, "wrong")).status, 401);
  for (
    const body of [
      {},
      { ...NO_LAB_FAULTS, more: 1 },
      { ...NO_LAB_FAULTS, clockSkewMs: 1e12 },
      { ...NO_LAB_FAULTS, hashRateLimit: 0 },
      { ...NO_LAB_FAULTS, links: [{ to: 0, isCut: false, latencyMs: 1, loss: 2 }] },
    ]
  ) assert.equal((await post(body)).status, 400, JSON.stringify(body));
  for (const path of ["/faults", "/detail"]) {
    const tooLarge = await app.request(path, {
      method: "POST",
      body: "x".repeat(BODY_SIZE_BYTES_MAX + 1),
      headers: { authorization: `Bearer ${secret}` },
    });
    assert.equal(tooLarge.status, 413, path);
    await tooLarge.body?.cancel();
  }
  assert.equal(applied, undefined);
  const faults = { ...NO_LAB_FAULTS, isWithholding: true };
  assert.equal((await post(faults)).status, 200);
  assert.deepEqual(applied, faults);
  for (const query of ["", "?from=5&to=4", "?from=0&to=1000", "?from=-1&to=0", "?from=x&to=1"]) {
    const answer = await app.request(`/blocks${query}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    assert.equal(answer.status, 400, query);
    await answer.body?.cancel();
  }
  const setDetail = (body: unknown, given = secret) =>
    app.request("/detail", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${given}` },
    });
  assert.equal((await setDetail({ messages: true }, "wrong")).status, 401);
  assert.equal((await setDetail({ messages: 1 })).status, 400);
  assert.equal(wanted, undefined);
  assert.equal((await setDetail({ messages: true })).status, 200);
  assert.equal(wanted, true);
});
