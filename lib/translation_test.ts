import assert from "node:assert/strict";
import { createTexts, translationProblems } from "./translation.ts";

Deno.test("translationProblems() finds what is missing, empty, left over, or says something else", () => {
  const en = {
    fine: "{n} block|{n} blocks",
    empty: "text",
    places: "{a} pays {b}",
    forms: "{n} node|{n} nodes",
    copied: "Block of {miner}",
    noobcash: "Noobcash",
    gone: "gone",
  };
  const el: Partial<typeof en> & { extra: string } = {
    fine: "{n} μπλοκ|{n} μπλοκ",
    empty: " ",
    places: "{a} πληρώνει",
    forms: "{n} κόμβοι",
    copied: "Block of {miner}",
    noobcash: "Noobcash",
    extra: "κάτι",
  };
  assert.deepEqual(translationProblems({ en, el: el as typeof en }, ["noobcash"]), [
    "el extra: not in English",
    "el empty: missing",
    "el places: values {a}",
    "el forms: another number of forms",
    "el copied: left in English",
    "el gone: missing",
  ]);
});

Deno.test("createTexts() puts values in as they are, and leaves a place without a value visible", () => {
  const tables = { en: { text: "{a} and {b}" }, el: { text: "{a} και {b}" } };
  const text = createTexts(tables, "el");
  assert.equal(text("text", { a: "<b>{b}", b: "$&" }), "<b>{b} και $&");
  assert.equal(text("text", { a: 1 }), "1 και {b}");
});
