import assert from "node:assert/strict";
import { PREFIX_SIZE_MIN } from "../../wire/names.ts";
import { partsOf } from "../browser.ts";
import type { ReadResult } from "../read_result.ts";
import { findName, HASH_PREFIX_SIZE_MIN } from "./search.ts";

/** A node that has some things, and is asked for one whose name two others begin with. */
function readerOf(there: readonly string[], ambiguous: readonly string[] = []) {
  const asked: string[] = [];
  const read = <T>(path: string): Promise<ReadResult<T>> => {
    asked.push(path);
    if (there.includes(path)) return Promise.resolve({ ok: true, value: {} as T });
    const code = ambiguous.includes(path) ? "prefix-ambiguous" : "not-found";
    return Promise.resolve({ ok: false, code, message: "" });
  };
  return { asked, read };
}

Deno.test("findName() asks for what a text may name, and says where it is", async () => {
  const { asked, read } = readerOf(["/balances/id2", "/blocks/12", "/blocks/0000ab12"]);
  const places = [];
  for (const word of ["ID2", " node 2", "12", "0000AB12", "rules", "mempool"]) {
    const found = await findName(read, word);
    places.push(found.kind === "place" ? found.place : found.kind);
  }
  assert.deepEqual(places, [
    "wallet/id2",
    "wallet/id2",
    "block/12",
    "block/0000ab12",
    "rules",
    "mempool",
  ]);
  assert.deepEqual(asked.slice(3), ["/transactions/0000ab12", "/blocks/0000ab12"]);
});

Deno.test("findName() tells a short beginning and one of many from what is not there", async () => {
  const { read } = readerOf([], ["/blocks/000012ab"]);
  const kindOf = async (word: string) => (await findName(read, word)).kind;
  assert.equal(await kindOf("000012ab"), "ambiguous");
  assert.equal(await kindOf("abc"), "short");
  assert.equal(await kindOf("77"), "short");
  assert.equal(await kindOf("abcdef01"), "missing");
  assert.equal(await kindOf("<b>nothing</b>"), "missing");
  assert.equal(HASH_PREFIX_SIZE_MIN, PREFIX_SIZE_MIN);
});

Deno.test("findName() does not take a node that could not answer for one that has nothing", async () => {
  const refusal = { ok: false, code: "node-unreachable", message: "" } as const;
  const found = await findName(() => Promise.resolve(refusal), "abcdef01");
  assert.deepEqual(found, { kind: "failed", refusal });
});

Deno.test("partsOf() takes an address apart, whatever somebody typed there", () => {
  assert.deepEqual(partsOf("#/explorer/search/a%20b"), ["explorer", "search", "a b"]);
  assert.deepEqual(partsOf("#/explorer/block/%E0%"), ["explorer", "block", "%E0%"]);
  assert.deepEqual(partsOf(""), [""]);
});
