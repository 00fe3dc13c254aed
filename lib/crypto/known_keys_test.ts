import assert from "node:assert/strict";
import { formatHex } from "../bytes.ts";
import { PUBLIC_KEY_SIZE_BYTES } from "./keys.ts";
import { KNOWN_KEYS_MAX, publicKeyOfBytes } from "./known_keys.ts";

Deno.test("KNOWN_KEYS_MAX: a key whose place another has taken is read as before", () => {
  const keys = Array.from({ length: KNOWN_KEYS_MAX + 100 }, (_, number) => {
    const key = new Uint8Array(PUBLIC_KEY_SIZE_BYTES).fill(7);
    new DataView(key.buffer).setUint16(0, number);
    return key;
  });
  for (let round = 0; round < 3; round++) {
    for (const key of keys) assert.equal(publicKeyOfBytes(key), formatHex(key));
  }
});

Deno.test("keys that differ in any one byte are told apart", () => {
  const key = crypto.getRandomValues(new Uint8Array(PUBLIC_KEY_SIZE_BYTES));
  for (let index = 0; index < key.length; index++) {
    const other = Uint8Array.from(key);
    other[index] = (other[index] as number) ^ 1;
    assert.equal(publicKeyOfBytes(key), formatHex(key));
    assert.equal(publicKeyOfBytes(other), formatHex(other));
  }
});

Deno.test("what is known of a key is not the caller's array", () => {
  const bytes = new Uint8Array(PUBLIC_KEY_SIZE_BYTES).fill(1);
  publicKeyOfBytes(bytes);
  bytes.fill(0, 2);
  assert.equal(publicKeyOfBytes(bytes), formatHex(bytes));
});
