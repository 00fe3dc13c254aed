/** The short way of a payment takes nothing that the long way would refuse, and answers the same. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createTestApi, ledgerStateOf, TEST_TOKEN } from "../testing/test_api.ts";
import { PAYMENT_LIST_MAX, paymentListSchema, paymentRequestSchema } from "../wire/api_wallet.ts";
import { readPayments, TO_LENGTH_MAX } from "./payment_door.ts";

const anything = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 120 }),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.constant(2 ** 53),
  fc.constant(-1),
);
const almostPayment = fc.record(
  { to: anything, amount: anything, fee: anything },
  { requiredKeys: [] },
);

Deno.test("readPayments() takes only what the schema takes, and reads it in the same way", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.oneof(anything, almostPayment, fc.array(almostPayment, { maxLength: 3 })),
      (value) => {
        const text = JSON.stringify(value);
        const read = readPayments(text);
        if (read === undefined) return;
        taken++;
        const parsed = paymentRequestSchema.or(paymentListSchema).safeParse(JSON.parse(text));
        assert(parsed.success, text);
        assert.deepEqual(read, parsed.data);
      },
    ),
    { numRuns: 5_000 },
  );
  assert(taken > 10, `${taken}`);
});

Deno.test("readPayments() takes every payment that programs send", () => {
  for (const to of [0, 17, "id3", "nbc1qqqs"]) {
    const payment = { to, amount: 5 };
    assert.deepEqual(readPayments(JSON.stringify(payment)), payment);
    assert.deepEqual(readPayments(JSON.stringify([payment, payment])), [payment, payment]);
  }
  const own = '{"to":1,"amount":1,"__proto__":{"to":2}}';
  assert.equal(readPayments(own), undefined);
});

Deno.test("readPayments() leaves names and lists beyond their bounds to the long way", () => {
  const named = (length: number) => JSON.stringify({ to: "a".repeat(length), amount: 1 });
  assert.notEqual(readPayments(named(TO_LENGTH_MAX)), undefined);
  assert.equal(readPayments(named(TO_LENGTH_MAX + 1)), undefined);
  const list = (length: number) =>
    JSON.stringify(Array.from({ length }, () => ({ to: 1, amount: 1 })));
  assert.notEqual(readPayments(list(PAYMENT_LIST_MAX)), undefined);
  assert.equal(readPayments(list(PAYMENT_LIST_MAX + 1)), undefined);
});

/** The same request, but for a header that sends it the long way. */
const LONG_WAY = { "Content-Type": "application/json; charset=utf-8" };

/** The same without the framework; nothing where the long way has to look. */
async function plainAnswerOf(text: string) {
  const api = createTestApi();
  const headers = new Headers({
    "Host": "localhost",
    "Authorization": `Bearer ${TEST_TOKEN}`,
    "Content-Type": "application/json",
    "Content-Length": String(text.length),
  });
  const parts = await api.app.payPlainly(
    { url: "http://localhost/api/v1/payments", headers },
    text,
  );
  const state = ledgerStateOf(api);
  api.stop();
  return parts && {
    status: parts.status,
    headers: Object.fromEntries(new Headers(parts.headers)),
    body: JSON.parse(parts.body as string),
    state,
  };
}

Deno.test("a payment has the same answer on all ways", async () => {
  const bodies = [
    { to: 1, amount: 5 },
    [{ to: 1, amount: 5 }, { to: "nobody", amount: 1 }],
    { to: 99, amount: 5 },
    { to: 1, amount: -5 },
    { to: 1, amount: 1e6 },
    { to: 1 },
    { to: 1, amount: 5, fee: 1 },
    [],
    "{",
  ];
  for (const body of bodies) {
    const [short, long] = await Promise.all([{}, LONG_WAY].map(async (headers) => {
      const api = createTestApi();
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const length = { "Content-Length": String(text.length) };
      const response = await api.post("/payments", text, { ...length, ...headers });
      const answer = {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.json(),
        state: ledgerStateOf(api),
      };
      api.stop();
      return answer;
    }));
    assert.deepEqual(short, long, JSON.stringify(body));
    const shortest = await plainAnswerOf(typeof body === "string" ? body : JSON.stringify(body));
    if (shortest !== undefined) assert.deepEqual(shortest, long);
  }
});

Deno.test("the short way asks for the same permissions", async () => {
  const api = createTestApi();
  const before = ledgerStateOf(api);
  const body = JSON.stringify({ to: 1, amount: 1 });
  const good = {
    "Content-Type": "application/json",
    "Content-Length": String(body.length),
    "Host": "127.0.0.1:5000",
    "Authorization": `Bearer ${TEST_TOKEN}`,
  };
  const order = (headers: Record<string, string>) =>
    api.app.request("/api/v1/payments", { method: "POST", headers: { ...good, ...headers }, body });
  const plainly = (headers: Record<string, string>) => {
    const all = new Headers({ ...good, ...headers });
    return api.app.payPlainly({ url: "http://127.0.0.1:5000/api/v1/payments", headers: all }, body);
  };
  for (
    const [headers, status] of [
      [{ "Authorization": "" }, 401],
      [{ "Authorization": `Bearer ${TEST_TOKEN.replace("a", "b")}` }, 401],
      [{ "Host": "evil.example" }, 421],
      [{ "Origin": "https://evil.example" }, 403],
      [{ "Content-Length": "999999999" }, 413],
      [{ "Content-Type": "text/plain" }, 415],
      [{ "Idempotency-Key": "two words" }, 400],
    ] as const
  ) {
    const response = await order(headers);
    assert.equal(response.status, status, JSON.stringify(headers));
    await response.body?.cancel();
    assert.equal(plainly(headers), undefined);
  }
  assert.deepEqual(ledgerStateOf(api), before);

  const paid = await order({});
  assert.equal(paid.status, 202);
  await paid.body?.cancel();
  assert.equal((await plainly({}))?.status, 202);
  api.stop();
});

Deno.test("the short way pays once under one key", async () => {
  const api = createTestApi();
  const body = JSON.stringify({ to: 1, amount: 1 });
  const headers = { "Content-Length": String(body.length), "Idempotency-Key": "once" };
  const [first, second] = [
    await api.post("/payments", body, headers),
    await api.post("/payments", body, headers),
  ];
  assert.deepEqual([first?.status, second?.status], [202, 200]);
  assert.equal((await first.json()).txid, (await second.json()).txid);
  api.stop();
});
