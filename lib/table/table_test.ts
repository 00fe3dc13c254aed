import assert from "node:assert/strict";
import { parquetOfTable } from "./parquet.ts";
import { csvOfTable, tableOfRows } from "./table.ts";

const TABLE = tableOfRows([
  { name: 'a "b", c', share: 0.1, isInside: true },
  { name: null, share: NaN, isInside: null },
]);

Deno.test("csvOfTable() quotes, and leaves out what is not known", () => {
  assert.equal(csvOfTable(TABLE), 'name,share,isInside\n"a ""b"", c",0.1,true\n,,\n');
});

Deno.test("a table refuses columns of two types", () => {
  assert.throws(() => tableOfRows([{ a: 1 }, { a: "1" }]));
});

Deno.test("parquetOfTable() gives the same bytes for the same table", async () => {
  const bytes = await parquetOfTable(TABLE);
  const magic = new TextDecoder().decode(bytes.slice(0, 4));
  assert.equal(magic, "PAR1");
  assert.equal(new TextDecoder().decode(bytes.slice(-4)), "PAR1");
  assert.deepEqual(await parquetOfTable(TABLE), bytes);
});
