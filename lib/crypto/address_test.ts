import assert from "node:assert/strict";
import { bech32m } from "@scure/base";
import * as fc from "fast-check";
import { arbitraryHex } from "../testing/arbitraries.ts";
import { numberedKeyPair } from "./numbered_key_pair.ts";
import { formatAddress, parseAddress } from "./address.ts";
import type { PublicKey } from "./keys.ts";
import bech32mVectors from "./testdata/bech32m_vectors.json" with { type: "json" };

Deno.test("bech32m is BIP 350's, and parseAddress() takes no other prefix", () => {
  for (const text of bech32mVectors.valid) {
    assert.notEqual(bech32m.decodeUnsafe(text), undefined, text);
    assert.equal(parseAddress(text), undefined, text);
  }
  for (const { text, reason } of bech32mVectors.invalid) {
    assert.equal(bech32m.decodeUnsafe(text), undefined, reason);
    assert.equal(parseAddress(text), undefined, reason);
  }
});

Deno.test("formatAddress() and parseAddress() are opposites, 62 characters", () => {
  fc.assert(fc.property(arbitraryHex(32), (key) => {
    const address = formatAddress(key as PublicKey);
    assert.match(address, /^nbc1[02-9ac-hj-np-z]{58}$/);
    assert.equal(parseAddress(address), key);
  }));
});

Deno.test("parseAddress() catches every mistyped letter", () => {
  const address = formatAddress(numberedKeyPair(1).publicKey);
  const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  for (let index = 4; index < address.length; index++) {
    for (const letter of letters) {
      if (letter === address[index]) continue;
      const mistyped = address.slice(0, index) + letter + address.slice(index + 1);
      assert.equal(parseAddress(mistyped), undefined, mistyped);
    }
  }
});

Deno.test("parseAddress() refuses upper case, other sizes and the older bech32", () => {
  const address = formatAddress(numberedKeyPair(1).publicKey);
  assert.equal(parseAddress(address.toUpperCase()), undefined);
  assert.equal(parseAddress(address[0]!.toUpperCase() + address.slice(1)), undefined);
  assert.equal(parseAddress(` ${address}`), undefined);
  assert.equal(parseAddress(""), undefined);
  assert.equal(parseAddress("nbc1".repeat(10_000)), undefined);
  for (const sizeBytes of [0, 31, 33]) {
    const words = bech32m.toWords(new Uint8Array(sizeBytes));
    assert.equal(parseAddress(bech32m.encode("nbc", words)), undefined, `${sizeBytes} bytes`);
  }
});
