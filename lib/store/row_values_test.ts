import assert from "node:assert/strict";
import { blobOf, numberOf, textOf } from "./row_values.ts";

Deno.test("a column of another kind, which a flipped bit makes, is damage and no mistake of ours", () => {
  const damaged = { name: "StoreFailure", code: "store-damaged" };
  const row = { number: 7, text: "me", bytes: new Uint8Array([1]), nothing: null };
  for (const name of ["number", "text", "nothing", "absent"]) {
    assert.throws(() => blobOf(row, name), damaged, name);
  }
  for (const name of ["text", "bytes", "nothing"]) {
    assert.throws(() => numberOf(row, name), damaged, name);
  }
  for (const name of ["number", "bytes", "nothing"]) {
    assert.throws(() => textOf(row, name), damaged, name);
  }
  assert.deepEqual([numberOf(row, "number"), textOf(row, "text")], [7, "me"]);
  assert.deepEqual(blobOf(row, "bytes"), row.bytes);
});
