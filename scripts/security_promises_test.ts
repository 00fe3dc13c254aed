/** SECURITY.md names a test behind each promise: each is there, with the code that is said of it. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

interface Promised {
  readonly promise: string;
  readonly tests: string;
}

/** The rows of all tables, without their heads. */
function promisesOf(text: string): Promised[] {
  return text.split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, promise]) => promise !== "promise" && !/^-+$/.test(promise ?? ""))
    .map(([, promise = "", tests = ""]) => ({ promise, tests }));
}

/** Files of a row; a name without a folder is beside the one before it. */
function filesOf(tests: string): { readonly path: string; readonly codes: readonly string[] }[] {
  let folder = "";
  return [...tests.matchAll(/`([^`]+)`(?: \(([A-Z]\d\d(?:, [A-Z]\d\d)*)\))?/g)].map(
    ([, name = "", codes = ""]) => {
      if (name.includes("/")) folder = name.slice(0, name.lastIndexOf("/") + 1);
      const path = name.includes("/") ? name : folder + name;
      return { path, codes: codes === "" ? [] : codes.split(", ") };
    },
  );
}

Deno.test("every promise of SECURITY.md has a test that is there", async () => {
  const promises = promisesOf(await Deno.readTextFile(new URL("SECURITY.md", ROOT)));
  assert(promises.length >= 20, `${promises.length} promises`);
  for (const { promise, tests } of promises) {
    const files = filesOf(tests);
    assert(files.length > 0, `No test behind "${promise}"`);
    for (const { path, codes } of files) {
      const info = await Deno.stat(new URL(path, ROOT)).catch(() => undefined);
      assert(info !== undefined, `"${promise}" names ${path}, which is not there`);
      if (info.isDirectory) {
        const names = [...Deno.readDirSync(new URL(`${path}/`, ROOT))].map(({ name }) => name);
        assert(names.some((name) => name.endsWith("_test.ts")), `${path} has no test`);
        continue;
      }
      assert(path.endsWith("_test.ts"), `"${promise}" names ${path}, which is no test`);
      const text = await Deno.readTextFile(new URL(path, ROOT));
      assert(/Deno\.test\(/.test(text), `${path} has no test`);
      for (const code of codes) {
        const hasCode = new RegExp(`["\`][^\n]*\\b${code}\\b`).test(text);
        assert(hasCode, `"${promise}" says ${code} of ${path}, which has no such test`);
      }
    }
  }
});

Deno.test("a promise whose test is gone is found", () => {
  const rows = promisesOf(
    "| promise | test |\n| --- | --- |\n| It holds | `lib/a_test.ts`, `b_test.ts` (X01, X02) |\n",
  );
  assert.deepEqual(rows.map(({ tests }) => filesOf(tests)), [[
    { path: "lib/a_test.ts", codes: [] },
    { path: "lib/b_test.ts", codes: ["X01", "X02"] },
  ]]);
});
