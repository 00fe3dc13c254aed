import assert from "node:assert/strict";
import type { PublicKey } from "../crypto/keys.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { TermSum } from "../consensus/utxo_commitment.ts";
import { auditInSteps } from "../node/audit.ts";
import { auditOf, finish } from "../testing/audit_at_once.ts";
import { balanceOf, balancesOf, ownersOf } from "../node/queries.ts";
import { walletsInOrder } from "../node/wallets_in_order.ts";
import { createTestApi } from "../testing/test_api.ts";
import { walletNamesOf, WALLETS_REMEMBERED_MAX } from "./present.ts";
import { mapInSteps, rationed, rationedSteps, REST_MS_MAX } from "./rationed.ts";

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

Deno.test("X04 however dear an answer was, it serves for a minute and no longer", () => {
  let nowMs = 0;
  let count = 0;
  const read = rationed(() => {
    nowMs += 10_000;
    return ++count;
  }, { keyOf: () => undefined, nowMs: () => nowMs });
  assert.equal(read(), 1);
  nowMs += REST_MS_MAX - 1;
  assert.equal(read(), 1);
  nowMs += 1;
  assert.equal(read(), 2);
});

Deno.test("X04 names of wallets are remembered up to a bound, and stay right beyond it", () => {
  const api = createTestApi();
  const names = walletNamesOf(api.node.state);
  const keyOf = (index: number) => index.toString(16).padStart(64, "0") as PublicKey;
  const first = names(keyOf(1));
  assert.equal(names(keyOf(1)), first);
  for (let index = 2; index <= WALLETS_REMEMBERED_MAX + 1; index++) names(keyOf(index));
  const again = names(keyOf(1));
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
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

Deno.test("X04 what is computed in steps lets others in between, and all who ask meanwhile get one answer", async () => {
  let nowMs = 0;
  let count = 0;
  const read = rationedSteps(function* () {
    count++;
    for (let step = 0; step < 10; step++) {
      nowMs += 3;
      yield;
    }
    return count;
  }, { keyOf: () => undefined, nowMs: () => nowMs });
  let isOver = false;
  const first = read().then((value) => {
    isOver = true;
    return value;
  });
  let rounds = 0;
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    rounds++;
  }
  assert(rounds >= 4, String(rounds));
  assert.deepEqual(await Promise.all([first, read(), read()]), [1, 1, 1]);
  nowMs += 30 * 20;
  assert.deepEqual(await Promise.all([read(), read()]), [2, 2]);
});

Deno.test("X04 what is computed in steps serves twenty times as long as it took, and for a minute at most", async () => {
  let nowMs = 0;
  let tookMs = 30;
  let count = 0;
  const read = rationedSteps(function* () {
    yield;
    nowMs += tookMs;
    return ++count;
  }, { keyOf: () => undefined, nowMs: () => nowMs });
  for (const [ms, servesMs] of [[30, 600], [2_999, 59_980], [3_001, 60_000], [9_000, 60_000]]) {
    tookMs = ms as number;
    const first = await read();
    nowMs += servesMs as number - 1;
    assert.equal(await read(), first, `${ms} ms`);
    nowMs += 1;
    tookMs = 0;
    assert.equal(await read(), first + 1, `${ms} ms`);
  }
});

Deno.test("X04 a long list is made in steps, between which others have their turn", async () => {
  let isOver = false;
  const items = Array.from({ length: 1_000 }, (_, index) => index);
  const mapping = mapInSteps(items, (item, index) => item + index).then((mapped) => {
    isOver = true;
    return mapped;
  });
  let rounds = 0;
  for (; !isOver; rounds++) await new Promise((resolve) => setTimeout(resolve, 0));
  assert(rounds >= 10, String(rounds));
  assert.deepEqual(await mapping, items.map((item) => 2 * item));
});

Deno.test("U05 an audit in steps is of the ledger with which it began", () => {
  const api = createTestApi();
  const { network } = api.node.state;
  assert(network !== undefined);
  const steps = auditInSteps(network);
  const before = auditOf(network);
  const snapshot = network.chain.utxos.snapshot();
  api.world.pay(api.node, numberedKeyPair(7).publicKey, 1);
  api.world.run(10_000);
  assert.notEqual(network.chain.tip, before.tip);
  // It begins with its first step, not before.
  assert.equal(finish(steps).tip, network.chain.tip);
  const copied = new TermSum();
  for (const { packed } of snapshot.pages(256)) copied.addPacked(packed);
  snapshot.release();
  assert.equal(copied.addTo(0n), before.commitment);
  assert.notEqual(auditOf(network).commitment, before.commitment);
  api.stop();
});

Deno.test("X04 wallets are put in order in steps, each of them once, as at once", () => {
  const api = createTestApi({ nodes: 1, coinsPerNode: 100_000 });
  const { network } = api.node.state;
  assert(network !== undefined);
  for (let number = 1; number <= 1_200; number++) {
    api.world.pay(api.node, numberedKeyPair(number).publicKey, 1);
    if (number === 900) api.world.run(60_000);
  }
  const owners = ownersOf(network);
  assert(owners.length > 1_200 && network.mempool.size > 0);
  const but = new Set([api.node.keyPair.publicKey]);
  const steps = walletsInOrder(network, but);
  let count = 0;
  for (let step = steps.next(); step.done !== true; step = steps.next()) count++;
  assert(count >= 2 + 200, "No step takes long");
  assert.deepEqual(
    finish(walletsInOrder(network, but)),
    owners.filter((owner) => !but.has(owner)),
  );
  assert.equal(finish(walletsInOrder(network, new Set())).length, owners.length);
  api.stop();
});
