import assert from "node:assert/strict";
import { numberedKeyPair } from "./numbered_key_pair.ts";
import { importPublicKey, keyPairOfSeed, parsePublicKey, type PublicKey } from "./keys.ts";
import { type Signature, verifySignature } from "./signature.ts";

Deno.test("keyPairOfSeed() wants 32 bytes", () => {
  assert.throws(() => keyPairOfSeed(new Uint8Array(31)), { name: "InvariantError" });
  assert.throws(() => keyPairOfSeed(new Uint8Array(33)), { name: "InvariantError" });
});

Deno.test("T14 importPublicKey() and parsePublicKey() survive hostile keys", () => {
  const hostile = ["00".repeat(32), "ff".repeat(32), "01" + "00".repeat(31), "7f".repeat(32)];
  for (const text of hostile) {
    importPublicKey(text as PublicKey);
    verifySignature(text as PublicKey, new Uint8Array(3), "00".repeat(64) as Signature);
  }
  for (
    const text of [
      "",
      "0",
      "zz".repeat(32),
      "AB".repeat(32),
      "00".repeat(31),
      "00".repeat(33),
      " " + "00".repeat(32),
      "00".repeat(32) + "\n",
      "-----BEGIN PUBLIC KEY-----",
    ]
  ) {
    assert.equal(parsePublicKey(text), undefined, JSON.stringify(text));
  }
  assert.equal(parsePublicKey(numberedKeyPair(0).publicKey), numberedKeyPair(0).publicKey);
});
