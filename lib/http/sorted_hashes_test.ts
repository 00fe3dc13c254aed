import assert from "node:assert/strict";
import type { BlockEntry } from "../consensus/block_tree.ts";
import { sha256 } from "../crypto/hash.ts";
import { formatHex, utf8Bytes } from "../bytes.ts";
import { SortedHashes } from "./sorted_hashes.ts";

Deno.test("X04 SortedHashes finds what a walk finds, and reads each block of a growing tree once", () => {
  const blocks = new Map<string, BlockEntry>();
  let readCount = 0;
  const tree = {
    get size() {
      return blocks.size;
    },
    *entries() {
      // As a Map does it: what is added meanwhile comes, too.
      for (const entry of blocks.values()) {
        readCount++;
        yield entry;
      }
    },
  };
  const hashes = new SortedHashes(tree);
  let count = 0;
  for (const added of [1, 500, 0, 3, 64, 65, 1, 1]) {
    for (let index = 0; index < added; index++) {
      const hash = formatHex(sha256(utf8Bytes(String(count++))));
      blocks.set(hash, { hash } as unknown as BlockEntry);
    }
    for (const prefix of ["0", "a", "ab", "abc", "ff", "f", ...[...blocks.keys()].slice(-3)]) {
      const walked = [...blocks.values()].filter(({ hash }) => hash.startsWith(prefix))
        .map(({ hash }) => hash).sort();
      const found = hashes.startingWith(prefix, 2).map(({ hash }) => hash);
      assert.deepEqual(found, walked.slice(0, 2), prefix);
    }
  }
  assert.equal(readCount, blocks.size);
});
