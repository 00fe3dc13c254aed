/** The sentences of rules and refusals: there for every code, in every language. */
import assert from "node:assert/strict";
import { BLOCK_RULES, TRANSACTION_RULES } from "../../consensus/rule_table.ts";
import { translationProblems } from "../../translation.ts";
import { REFUSAL_TEXTS } from "./refusal_texts.ts";
import { RULE_TEXTS } from "./rule_texts.ts";

Deno.test("every rule and every refusal has its sentence in every language", () => {
  assert.deepEqual(translationProblems(RULE_TEXTS), []);
  assert.deepEqual(translationProblems(REFUSAL_TEXTS), []);
});

Deno.test("the English sentences of rules are those of the rule table", () => {
  const rules = Object.entries({ ...TRANSACTION_RULES, ...BLOCK_RULES })
    .map(([code, { when }]) => [code, when]);
  assert.deepEqual(RULE_TEXTS.en, Object.fromEntries(rules));
});

Deno.test("every code with which a node or a control room refuses has a sentence", () => {
  const codes = new Set<string>();
  for (
    const file of [
      "../../http/api_error.ts",
      "../../http/ports.ts",
      "../../node/effect.ts",
      "../../mempool/policy_error.ts",
      "../../wallet/payment.ts",
      "../../control/fault_console.ts",
      "../../control/room_app.ts",
      "../../control/open_room.ts",
    ]
  ) {
    const source = Deno.readTextFileSync(new URL(file, import.meta.url));
    const types = /code: "([a-z]+(?:-[a-z]+)+|internal|conflict)"/g;
    for (const [, code = ""] of source.matchAll(types)) codes.add(code);
  }
  assert(codes.size > 40);
  const known = { ...REFUSAL_TEXTS.en, ...RULE_TEXTS.en };
  assert.deepEqual([...codes].filter((code) => !(code in known)), []);
});
