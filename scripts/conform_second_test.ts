/**
 * The grader against a second implementation: the assignment's own protocol in plain Python, right in most
 * and wrong in four named ways. Its score sheet is what it should be.
 */
import assert from "node:assert/strict";
import { ALL_TESTS } from "../lib/conform/all_tests.ts";
import { grade } from "../lib/conform/grade.ts";
import { readAdapter } from "../lib/conform/read_adapter.ts";
import { findSandbox } from "../lib/conform/sandbox.ts";

const HOME = new URL("./testdata/assignment_node/", import.meta.url).pathname;
/** What the file itself says is wrong with it. */
const WRONG = ["L110", "L204", "L217", "L421"];
const ASKED = ["L101", "L102", "L103", "L105", "L106", "L107", "L110", "L201", "L203", "L204"]
  .concat(["L217", "L306", "L307", "L308", "L421"]);

Deno.test("a node of the assignment's protocol scores what it should", async () => {
  // Easier blocks: what is graded here does not depend on how long they take.
  const text = Deno.readTextFileSync(`${HOME}adapter.yaml`).replace("usual: 4", "usual: 2");
  const read = readAdapter(text);
  assert(read.ok, JSON.stringify(read));
  const { mode } = await findSandbox();
  const results = await grade({
    adapter: read.value,
    home: HOME,
    mode,
    tests: ALL_TESTS.filter(({ code }) => ASKED.includes(code)),
    seed: 1,
    runs: 1,
    jobs: 1,
    signal: new AbortController().signal,
    onEvent: () => {},
  });
  const got = Object.fromEntries(
    results.map((
      { code, verdict, reason },
    ) => [code, verdict === "failed" ? `failed: ${reason}` : verdict]),
  );
  for (const code of ASKED) {
    assert.match(
      got[code] ?? "",
      WRONG.includes(code) ? /^failed/ : /^passed$/,
      `${code}: ${got[code]}`,
    );
  }
});
