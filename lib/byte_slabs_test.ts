import assert from "node:assert/strict";
import { pieceOf } from "./byte_slabs.ts";

Deno.test("pieceOf() gives pieces that overlap nowhere, whatever their sizes", () => {
  const sizes = Array.from({ length: 5_000 }, (_, index) => index * 7 % 1_500);
  const pieces = sizes.map((size, index) => pieceOf(size).fill(index % 251));
  for (const [index, piece] of pieces.entries()) {
    assert.equal(piece.length, sizes[index]);
    assert(piece.every((byte) => byte === index % 251), String(index));
  }
});

Deno.test("pieceOf() keeps no more alive than eight kibibytes for one small piece", () => {
  for (let size = 0; size <= 4_000; size += 50) {
    assert(pieceOf(size).buffer.byteLength <= Math.max(8_192, size), String(size));
  }
});
