import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { balanceOf, balancesOf } from "../node/queries.ts";
import { createTestApi } from "../testing/test_api.ts";
import { rationed } from "./rationed.ts";

Deno.test("X04 GET /balances gives pages, and says how many wallets there are", async () => {
  const api = createTestApi();
  const pages = [];
  for (const query of ["?limit=2", "?from=2&limit=2", "?from=4", ""]) {
    pages.push(await (await api.app.request(`/api/v1/balances${query}`)).json());
  }
  const whole = pages[3].balances;
  assert.equal(pages[3].walletCount, whole.length);
  assert.deepEqual([...pages[0].balances, ...pages[1].balances, ...pages[2].balances], whole);
  assert.equal((await api.app.request("/api/v1/balances?limit=1001")).status, 400);
});

Deno.test("X04 a list that was not changed is 304 for whoever has it", async () => {
  const api = createTestApi();
  for (const path of ["/balances", "/audit", "/tips", "/blocks", "/ring"]) {
    const first = await api.app.request(`/api/v1${path}`);
    const tag = first.headers.get("etag");
    assert(tag !== null, path);
    const again = await api.app.request(`/api/v1${path}`, { headers: { "if-none-match": tag } });
    assert.equal(again.status, 304, path);
    assert.equal(await again.text(), "");
  }
});

Deno.test("X04 what is expensive is computed for one percent of the time, whoever asks", () => {
  let nowMs = 0;
  let count = 0;
  const read = rationed(() => {
    count++;
    nowMs += 50;
  }, { keyOf: () => undefined, nowMs: () => nowMs });
  for (; nowMs < 100_000; nowMs++) read();
  assert(count <= 21, String(count));
});

Deno.test("balancesOf() says the same of each wallet as balanceOf()", () => {
  const api = createTestApi();
  const { network } = api.node.state;
  assert(network !== undefined);
  for (let count = 0; count < 5; count++) {
    api.world.pay(api.node, numberedKeyPair(7).publicKey, 1 + count);
  }
  const owners = [api.node.keyPair.publicKey, numberedKeyPair(7).publicKey];
  assert.deepEqual(balancesOf(network, owners), owners.map((owner) => balanceOf(network, owner)));
});
