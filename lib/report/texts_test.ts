import assert from "node:assert/strict";
import { translationProblems } from "../translation.ts";
import { METRIC_KEYS, METRICS } from "../measure/metric_table.ts";
import { findingText, REPORT_TEXTS, reportTexts, unitText } from "./texts.ts";

Deno.test("every text of a report is there in every language", () => {
  assert.deepEqual(
    translationProblems(REPORT_TEXTS, [
      "title",
      "source.ours",
      "column.interval",
      "column.txPerSecond",
    ]),
    [],
  );
});

Deno.test("a unit is a word of the reader's language, or a symbol", () => {
  const text = reportTexts("el");
  const symbols = ["tx/s", "ms", "s", "H/s", "B"];
  for (const key of METRIC_KEYS) {
    const { unit } = METRICS[key];
    assert.equal(unitText(text, unit) === unit, symbols.includes(unit), unit);
  }
});

Deno.test("findingText() says in Greek what a code means, then what was recorded", () => {
  const finding = { code: "not-converged", text: "The nodes ended on 2 tips" };
  assert.equal(findingText(reportTexts("en"), finding), finding.text);
  assert.match(
    findingText(reportTexts("el"), finding),
    /^Οι κόμβοι .*: The nodes ended on 2 tips$/,
  );
  const unknown = { code: "odd", text: "Odd" };
  assert.equal(findingText(reportTexts("el"), unknown), "Odd");
});
