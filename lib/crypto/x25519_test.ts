import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import * as fc from "fast-check";
import { bytesOfHex, formatHex } from "../bytes.ts";
import { hmacSha256 } from "./hmac.ts";
import { keyPairOfSeed, type PublicKey } from "./keys.ts";
import { agree, x25519KeyOfNode, x25519KeyPairOf, x25519KeyPairOfNode } from "./x25519.ts";

Deno.test("agree() gives the shared secret of RFC 7748, section 6.1", () => {
  const bob = x25519KeyPairOf(
    bytesOfHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
  );
  assert.equal(
    formatHex(bob.publicKey),
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
  );
  const alice = bytesOfHex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  assert.equal(
    formatHex(agree(bob, alice) as Uint8Array),
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  );
});

Deno.test("agree() and the keys of nodes agree with a second implementation", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(fc.property(bytes32, bytes32, (a, b) => {
    const [alice, bob] = [x25519KeyPairOf(a), x25519KeyPairOf(b)];
    assert.deepEqual(alice.publicKey, x25519.getPublicKey(a));
    const shared = agree(alice, bob.publicKey);
    assert.deepEqual(shared, x25519.getSharedSecret(a, x25519.getPublicKey(b)));
    assert.deepEqual(shared, agree(bob, alice.publicKey));

    const node = keyPairOfSeed(a);
    const own = x25519KeyPairOfNode(node);
    assert.deepEqual(x25519KeyOfNode(node.publicKey), own.publicKey);
    assert.deepEqual(own.publicKey, ed25519.utils.toMontgomery(bytesOfHex(node.publicKey)));
    assert.deepEqual(own.publicKey, x25519.getPublicKey(ed25519.utils.toMontgomerySecret(a)));
  }));
});

Deno.test("agree() refuses keys of low order, x25519KeyOfNode() what is no key", () => {
  const alice = x25519KeyPairOf(new Uint8Array(32).fill(1));
  const one = new Uint8Array(32);
  one[0] = 1;
  for (const low of [new Uint8Array(32), one]) assert.equal(agree(alice, low), undefined);
  const none = ["01" + "00".repeat(31), "ff".repeat(32), "ed" + "ff".repeat(30) + "7f"];
  for (const hex of none) assert.equal(x25519KeyOfNode(hex as PublicKey), undefined, hex);
});

Deno.test("hmacSha256() gives what node:crypto gives, for keys and messages of any size", () => {
  const bytes = fc.uint8Array({ maxLength: 700 });
  fc.assert(fc.property(bytes, bytes, (key, message) => {
    const wanted = createHmac("sha256", key).update(message).digest("hex");
    assert.equal(formatHex(hmacSha256(key, message)), wanted);
  }));
});
