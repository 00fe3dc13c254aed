import assert from "node:assert/strict";
import fc from "fast-check";
import type { Amount } from "../primitives/amount.ts";
import { describeMalformed, formatWorkloadFile, parseWorkloadFile } from "./workload_file.ts";

Deno.test("P03 parseWorkloadFile() takes CRLF, blank lines, spaces, both id forms, comments, no newline", () => {
  const text = "\uFEFFid2 5\r\n\r\n  id10 \t7  \r\n10 5 # to node ten\n# nothing\n\t\nid0 1";
  const { lines, fileName } = parseWorkloadFile(3, text);

  assert.equal(fileName, "transactions3.txt");
  assert.deepEqual(lines, [
    { kind: "payment", lineNumber: 1, receiverId: 2, amount: 5 },
    { kind: "payment", lineNumber: 3, receiverId: 10, amount: 7 },
    { kind: "payment", lineNumber: 4, receiverId: 10, amount: 5 },
    { kind: "payment", lineNumber: 7, receiverId: 0, amount: 1 },
  ]);
});

Deno.test("P03 parseWorkloadFile() reports a malformed line with its number and reads on", () => {
  const { lines, fileName } = parseWorkloadFile(
    1,
    "id1 1\r\nid1\r\nbob 5\r\nid1 x\r\nid2 2 2\r\nid3 3",
  );

  assert.deepEqual(lines.map((line) => [line.lineNumber, "code" in line ? line.code : "payment"]), [
    [1, "payment"],
    [2, "line-malformed"],
    [3, "receiver-malformed"],
    [4, "amount-malformed"],
    [5, "line-malformed"],
    [6, "payment"],
  ]);
  const third = lines[2];
  assert(third?.kind === "malformed");
  assert.equal(
    describeMalformed(fileName, third),
    'Cannot read transactions1.txt:3: got "bob 5", wanted a node id such as "id2" or "2"',
  );
});

Deno.test("T07 parseWorkloadFile() refuses every amount that is no whole number of coins", () => {
  const amounts = ["0", "-5", "1.5", '"5"', "5e0", "NaN", "Infinity", "9007199254740992", "1e400"]
    .concat(["null", "0x10", "true", "+5", "05", "5,0", "٥"]);
  const { lines } = parseWorkloadFile(0, amounts.map((amount) => `id1 ${amount}`).join("\r\n"));

  assert.deepEqual(
    lines.map((line) => "code" in line ? line.code : line.amount),
    amounts.map(() => "amount-malformed"),
  );
});

Deno.test("parseWorkloadFile() shows no more than a line's beginning", () => {
  const { lines } = parseWorkloadFile(0, "x".repeat(100_000));
  assert.deepEqual(lines, [
    { kind: "malformed", lineNumber: 1, code: "line-malformed", text: "x".repeat(60) + "…" },
  ]);
});

Deno.test("parseWorkloadFile() reads back what formatWorkloadFile() writes", () => {
  const payment = fc.record({
    receiverId: fc.integer({ min: 0, max: 99_999 }),
    amount: fc.maxSafeNat().map((amount) => Math.max(1, amount) as Amount),
  });
  fc.assert(fc.property(fc.array(payment), (payments) => {
    const { lines } = parseWorkloadFile(0, formatWorkloadFile(payments));
    assert.deepEqual(
      lines,
      payments.map((one, index) => ({ kind: "payment", lineNumber: index + 1, ...one })),
    );
  }));
});
