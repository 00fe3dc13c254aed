import assert from "node:assert/strict";
import { numberList } from "./number_list.ts";

Deno.test("numberList() reads lists and ranges, both ends included", () => {
  assert.deepEqual(numberList(0, 1)("0.05:0.5:0.05").length, 10);
  assert.equal(numberList(0, 1)("0.05:0.5:0.05").at(-1), 0.5);
  assert.deepEqual(numberList(0, 9, "whole")("1:3:1,7,3"), [1, 2, 3, 7]);
});

Deno.test("numberList() refuses empty ranges, other bounds and other words", () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["0.5:0.1:0.1", /empty range/],
    ["0.1:0.5:0", /empty range/],
    ["0.1:0.5", /wanted numbers/],
    ["", /wanted numbers/],
    ["0.1,x", /wanted numbers/],
    ["1.5", /of 0 to 1/],
    ["-0.1", /wanted numbers/],
    ["0:1:0.00001", /at most/],
  ];
  for (const [text, reason] of refused) {
    assert.throws(() => numberList(0, 1)(text), { message: reason }, text);
  }
  assert.throws(() => numberList(0, 9, "whole")("1.5"), { message: /whole/ });
});
