import assert from "node:assert/strict";
import { hash } from "node:crypto";
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

Deno.test("sha256() agrees with node:crypto at every size around the kernel's blocks and beyond", () => {
  const bytes = Uint8Array.from({ length: 640 }, (_, index) => 31 * index + 7);
  // Downwards and upwards, so that a longer message's rest lies in the buffer and does not.
  const sizes = Array.from({ length: 641 }, (_, size) => size);
  for (const sizeBytes of [...sizes.toReversed(), ...sizes]) {
    const message = bytes.subarray(0, sizeBytes);
    const wanted = hash("sha256", message, "hex");
    assert.equal(sha256Hex(message), wanted, `${sizeBytes} bytes`);
    assert.equal(formatHex(sha256(message)), wanted, `${sizeBytes} bytes`);
  }
});

Deno.test("sha256() gives a digest that the next one leaves alone", () => {
  const first = sha256(utf8Bytes("first"));
  const before = formatHex(first);
  sha256(utf8Bytes("second"));
  assert.equal(formatHex(first), before);
});

Deno.test("sha256() leaves nothing outside the heap, however many are computed", () => {
  const bytes = new Uint8Array(200);
  const hashMany = (count: number) => {
    for (let index = 0; index < count; index++) {
      bytes[index % bytes.length] = index;
      sha256(bytes);
    }
  };
  hashMany(50_000);
  const before = Deno.memoryUsage().rss;
  hashMany(300_000);
  // node:crypto's leave 40 MB and more.
  assert(Deno.memoryUsage().rss - before < 15_000_000);
});
