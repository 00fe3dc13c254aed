import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bytesOfHex, concatBytes, formatHex } from "../bytes.ts";
import { keyPairOfSeed, type PublicKey } from "../crypto/keys.ts";
import { openFrame, sealFrame } from "../crypto/noise_frame.ts";
import { NoiseHandshake, XX_PSK0 } from "../crypto/noise_handshake.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { x25519KeyPairOf, x25519KeyPairOfNode } from "../crypto/x25519.ts";
import {
  decodeOpening,
  decodeRecord,
  encodeKey,
  encodeOpening,
  encodePrologue,
  encodeRecord,
  isStaticKeyOf,
  isTaggedWith,
  linkIdentityOf,
  type Opening,
  openingKeyOf,
} from "./handshake.ts";
import { signRecord } from "./ring.ts";
import vector from "./testdata/handshake_vector.json" with { type: "json" };

const alice = numberedKeyPair(1);
const bob = numberedKeyPair(2);
const aliceStatic = x25519KeyPairOfNode(alice);
const bobStatic = x25519KeyPairOfNode(bob);

function openingOf(change: Partial<Opening> = {}): Uint8Array {
  const prologue = encodePrologue({
    protocolVersion: 2,
    sender: alice.publicKey,
    recipient: bob.publicKey,
    number: 1_700_000_000_000,
    ...change,
  });
  const key = openingKeyOf(aliceStatic, bob.publicKey);
  return encodeOpening(prologue, new Uint8Array(48).fill(9), key);
}

Deno.test("decodeOpening() gives back what was written, and its tag is both nodes'", () => {
  const opening = decodeOpening(openingOf()) as Opening;
  assert.deepEqual(
    [opening.protocolVersion, opening.sender, opening.recipient, opening.number],
    [2, alice.publicKey, bob.publicKey, 1_700_000_000_000],
  );
  assert.deepEqual(opening.noiseMessage, new Uint8Array(48).fill(9));
  const key = openingKeyOf(bobStatic, alice.publicKey);
  assert(key !== undefined && isTaggedWith(opening, key));
  const carols = openingKeyOf(x25519KeyPairOfNode(numberedKeyPair(3)), alice.publicKey);
  assert(carols !== undefined && !isTaggedWith(opening, carols));
  assert.equal(openingKeyOf(bobStatic, "ff".repeat(32) as PublicKey), undefined);
  assert.equal(decodeOpening(openingOf({ recipient: undefined }))?.recipient, undefined);
});

Deno.test("an opening with any bit changed has no good tag, one of another size is none", () => {
  const bytes = openingOf();
  assert.equal(bytes.length, 140);
  const key = openingKeyOf(bobStatic, alice.publicKey);
  assert(key !== undefined);
  fc.assert(fc.property(fc.nat(8 * bytes.length - 1), (bit) => {
    const changed = bytes.slice();
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    const opening = decodeOpening(changed);
    assert(opening === undefined || !isTaggedWith(opening, key));
    assert.equal(decodeOpening(bytes.subarray(0, bit >> 3)), undefined);
  }));
  assert.equal(decodeOpening(concatBytes([bytes, new Uint8Array(1)])), undefined);
});

Deno.test("decodeRecord() gives back a record, and refuses what is longer or shorter", () => {
  for (const url of ["http://127.0.0.1:5001", "", `http://${"a".repeat(249)}`]) {
    const record = signRecord({ url, sequence: 7 }, alice);
    const bytes = encodeRecord(record);
    assert.deepEqual(decodeRecord(bytes), record);
    assert.equal(decodeRecord(bytes.subarray(1)), undefined);
    assert.equal(decodeRecord(concatBytes([bytes, new Uint8Array(1)])), undefined);
  }
});

Deno.test("isStaticKeyOf() knows a node's own key in its other form", () => {
  assert(isStaticKeyOf(aliceStatic.publicKey, alice.publicKey));
  assert(!isStaticKeyOf(aliceStatic.publicKey, bob.publicKey));
  assert(!isStaticKeyOf(aliceStatic.publicKey, "ff".repeat(32) as PublicKey));
});

Deno.test("a whole handshake gives the pinned bytes", () => {
  const [a, b] = (["a", "b"] as const).map((end) => {
    const keyPair = keyPairOfSeed(bytesOfHex(vector[end].seed));
    const record = signRecord(vector[end].record, keyPair);
    const ephemeral = x25519KeyPairOf(bytesOfHex(vector[end].ephemeralSecret));
    return { ...linkIdentityOf(keyPair, record, vector.joinToken), ephemeral };
  }) as [End, End];
  type End = ReturnType<typeof linkIdentityOf> & { ephemeral: ReturnType<typeof x25519KeyPairOf> };
  assert.equal(formatHex(a.preSharedKey), vector.preSharedKey);
  assert.equal(formatHex(a.static.publicKey), vector.a.staticKey);
  assert.equal(formatHex(b.static.publicKey), vector.b.staticKey);

  const prologue = encodePrologue({
    protocolVersion: 2,
    sender: a.keyPair.publicKey,
    recipient: b.keyPair.publicKey,
    number: vector.number,
  });
  const [caller, host] = [a, b].map(({ static: own, ephemeral, preSharedKey }, index) =>
    new NoiseHandshake({
      pattern: XX_PSK0,
      isInitiator: index === 0,
      prologue,
      static: own,
      ephemeral,
      preSharedKeys: [preSharedKey],
    })
  ) as [NoiseHandshake, NoiseHandshake];
  const first = caller.writeMessage(new Uint8Array(0)) as Uint8Array;
  const key = openingKeyOf(a.static, b.keyPair.publicKey);
  assert.equal(formatHex(encodeOpening(prologue, first, key)), vector.opening);
  host.readMessage(first);
  const answer = host.writeMessage(encodeKey(b.keyPair.publicKey)) as Uint8Array;
  assert.equal(formatHex(answer), vector.answer);
  caller.readMessage(answer);
  const proof = caller.writeMessage(encodeRecord(a.record)) as Uint8Array;
  const request = concatBytes([answer.subarray(0, 32), proof]);
  assert.equal(`Noise ${request.toBase64()}`, vector.authorization);
  host.readMessage(proof);

  const [ofCaller, ofHost] = [caller.split(), host.split()];
  const getPool = bytesOfHex(vector.frames[0]?.content ?? "");
  const sealed = sealFrame(ofCaller.send, getPool);
  assert.equal(formatHex(sealed), vector.frames[0]?.sealed);
  assert.deepEqual(openFrame(ofHost.receive, sealed), getPool);
  const taken = sealFrame(ofHost.send, bytesOfHex(vector.frames[1]?.content ?? ""));
  assert.equal(formatHex(taken), vector.frames[1]?.sealed);
});
