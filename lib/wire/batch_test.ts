import assert from "node:assert/strict";
import * as fc from "fast-check";
import { decodeAck, decodeBatch, encodeAck, encodeBatch } from "./batch.ts";

Deno.test("decodeBatch() undoes encodeBatch()", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(messages, (messages) => {
    const decoded = decodeBatch(encodeBatch(messages));
    assert.deepEqual(decoded?.map((bytes) => [...bytes]), messages.map((bytes) => [...bytes]));
  }));
});

Deno.test("decodeBatch() refuses an empty frame, a truncated one and one with too many messages", () => {
  assert.equal(decodeBatch(new Uint8Array(0)), undefined);
  const frame = encodeBatch([new Uint8Array([1, 2, 3]), new Uint8Array([4])]);
  for (let sizeBytes = 1; sizeBytes < frame.length; sizeBytes++) {
    const decoded = decodeBatch(frame.subarray(0, sizeBytes));
    assert.equal(decoded?.length, sizeBytes === 7 ? 1 : undefined);
  }
  const many = (count: number) =>
    encodeBatch(Array.from({ length: count }, () => new Uint8Array(0)));
  assert.equal(decodeBatch(many(1024))?.length, 1024);
  assert.equal(decodeBatch(many(1025)), undefined);
});

Deno.test("decodeBatch() takes a frame with one message of 8 MiB, and nothing beside it", () => {
  const largest = new Uint8Array(8 * 1024 * 1024);
  assert.equal(decodeBatch(encodeBatch([largest]))?.length, 1);
  // Told apart here: an assertion that fails would write 8 MiB down number by number, in gigabytes.
  const isTaken = (messages: readonly Uint8Array[]) =>
    decodeBatch(encodeBatch(messages)) !== undefined;
  assert.equal(isTaken([largest, new Uint8Array(0)]), false);
  assert.equal(isTaken([new Uint8Array(largest.length + 1)]), false);
});

Deno.test("decodeAck() undoes encodeAck() and takes nothing else", () => {
  assert.deepEqual([...encodeAck(258)], [0, 0, 1, 2]);
  assert.equal(decodeAck(encodeAck(258)), 258);
  assert.equal(decodeAck(new Uint8Array(3)), undefined);
  assert.equal(decodeAck(new Uint8Array(5)), undefined);
});
