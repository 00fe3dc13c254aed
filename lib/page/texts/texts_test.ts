import assert from "node:assert/strict";
import { translationProblems } from "../../translation.ts";
import { ROOM_TEXTS, roomTexts } from "./texts.ts";

Deno.test("every text of the control room is there in every language", () => {
  const same = [
    "block.hash",
    "block.nonce",
    "block.bytes",
    "tx.id",
    "coins",
    "unit.ms",
    "forks.transactions",
  ] as const;
  assert.deepEqual(translationProblems(ROOM_TEXTS, same), []);
});

Deno.test("roomTexts() speaks the first language that there is", () => {
  const { language, text } = roomTexts([undefined, "fr", "el-GR", "en"]);
  assert.equal(language, "el");
  assert.equal(text("tx.life.seen", { n: 1, total: 5 }), "την είδε 1 από 5 κόμβους");
});
