import assert from "node:assert/strict";
import { err, ok } from "../result.ts";
import type { ClientError } from "./api_client.ts";
import { payOnce } from "./pay_once.ts";

const LOST: ClientError = { kind: "unreachable", code: "node-timeout", message: "No answer" };
const NO: ClientError = {
  kind: "refused",
  code: "insufficient-funds",
  message: "No",
  evidence: {},
};

Deno.test("R12 payOnce() asks again under the same key until there is an answer", async () => {
  const keys: string[] = [];
  const paid = await payOnce(undefined, (key) => {
    keys.push(key);
    return Promise.resolve(keys.length < 3 ? err(LOST) : ok("txid"));
  }, { pausesMs: [0, 0] });
  assert.deepEqual(paid, ok("txid"));
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
});

Deno.test("R12 payOnce() takes a refusal as it is, and names the key when nobody answers", async () => {
  let count = 0;
  const refused = await payOnce("mine", () => (count++, Promise.resolve(err(NO))), {
    pausesMs: [0, 0],
  });
  assert.deepEqual([refused, count], [err(NO), 1]);
  const lost = await payOnce("mine", () => Promise.resolve(err(LOST)), { pausesMs: [0] });
  assert.match(lost.ok ? "" : lost.error.message, /--key mine$/);
});
