/** The tables of the documents say what the code says. */
import assert from "node:assert/strict";
import { PAGES, TABLES, withTables } from "./doc_tables.ts";

const pages = PAGES.map((page) => ({
  page,
  text: Deno.readTextFileSync(new URL(`../${page}`, import.meta.url)),
}));

Deno.test("the documents have every table as the code makes it", () => {
  for (const name of Object.keys(TABLES)) {
    const isShown = pages.some(({ text }) => text.includes(`<!-- table: ${name} -->`));
    assert(isShown, `no page has a table "${name}"`);
  }
  for (const { page, text } of pages) {
    assert.equal(text, withTables(text), `${page}: run deno run -A scripts/doc_tables.ts`);
  }
});

Deno.test("withTables() puts right a table that says something else, and touches nothing else", () => {
  const [protocol] = pages;
  assert(protocol !== undefined);
  const altered = protocol.text.replace("| retry later |", "| reject      |");
  assert.notEqual(altered, protocol.text);
  assert.equal(withTables(altered), withTables(protocol.text));
});
