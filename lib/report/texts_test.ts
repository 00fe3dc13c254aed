import assert from "node:assert/strict";
import { translationProblems } from "../translation.ts";
import { REPORT_TEXTS } from "./texts.ts";

Deno.test("every text of a report is there in every language", () => {
  assert.deepEqual(translationProblems(REPORT_TEXTS, ["title"]), []);
});
