/** What the API refuses, with which code and status; every refusal has the one JSON shape. */
import assert from "node:assert/strict";
import { formatHex } from "../bytes.ts";
import { formatAddress } from "../crypto/address.ts";
import { encodeTransaction } from "../primitives/transaction.ts";
import {
  assertRefused,
  createTestApi,
  ledgerStateOf,
  TEST_TOKEN,
  type TestApi,
  testApiOf,
} from "../testing/test_api.ts";
import { coinTiersOf, networkOf } from "../testing/test_world.ts";
import { tamperTransaction } from "../simulation/sign_transaction.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { API_BODY_SIZE_BYTES_MAX } from "../wire/api_basics.ts";
import { createPayment } from "../wallet/payment.ts";
import type { Amount } from "../primitives/amount.ts";

/** A transaction of node 1's, signed by it and given to nobody. */
function signedElsewhere(api: TestApi) {
  const one = api.world.nodes[1];
  assert(one !== undefined);
  const network = networkOf(one);
  const payment = createPayment(
    { receiver: api.node.keyPair.publicKey, amount: 10 as Amount },
    coinTiersOf(network, one.keyPair.publicKey),
    { keyPair: one.keyPair, params: network.params },
  );
  assert(payment.ok);
  return payment.value;
}

Deno.test("T07 POST /payments refuses every amount that is no whole number from 1 on", async () => {
  const api = createTestApi();
  const before = ledgerStateOf(api);
  const amounts = [
    "0",
    "-5",
    "1.5",
    "-0",
    '"5"',
    '"5e0"',
    '"0x10"',
    '" 5 "',
    '""',
    "9007199254740992",
    "9007199254740993",
    "1e400",
    "-1e400",
    "null",
    "true",
    "[5]",
    '{"amount":5}',
  ];
  for (const amount of amounts) {
    const response = await api.post("/payments", `{"to":1,"amount":${amount}}`);
    assert.equal(await assertRefused(response, 422), "amount-invalid", amount);
  }
  for (const notJson of ["NaN", "Infinity", "0x10", "5,", "05", "+5"]) {
    const response = await api.post("/payments", `{"to":1,"amount":${notJson}}`);
    assert.equal(await assertRefused(response, 400), "json-malformed", notJson);
  }
  assert.equal(
    await assertRefused(await api.post("/payments", { to: 1 }), 400),
    "request-malformed",
  );
  assert.deepEqual(ledgerStateOf(api), before);
  assert.deepEqual(api.internalErrors, []);
});

Deno.test("T11 POST /payments refuses a recipient that nobody knows; nothing is reserved", async () => {
  const api = createTestApi();
  const before = ledgerStateOf(api);
  const address = formatAddress(numberedKeyPair(1).publicKey);
  const mistyped = `${address.slice(0, -1)}${address.endsWith("q") ? "p" : "q"}`;
  for (const to of [3, "3", "id3", "id", "", "id01", "id-1", "1 ", "nbc", "tip", "e9", "1e0"]) {
    const response = await api.post("/payments", { to, amount: 1 });
    assert.equal(await assertRefused(response, 404), "wallet-unknown", String(to));
  }
  for (const to of ["nbc1", mistyped, address.toUpperCase(), `${address}q`]) {
    const response = await api.post("/payments", { to, amount: 1 });
    assert.equal(await assertRefused(response, 400), "address-malformed", to);
  }
  assert.deepEqual(ledgerStateOf(api), before);

  const all = await api.post("/payments", { to: "id1", amount: 100 });
  assert.equal(all.status, 202);
  await all.body?.cancel();
});

Deno.test("POST /payments pays an address that is no node's", async () => {
  const api = createTestApi();
  const address = formatAddress(numberedKeyPair(1).publicKey);
  const response = await api.post("/payments", { to: address, amount: 1 });
  assert.equal(response.status, 202);
  const { transaction } = await response.json();
  assert.deepEqual(transaction.receiver, { address, nodeId: null });
});

Deno.test("POST /payments refuses more than there is, and says how much there is", async () => {
  const api = createTestApi();
  const response = await api.post("/payments", { to: 1, amount: 101 });
  const copy = response.clone();
  assert.equal(await assertRefused(response, 409), "insufficient-funds");
  assert.deepEqual((await copy.json()).error.evidence, { have: 100, want: 101 });
});

Deno.test("T08 POST /transactions takes a transaction once and knows it afterwards", async () => {
  const api = createTestApi();
  const hex = formatHex(encodeTransaction(signedElsewhere(api)));
  const first = await api.post("/transactions", { hex });
  assert.equal(first.status, 202);
  assert.equal((await first.json()).known, false);

  for (const moment of ["pending", "confirmed"]) {
    const again = await api.post("/transactions", { hex });
    assert.equal(again.status, 200, moment);
    assert.equal((await again.json()).known, true);
    api.world.run(1_000);
  }
  const balance = await (await api.get("/balances/self")).json();
  assert.equal(balance.confirmed, 110);
});

Deno.test("T01 T02 POST /transactions refuses a changed transaction by its rule's code", async () => {
  const api = createTestApi();
  const valid = signedElsewhere(api);
  const before = ledgerStateOf(api);
  const other = numberedKeyPair(5).publicKey;
  const cases = [
    [
      "tx-bad-signature",
      tamperTransaction(valid, {
        outputs: valid.outputs.map((output, index) =>
          index === 0 ? { ...output, owner: other } : output
        ),
      }),
    ],
    ["tx-no-inputs", tamperTransaction(valid, { inputs: [] })],
    [
      "tx-input-foreign",
      tamperTransaction(valid, { sender: other, outputs: valid.outputs.slice(0, 1) }),
    ],
    [
      "tx-change-misdirected",
      tamperTransaction(valid, {
        outputs: valid.outputs.map((output) => ({ ...output, owner: other })),
      }),
    ],
  ] as const;
  for (const [code, transaction] of cases) {
    const hex = formatHex(encodeTransaction(transaction));
    assert.equal(await assertRefused(await api.post("/transactions", { hex }), 422), code);
  }
  assert.deepEqual(ledgerStateOf(api), before);
});

Deno.test("POST /transactions refuses bytes that are no transaction", async () => {
  const api = createTestApi();
  const hex = formatHex(encodeTransaction(signedElsewhere(api)));
  for (const bytes of ["00", hex.slice(2), `${hex}00`, hex.slice(0, -2)]) {
    const response = await api.post("/transactions", { hex: bytes });
    assert.equal(await assertRefused(response, 400), "transaction-malformed");
  }
  for (const noHex of ["", "0", "zz", hex.toUpperCase(), 5, null]) {
    const response = await api.post("/transactions", { hex: noHex });
    assert.equal(await assertRefused(response, 400), "request-malformed", String(noHex));
  }
});

Deno.test("P01 unknown fields and wrong types are refused", async () => {
  const api = createTestApi();
  const bodies = [
    { to: 1, amount: 1, fee: 5 },
    { to: null, amount: 1 },
    { to: 1.5, amount: 1 },
    { to: -1, amount: 1 },
    { to: ["1"], amount: 1 },
    { amount: 1 },
    [],
    5,
    "text",
    null,
  ];
  for (const body of bodies) {
    const response = await api.post("/payments", JSON.stringify(body));
    assert.equal(await assertRefused(response, 400), "request-malformed", JSON.stringify(body));
  }
  for (const path of ["/blocks?x=1", "/blocks?limit=-1", "/blocks?limit=1&limit=2"]) {
    assert.equal(await assertRefused(await api.get(path), 400), "request-malformed", path);
  }
  assert.deepEqual(api.internalErrors, []);
});

Deno.test("P01 malformed, deeply nested and empty JSON is refused", async () => {
  const api = createTestApi();
  for (const text of ["", "{", "{'to':1}", '{"to":1,"amount":1}}', "\u0000"]) {
    const response = await api.post("/payments", text);
    assert.equal(await assertRefused(response, 400), "json-malformed", JSON.stringify(text));
  }
  const depth = 30_000;
  const nested = `{"to":1,"amount":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  assert.equal(await assertRefused(await api.post("/payments", nested), 422), "amount-invalid");
  assert.deepEqual(api.internalErrors, []);
});

Deno.test("P01 a body of 100 MB is refused unread, with and without a length", async () => {
  const api = createTestApi();
  const oversized = await api.post("/payments", "x", { "Content-Length": String(100_000_000) });
  assert.equal(await assertRefused(oversized, 413), "body-too-large");

  let pulledBytes = 0;
  const stream = new ReadableStream({
    pull(controller) {
      pulledBytes += 65_536;
      if (pulledBytes > 100_000_000) controller.close();
      else controller.enqueue(new Uint8Array(65_536));
    },
  });
  const streamed = await api.app.request("/api/v1/payments", {
    method: "POST",
    headers: { "Authorization": `Bearer ${TEST_TOKEN}`, "Content-Type": "application/json" },
    body: stream,
  });
  assert.equal(await assertRefused(streamed, 413), "body-too-large");
  assert(pulledBytes < 4 * API_BODY_SIZE_BYTES_MAX, `read ${pulledBytes} bytes`);
});

Deno.test("P01 another content type is refused", async () => {
  const api = createTestApi();
  const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"];
  for (const type of types) {
    const response = await api.post("/payments", { to: 1, amount: 1 }, { "Content-Type": type });
    assert.equal(await assertRefused(response, 415), "media-type-unsupported", type);
  }
});

Deno.test("N09 what reads wallets or spends waits for a ready node", async () => {
  const api = createTestApi({ isReady: false, nodes: 3 });
  assert.equal(api.node.state.phase, "waiting-for-ring");
  for (const path of ["/balances", "/balances/self", "/history", "/ready"]) {
    const response = await api.get(path);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal(await assertRefused(response, 503), "not-ready", path);
  }
  const payment = await api.post("/payments", { to: 0, amount: 1 });
  assert.equal(await assertRefused(payment, 503), "not-ready");
  const submitted = await api.post("/transactions", { hex: "00" });
  assert.equal(await assertRefused(submitted, 503), "not-ready");
  const status = await (await api.get("/status")).json();
  assert.equal(status.phase, "waiting-for-ring");
});

Deno.test("N09 a node that waits for its bootstrap node says so everywhere", async () => {
  const api = createTestApi({ isReady: false, nodes: 3 });
  api.world.crash(api.node);
  const lonely = testApiOf(api.world, api.world.add());
  assert.equal(lonely.node.state.phase, "joining");
  const paths = ["/params", "/blocks", "/blocks/tip", "/blocks/raw", "/transactions", "/mempool"];
  for (const path of [...paths, `/transactions/${"00".repeat(32)}`, "/tips", "/audit"]) {
    assert.equal(await assertRefused(await lonely.get(path), 503), "not-ready", path);
  }
  const order = await lonely.post("/control/mining/pause");
  assert.equal(await assertRefused(order, 503), "not-ready");
  const status = await (await lonely.get("/status")).json();
  assert.deepEqual([status.params, status.chain], [null, null]);
  assert.equal((await (await lonely.get("/health")).json()).healthy, true);
});

Deno.test("unknown paths, methods and blocks have codes of their own", async () => {
  const api = createTestApi();
  for (const path of ["/nope", "/blocks/tip/x", ""]) {
    assert.equal(await assertRefused(await api.get(path), 404), "route-unknown", path);
  }
  for (const [method, path, allow] of [["PUT", "/status", "GET"], ["GET", "/payments", "POST"]]) {
    const response = await api.app.request(`/api/v1${path}`, {
      method: method as string,
      headers: { "Authorization": `Bearer ${TEST_TOKEN}` },
    });
    assert.match(response.headers.get("allow") ?? "", new RegExp(`\\b${allow}\\b`));
    assert.equal(await assertRefused(response, 405), "method-not-allowed", path);
  }
  for (const name of ["2", "abc", "ff".repeat(32), "-1"]) {
    assert.equal(
      await assertRefused(await api.get(`/blocks/${name}`), 404),
      "block-not-found",
      name,
    );
  }
  assert.equal(await assertRefused(await api.get("/transactions/abc"), 400), "request-malformed");
});

Deno.test("an error of our own is told to the log and not to the stranger", async () => {
  const api = createTestApi();
  Object.assign(api.ports, {
    pay: () => Promise.reject(new Error("secret detail")),
  });
  const response = await api.post("/payments", { to: 1, amount: 1 });
  const text = await response.clone().text();
  assert.equal(await assertRefused(response, 500), "internal");
  assert.doesNotMatch(text, /secret/);
  assert.match(String(api.internalErrors[0]), /secret detail/);
});

Deno.test("a full queue, a stopping node and a failing disk are 503", async () => {
  const api = createTestApi();
  const errors = [
    { code: "node-busy" },
    { code: "node-stopping" },
    { code: "store-failed", reason: "disk full" },
  ];
  for (const error of errors) {
    Object.assign(api.ports, { pay: () => Promise.resolve({ ok: false, error }) });
    const response = await api.post("/payments", { to: 1, amount: 1 });
    assert.equal(await assertRefused(response, 503), error.code);
  }
});

Deno.test("R12 POST /payments pays once under one key, and says what another payment under it is", async () => {
  const api = createTestApi();
  const pay = (body: unknown, key: string) =>
    api.app.request("/api/v1/payments", {
      method: "POST",
      headers: {
        "authorization": `Bearer ${TEST_TOKEN}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body: JSON.stringify(body),
    });
  const first = await pay({ to: "id1", amount: 3 }, "k1");
  assert.equal(first.status, 202);
  const again = await pay({ to: 1, amount: 3 }, "k1");
  assert.equal(again.status, 200);
  const [one, other] = [await first.json(), await again.json()];
  assert.deepEqual([one.known, other.known], [false, true]);
  assert.equal(one.txid, other.txid);
  const reused = await pay({ to: "id1", amount: 4 }, "k1");
  assert.equal(reused.status, 409);
  assert.equal((await reused.json()).error.code, "payment-key-reused");
  assert.notEqual((await (await pay({ to: "id1", amount: 3 }, "k2")).json()).txid, one.txid);

  // A list has a key of each place; a refusal may be tried again.
  const list = [{ to: "id1", amount: 5 }, { to: "id1", amount: 1_000_000 }];
  const lists = [await (await pay(list, "l")).json(), await (await pay(list, "l")).json()];
  assert.equal(lists[0].answers[0].txid, lists[1].answers[0].txid);
  for (const { answers } of lists) assert.equal(answers[1].error.code, "insufficient-funds");
  for (const key of ["", " ", "ä", "x".repeat(101)]) {
    assert.equal((await pay({ to: "id1", amount: 3 }, key)).status, 400, JSON.stringify(key));
  }
});
