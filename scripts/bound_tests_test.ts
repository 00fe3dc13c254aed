/** Every bound of a node has a test in which it bites. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { BOUND_TESTS, ROOMS } from "./bound_tests.ts";
import { constantBoundsIn, sourcesOf, tableBoundsIn, testsOf } from "./bounds.ts";

const ROOT = join(import.meta.dirname as string, "..");

const bounds = ROOMS.flatMap(sourcesOf)
  .flatMap((file) => [...constantBoundsIn(file), ...tableBoundsIn(file)]);

Deno.test("X03 every bound is named in a test, or listed with the test in which it bites", () => {
  assert(bounds.length > 70, `found ${bounds.length} bounds`);
  const texts = testsOf("lib").map((file) => Deno.readTextFileSync(join(ROOT, file)));
  const missing = bounds.filter(({ file, name }) =>
    BOUND_TESTS[`${file} ${name}`] === undefined &&
    !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text))
  );
  assert.deepEqual(missing.map(({ file, name }) => `${file} ${name}`), []);
});

Deno.test("X03 every listed bound is there, and so is the test in which it bites", () => {
  const names = new Set(bounds.map(({ file, name }) => `${file} ${name}`));
  for (const [name, entry] of Object.entries(BOUND_TESTS)) {
    assert(names.has(name), `${name} is gone`);
    if (typeof entry === "string") {
      assert(entry.length > 20, `${name}: say why it needs no test`);
      continue;
    }
    const [file, title] = entry;
    const text = Deno.readTextFileSync(join(ROOT, file));
    // The titles of generated tests have their end from a table.
    const isThere = text.includes(`"${title}`) || text.includes(`\`${title}`) ||
      text.includes(`\`${title.split(" ")[0]} \${`);
    assert(isThere, `${name}: ${file} has no test "${title}"`);
  }
});
