/**
 * The explorer's page of rules: what each stops, and how often it did.
 *
 * @module
 */
import type { Language } from "../../translation.ts";
import { meaningOf } from "../texts/refusal_texts.ts";
import { RULE_TEXTS } from "../texts/rule_texts.ts";
import type { Texts } from "../texts/texts.ts";
import { ScrollTable } from "../scroll_table.tsx";

/** All rules with what they stopped, and whatever else has stopped something. */
export function RulesPage({ text, language, counts }: {
  readonly text: Texts;
  readonly language: Language;
  readonly counts: ReadonlyMap<string, number>;
}) {
  const codes = new Set([...Object.keys(RULE_TEXTS.en), ...counts.keys()]);
  const rows = [...codes].map((code) => ({
    code,
    when: meaningOf(language, code) ?? "",
    count: counts.get(code) ?? 0,
  })).sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("rules.title")}</h2>
      </header>
      {counts.size === 0 && <p class="hint">{text("rules.none")}</p>}
      <ScrollTable
        label="page-title"
        rows={rows}
        keyOf={({ code }) => code}
        columns={[
          { title: text("rules.rule"), cell: ({ code }) => <code>{code}</code> },
          { title: text("rules.when"), cell: ({ when }) => when },
          { title: text("rules.count"), isNumber: true, cell: ({ count }) => count },
        ]}
      />
    </section>
  );
}
