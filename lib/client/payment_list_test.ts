import assert from "node:assert/strict";
import { err, ok } from "../result.ts";
import type { PaymentAnswersJson, PaymentRequestJson } from "../wire/api_wallet.ts";
import { PAYMENT_LIST_MAX } from "../wire/api_wallet.ts";
import type { ApiClient } from "./api_client.ts";
import { parsePaymentList, payList, readPaymentText } from "./payment_list.ts";

Deno.test("parsePaymentList() reads every spelling of a payment and names the first line that is none", () => {
  const read = parsePaymentList("id2 5\r\n\n# all of them\n 3\t7 # thanks\n");
  assert(read.ok);
  assert.deepEqual(read.value, [{ to: "id2", amount: 5 }, { to: "3", amount: 7 }]);
  for (const line of ["bob 1", "id1", "id1 0", "id1 -2", "id1 1 1", "id1 1.5"]) {
    const refused = parsePaymentList(`id1 1\n${line}\n`);
    assert(!refused.ok);
    assert.deepEqual(refused.error, { lineNumber: 2, text: line });
  }
});

Deno.test("payList() sends lists within the bound and counts every answer", async () => {
  const sizes: number[] = [];
  const client = {
    payAll(list: readonly PaymentRequestJson[]) {
      sizes.push(list.length);
      const answers: PaymentAnswersJson["answers"] = list.map(({ amount }) =>
        amount === 9
          ? { error: { code: "insufficient-funds", message: "", evidence: {} } }
          : { txid: "ab".repeat(32) }
      );
      return Promise.resolve(ok({ accepted: 0, refused: 0, answers }));
    },
  } as Pick<ApiClient, "payAll">;
  const payments = Array.from({ length: PAYMENT_LIST_MAX + 7 }, (_, index) => ({
    to: 1,
    amount: index === 3 ? 9 : 1,
  }));
  const paid = await payList(client, payments, () => {});
  assert(paid.ok);
  assert.deepEqual(sizes, [PAYMENT_LIST_MAX, 7]);
  assert.deepEqual([paid.value.accepted, paid.value.refused], [
    PAYMENT_LIST_MAX + 6,
    { "insufficient-funds": 1 },
  ]);
  assert.equal(paid.value.payments[3]?.code, "insufficient-funds");
});

Deno.test("payList() says how far it came when the node is gone", async () => {
  let calls = 0;
  const gone = {
    kind: "unreachable",
    code: "node-unreachable",
    message: "Cannot reach it",
  } as const;
  const client = {
    payAll(list: readonly PaymentRequestJson[]) {
      if (calls++ > 0) return Promise.resolve(err(gone));
      const answers = list.map(() => ({ txid: "ab".repeat(32) }));
      return Promise.resolve(ok({ accepted: list.length, refused: 0, answers }));
    },
  } as Pick<ApiClient, "payAll">;
  const payments = Array.from({ length: 2 * PAYMENT_LIST_MAX }, () => ({ to: 1, amount: 1 }));
  const paid = await payList(client, payments, () => {});
  assert.match(
    paid.ok ? "" : paid.error.message,
    /\(500 of 1000 payments had their answer before\)/,
  );
});

Deno.test("readPaymentText() says why a file cannot be read", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/pay.txt`;
    Deno.writeTextFileSync(path, "id1 5\n");
    assert.deepEqual(await readPaymentText(path), { ok: true, value: "id1 5\n" });
    for (
      const [wrong, reason] of [
        [`${folder}/other.txt`, "there is no such file"],
        [folder, "it is a folder"],
      ] as const
    ) {
      assert.deepEqual(await readPaymentText(wrong), { ok: false, error: reason });
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
