import assert from "node:assert/strict";
import { translationProblems } from "../../translation.ts";
import { ENGLISH as DASHBOARD_ENGLISH } from "../../http/dashboard/texts_english.ts";
import { ENGLISH } from "./english.ts";
import { ROOM_TEXTS, roomTexts } from "./texts.ts";

Deno.test("every text of the control room is there in every language", () => {
  const same = [
    "block.hash",
    "block.nonce",
    "block.bytes",
    "tx.id",
    "coins",
    "unit.ms",
    "forks.transactions",
  ] as const;
  assert.deepEqual(translationProblems(ROOM_TEXTS, same), []);
});

Deno.test("roomTexts() speaks the first language that there is", () => {
  const { language, text } = roomTexts([undefined, "fr", "el-GR", "en"]);
  assert.equal(language, "el");
  assert.equal(text("tx.life.seen", { n: 1, total: 5 }), "την είδε 1 από 5 κόμβους");
});

Deno.test("every text of the pages is shown somewhere", () => {
  const sources = [
    ...sourcesIn(new URL("../", import.meta.url)),
    ...sourcesIn(new URL("../../control/", import.meta.url)),
    ...sourcesIn(new URL("../../http/explorer/", import.meta.url)),
  ].join("\n");
  assert.deepEqual(unusedOf(Object.keys(ENGLISH), sources), []);
});

Deno.test("every text of a node's page is shown somewhere", () => {
  const sources = sourcesIn(new URL("../../http/dashboard/", import.meta.url)).join("\n");
  assert.deepEqual(unusedOf(Object.keys(DASHBOARD_ENGLISH), sources), []);
});

/** Keys that no source has as a word, nor begins with a template. */
function unusedOf(keys: readonly string[], sources: string): readonly string[] {
  const words = new Set(sources.match(/(?<=")[a-zA-Z0-9.-]+(?=")/g));
  const beginnings = [...sources.matchAll(/`([a-zA-Z0-9.-]+\.)\$\{/g)].map(([, begin = ""]) =>
    begin
  );
  return keys.filter((key) => !words.has(key) && !beginnings.some((each) => key.startsWith(each)));
}

/** The texts of all sources below a folder, but for tables of texts and tests. */
function sourcesIn(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return name === "texts" ? [] : sourcesIn(new URL(`${name}/`, folder));
    if (!/\.tsx?$/.test(name) || /^texts_|_test\.ts$/.test(name)) return [];
    return [Deno.readTextFileSync(new URL(name, folder))];
  });
}
