/** Seeded bugs are seeded by text: whoever moves the code moves them along. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CONFORM_MUTATIONS } from "./conform_mutations.ts";
import { MUTATIONS } from "./mutations.ts";
import { WRONG_SOLUTIONS } from "./wrong_solutions.ts";

const ROOT = join(import.meta.dirname as string, "..");

Deno.test("the text of every seeded bug stands exactly once in its file", () => {
  const edits = [
    ...MUTATIONS,
    ...CONFORM_MUTATIONS.flatMap(({ name, edits }) => edits.map((edit) => ({ name, ...edit }))),
    ...WRONG_SOLUTIONS,
  ];
  for (const { name, file, find } of edits) {
    const parts = Deno.readTextFileSync(join(ROOT, file)).split(find);
    assert.equal(parts.length - 1, 1, `${name}: ${find} in ${file}`);
  }
});
