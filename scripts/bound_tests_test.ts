/** Every bound of a node has a test in which it bites. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { BOUND_TESTS, ROOMS } from "./bound_tests.ts";
import { constantBoundsIn, sourcesOf, tableBoundsIn } from "./bounds.ts";

const ROOT = join(import.meta.dirname as string, "..");

const bounds = ROOMS.flatMap(sourcesOf)
  .flatMap((file) => [...constantBoundsIn(file), ...tableBoundsIn(file)]);
const names = new Set(bounds.map(({ file, name }) => `${file} ${name}`));

Deno.test("X03 every bound stands in the list of tests in which bounds bite, and nothing else does", () => {
  assert(names.size > 70, `found ${names.size} bounds`);
  const listed = Object.keys(BOUND_TESTS);
  assert.deepEqual([...names].filter((name) => !listed.includes(name)), [], "add them");
  assert.deepEqual(listed.filter((name) => !names.has(name)), [], "they are gone");
});

Deno.test("X03 every test in which a bound bites is there", () => {
  for (const [name, entry] of Object.entries(BOUND_TESTS)) {
    if (typeof entry === "string") {
      assert(entry.length > 20, `${name}: say why it needs no test`);
      continue;
    }
    const [file, title] = entry;
    const text = Deno.readTextFileSync(join(ROOT, file));
    // The titles of generated tests have their first word from a table.
    const isThere = text.includes(`"${title}`) || text.includes(`\`${title.split(" ")[0]} `);
    assert(isThere, `${name}: ${file} has no test "${title}"`);
  }
});
