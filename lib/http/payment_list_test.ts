/** POST /payments with a list: bounded, in order, each payment with its own answer. */
import assert from "node:assert/strict";
import { assertRefused, createTestApi, ledgerStateOf } from "../testing/test_api.ts";
import { networkOf } from "../testing/test_world.ts";
import { PAYMENT_LIST_MAX, paymentAnswersSchema } from "../wire/api_wallet.ts";

Deno.test("POST /payments takes a list and answers each payment by itself", async () => {
  const api = createTestApi();
  const response = await api.post("/payments", [
    { to: 1, amount: 60 },
    { to: "id1", amount: 60 },
    { to: "nobody", amount: 1 },
    { to: 1, amount: -1 },
    { to: 1, amount: 40 },
  ]);
  assert.equal(response.status, 207);
  const { accepted, refused, answers } = paymentAnswersSchema.parse(await response.json());
  assert.deepEqual([accepted, refused], [2, 3]);
  assert.deepEqual(
    answers.map((each) => "error" in each ? each.error.code : "accepted"),
    ["accepted", "insufficient-funds", "wallet-unknown", "amount-invalid", "accepted"],
  );
  assert.equal(networkOf(api.node).mempool.size, 2);
  api.world.run(1_000);
  const balance = await (await api.get("/balances/1")).json();
  assert.equal(balance.confirmed, 200);
  api.stop();
});

Deno.test("POST /payments refuses a list that is empty, too long or of another shape, and pays none of it", async () => {
  const api = createTestApi();
  const before = ledgerStateOf(api);
  const tooMany = Array.from({ length: PAYMENT_LIST_MAX + 1 }, () => ({ to: 1, amount: 1 }));
  for (
    const list of [[], tooMany, [{ to: 1, amount: 1 }, { to: 1 }], [{ to: 1, amount: 1, x: 1 }]]
  ) {
    const response = await api.post("/payments", list);
    assert.equal(await assertRefused(response, 400), "request-malformed");
  }
  assert.deepEqual(ledgerStateOf(api), before);
  api.stop();
});
