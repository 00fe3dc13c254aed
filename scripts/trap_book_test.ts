/** docs/traps.md has every trap that the sources name, and each of its entries has its test. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CODE = /\b[TUMBFNRPESWXK]\d{2}\b/g;

/** The entries of the book: code and the test that it names. */
function entriesOf(page: string): Map<string, string> {
  const rows = page.matchAll(/^\| ([A-Z]\d{2}) +\|.*\| `([^`]+)` +\|$/gm);
  return new Map([...rows].map(([, code, test]) => [code as string, test as string]));
}

/** What is wrong with a book, given the sources by path. */
function problemsOf(page: string, sources: ReadonlyMap<string, string>): string[] {
  const entries = entriesOf(page);
  const problems: string[] = [];
  for (const [path, text] of sources) {
    for (const [code] of text.matchAll(CODE)) {
      if (!entries.has(code)) problems.push(`${path} names ${code}, which has no entry`);
    }
  }
  for (const [code, test] of entries) {
    const text = sources.get(test);
    if (text === undefined) problems.push(`${code} names ${test}, which is not there`);
    else if (!text.includes(code)) problems.push(`${code} names ${test}, which does not name it`);
    if (!test.endsWith("_test.ts")) problems.push(`${code} names ${test}, which is no test`);
  }
  return problems;
}

function readSources(): Map<string, string> {
  const sources = new Map<string, string>();
  const visit = (path: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}/${path}`)) {
      const child = `${path}/${name}`;
      if (isDirectory) {
        if (name !== "testdata") visit(child);
      } else if (/\.tsx?$/.test(name) && child !== "scripts/trap_book_test.ts") {
        sources.set(child, Deno.readTextFileSync(`${ROOT}/${child}`));
      }
    }
  };
  for (const folder of ["lib", "scripts", "bench"]) visit(folder);
  return sources;
}

const page = Deno.readTextFileSync(`${ROOT}/docs/traps.md`);

Deno.test("docs/traps.md and the sources name the same traps, each with a test", () => {
  assert(entriesOf(page).size > 70, `read ${entriesOf(page).size} entries`);
  assert.deepEqual(problemsOf(page, readSources()), []);
});

Deno.test("a trap without an entry and an entry without a test are found", () => {
  const sources = new Map([["lib/a_test.ts", 'Deno.test("T01 holds")'], ["lib/b.ts", "// T02"]]);
  const book = "| T01 | text | `lib/a_test.ts` |\n| T03 | text | `lib/gone_test.ts` |\n" +
    "| T04 | text | `lib/a_test.ts` |\n";
  assert.deepEqual(problemsOf(book, sources), [
    "lib/b.ts names T02, which has no entry",
    "T03 names lib/gone_test.ts, which is not there",
    "T04 names lib/a_test.ts, which does not name it",
  ]);
});
