import assert from "node:assert/strict";
import { formatHex, utf8Bytes } from "../bytes.ts";
import { sha256, sha256Hex } from "./hash.ts";
import sha256Vectors from "./testdata/sha256_vectors.json" with { type: "json" };

Deno.test("sha256() gives the digests of FIPS 180-4", () => {
  assert.equal(sha256Vectors.vectors.length, 5);
  for (const { text, times, digest } of sha256Vectors.vectors) {
    const bytes = utf8Bytes(text.repeat(times));
    assert.equal(sha256Hex(bytes), digest);
    assert.equal(formatHex(sha256(bytes)), digest);
  }
});
