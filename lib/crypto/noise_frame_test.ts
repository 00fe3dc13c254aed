import assert from "node:assert/strict";
import * as fc from "fast-check";
import { NoiseCipher } from "./noise_cipher.ts";
import { openFrame, REKEY_MESSAGES, sealedSizeBytes, sealFrame } from "./noise_frame.ts";

function twoEnds(): [NoiseCipher, NoiseCipher] {
  const key = new Uint8Array(32).fill(7);
  return [new NoiseCipher(key), new NoiseCipher(key)];
}

Deno.test("openFrame() gives back frames of every size around a part's", () => {
  const [from, to] = twoEnds();
  for (const sizeBytes of [0, 1, 65_518, 65_519, 65_520, 2 * 65_519, 2 * 65_519 + 1, 300_000]) {
    const frame = new Uint8Array(sizeBytes).map((_, index) => index % 251);
    const sealed = sealFrame(from, frame);
    assert.equal(sealed.length, sealedSizeBytes(sizeBytes));
    assert.deepEqual(openFrame(to, sealed), frame);
  }
});

Deno.test("openFrame() refuses what was changed, doubled, left out or cut", () => {
  const frame = new Uint8Array(70_000).fill(1);
  fc.assert(
    fc.property(fc.nat(70_031), fc.constantFrom("bit", "cut", "double", "gap"), (at, how) => {
      const [from, to] = twoEnds();
      const first = sealFrame(from, frame);
      const second = sealFrame(from, frame);
      if (how === "double") {
        assert(openFrame(to, first) !== undefined);
        assert.equal(openFrame(to, first), undefined);
      } else if (how === "gap") {
        assert.equal(openFrame(to, second), undefined);
      } else if (how === "bit") {
        first[at] = (first[at] as number) ^ 1;
        assert.equal(openFrame(to, first), undefined);
      } else if (at !== 65_535) {
        assert.equal(openFrame(to, first.subarray(0, at)), undefined);
      } else {
        // Between two parts: its beginning is read, and nothing after it.
        assert.equal(openFrame(to, first.subarray(0, at))?.length, 65_519);
        assert.equal(openFrame(to, second), undefined);
      }
    }),
  );
});

Deno.test("both ends take the next key after 65,536 messages, and the old one reads nothing more", () => {
  const [from, to] = twoEnds();
  const old = new NoiseCipher(new Uint8Array(32).fill(7));
  const frame = new Uint8Array([1, 2, 3]);
  let last = frame;
  for (let count = 0; count < REKEY_MESSAGES; count++) last = sealFrame(from, frame);
  for (const cipher of [to, old]) {
    for (let count = 1; count < REKEY_MESSAGES; count++) cipher.encrypt(new Uint8Array(0));
  }
  assert.deepEqual(openFrame(to, last), frame);
  assert.deepEqual(old.decrypt(last), frame);
  const next = sealFrame(from, frame);
  assert.equal(old.decrypt(next), undefined);
  assert.deepEqual(openFrame(to, next), frame);
});
