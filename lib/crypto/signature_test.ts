import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bytesOfHex, formatHex, utf8Bytes } from "../bytes.ts";
import { arbitraryHex } from "../testing/arbitraries.ts";
import { numberedKeyPair } from "./numbered_key_pair.ts";
import { keyPairOfSeed, type PublicKey } from "./keys.ts";
import { type Signature, signMessage, verifySignature } from "./signature.ts";
import ed25519Vectors from "./testdata/ed25519_vectors.json" with { type: "json" };

/** The order of Ed25519's base point. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

Deno.test("keyPairOfSeed(), signMessage() and verifySignature() follow RFC 8032", () => {
  assert.equal(ed25519Vectors.vectors.length, 4);
  for (const { secretKey, publicKey, message, signature } of ed25519Vectors.vectors) {
    const keyPair = keyPairOfSeed(bytesOfHex(secretKey));
    assert.equal(keyPair.publicKey, publicKey);
    assert.equal(signMessage(keyPair, bytesOfHex(message)), signature);
    assert.equal(
      verifySignature(keyPair.publicKey, bytesOfHex(message), signature as Signature),
      true,
    );
  }
});

Deno.test("T01 verifySignature() refuses another message, key or signature", () => {
  const [alice, bob] = [numberedKeyPair(1), numberedKeyPair(2)];
  const message = utf8Bytes("pay 5 to bob");
  const signature = signMessage(alice, message);

  assert.equal(verifySignature(alice.publicKey, message, signature), true);
  assert.equal(verifySignature(alice.publicKey, utf8Bytes("pay 6 to bob"), signature), false);
  assert.equal(verifySignature(bob.publicKey, message, signature), false);
  assert.equal(verifySignature(alice.publicKey, message, signMessage(bob, message)), false);
});

Deno.test("T01 verifySignature() refuses a signature with any one bit flipped", () => {
  const message = utf8Bytes("pay 5 to bob");
  const signature = bytesOfHex(signMessage(numberedKeyPair(1), message));
  for (let bit = 0; bit < 512; bit++) {
    const flipped = signature.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    const accepted = verifySignature(
      numberedKeyPair(1).publicKey,
      message,
      formatHex(flipped) as Signature,
    );
    assert.equal(accepted, false, `bit ${bit}`);
  }
});

Deno.test("T13 verifySignature() refuses a signature whose scalar is not reduced", () => {
  const message = utf8Bytes("pay 5 to bob");
  const signature = bytesOfHex(signMessage(numberedKeyPair(1), message));
  let scalar = 0n;
  for (let index = 63; index >= 32; index--) scalar = scalar * 256n + BigInt(signature[index]!);

  // The same equation holds for s + L: whoever takes it has two signatures for one message.
  const second = signature.slice();
  let rest = scalar + GROUP_ORDER;
  for (let index = 32; index < 64; index++) {
    second[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  assert.equal(rest, 0n);
  assert.equal(
    verifySignature(numberedKeyPair(1).publicKey, message, formatHex(second) as Signature),
    false,
  );
});

Deno.test("T02 T14 verifySignature() says no to any bytes and never throws", () => {
  fc.assert(fc.property(
    arbitraryHex(32),
    fc.uint8Array({ maxLength: 64 }),
    fc.oneof(arbitraryHex(64), arbitraryHex(63), arbitraryHex(0), arbitraryHex(65)),
    (publicKey, message, signature) => {
      assert.equal(
        verifySignature(publicKey as PublicKey, message, signature as Signature),
        false,
      );
    },
  ));
});

Deno.test("verifySignature() answers the same after its cache of keys was emptied", () => {
  const message = utf8Bytes("x");
  const signature = signMessage(numberedKeyPair(1), message);
  for (let number = 0; number < 5000; number++) {
    const key = number.toString(16).padStart(64, "0") as PublicKey;
    verifySignature(key, message, signature);
  }
  assert.equal(verifySignature(numberedKeyPair(1).publicKey, message, signature), true);
});
