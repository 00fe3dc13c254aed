/** The tables of docs/protocol.md say what the code says. */
import assert from "node:assert/strict";
import { TABLES, withTables } from "./protocol_tables.ts";

const PAGE = new URL("../docs/protocol.md", import.meta.url);

Deno.test("docs/protocol.md has every table as the code makes it", () => {
  const page = Deno.readTextFileSync(PAGE);
  for (const name of Object.keys(TABLES)) {
    assert(page.includes(`<!-- table: ${name} -->`), `the page has no table "${name}"`);
  }
  assert.equal(page, withTables(page), "run: deno run -A scripts/protocol_tables.ts");
});

Deno.test("withTables() puts right a table that says something else, and touches nothing else", () => {
  const page = Deno.readTextFileSync(PAGE);
  const altered = page.replace("| retry later |", "| reject      |");
  assert.notEqual(altered, page);
  assert.equal(withTables(altered), withTables(page));
});
