import assert from "node:assert/strict";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as fc from "fast-check";
import { bytesOfHex, concatBytes, formatHex, utf8Bytes } from "../bytes.ts";
import type { NoiseCipher } from "./noise_cipher.ts";
import {
  type NoiseCiphers,
  NoiseHandshake,
  type NoisePattern,
  XX_PSK0,
} from "./noise_handshake.ts";
import vectorFile from "./testdata/noise_vectors.json" with { type: "json" };
import { x25519KeyPairOf } from "./x25519.ts";

interface Vector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly resp_prologue: string;
  readonly init_psks?: readonly string[];
  readonly resp_psks?: readonly string[];
  readonly init_static?: string;
  readonly resp_static?: string;
  readonly init_ephemeral: string;
  readonly resp_ephemeral?: string;
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

/** Patterns as section 7.5 of the specification has them. */
const BASES: Readonly<Record<string, NoisePattern["messages"]>> = {
  NN: [["e"], ["e", "ee"]],
  NX: [["e"], ["e", "ee", "s", "es"]],
  XX: [["e"], ["e", "ee", "s", "es"], ["s", "se"]],
  IX: [["e", "s"], ["e", "ee", "se", "s", "es"]],
};

/** `pskN`: in front of the first message for 0, behind the N-th otherwise (section 9.3). */
function patternOf(name: string): NoisePattern {
  const [, base = "", modifiers = ""] = /^([A-Z]+)(.*)$/.exec(name) ?? [];
  const messages = (BASES[base] ?? []).map((tokens) => [...tokens]);
  for (const [, place] of modifiers.matchAll(/psk(\d)/g)) {
    if (place === "0") messages[0]?.unshift("psk");
    else messages[Number(place) - 1]?.push("psk");
  }
  return { name, messages };
}

function endOf(vector: Vector, pattern: NoisePattern, end: "init" | "resp"): NoiseHandshake {
  const secret = vector[`${end}_static`];
  const ephemeral = vector[`${end}_ephemeral`];
  return new NoiseHandshake({
    pattern,
    isInitiator: end === "init",
    prologue: bytesOfHex(vector[`${end}_prologue`]),
    ephemeral: x25519KeyPairOf(bytesOfHex(ephemeral ?? "00".repeat(32))),
    ...(secret !== undefined && { static: x25519KeyPairOf(bytesOfHex(secret)) }),
    preSharedKeys: (vector[`${end}_psks`] ?? []).map((key) => bytesOfHex(key)),
  });
}

Deno.test("NoiseHandshake writes and reads the bytes of the published vectors", () => {
  const vectors: readonly Vector[] = vectorFile.vectors;
  assert.equal(vectors.length, 12);
  assert(vectors.some(({ protocol_name }) => protocol_name.includes("XXpsk0+psk3")));
  for (const vector of vectors) {
    const name = vector.protocol_name.split("_")[1] as string;
    const pattern = patternOf(name);
    const [initiator, responder] = [endOf(vector, pattern, "init"), endOf(vector, pattern, "resp")];
    let ciphers: readonly [NoiseCiphers, NoiseCiphers] | undefined;
    for (const [index, { payload, ciphertext }] of vector.messages.entries()) {
      const isInitiators = index % 2 === 0;
      const text = `${vector.protocol_name}, message ${index}`;
      if (index < pattern.messages.length) {
        const [from, to] = isInitiators ? [initiator, responder] : [responder, initiator];
        const message = from.writeMessage(bytesOfHex(payload)) as Uint8Array;
        assert.equal(formatHex(message), ciphertext, text);
        assert.equal(formatHex(to.readMessage(message) as Uint8Array), payload, text);
        continue;
      }
      ciphers ??= [initiator.split(), responder.split()];
      const [from, to] = isInitiators ? ciphers : [ciphers[1], ciphers[0]];
      const message = from.send.encrypt(bytesOfHex(payload));
      assert.equal(formatHex(message), ciphertext, text);
      assert.equal(formatHex(to.receive.decrypt(message) as Uint8Array), payload, text);
    }
    assert.deepEqual(initiator.hash, responder.hash);
    if (vector.handshake_hash !== undefined) {
      assert.equal(formatHex(initiator.hash), vector.handshake_hash, vector.protocol_name);
    }
  }
});

Deno.test("NoiseHandshake agrees with a second implementation of XXpsk0, as either end", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const payload = fc.uint8Array({ maxLength: 200 });
  const keys = fc.record({ s: bytes32, e: bytes32 });
  fc.assert(
    fc.property(
      fc.record({ a: keys, b: keys, psk: bytes32, prologue: payload, isInitiator: fc.boolean() }),
      fc.array(payload, { minLength: 8, maxLength: 8 }),
      ({ a, b, psk, prologue, isInitiator }, payloads) => {
        const ours = new NoiseHandshake({
          pattern: XX_PSK0,
          isInitiator,
          prologue,
          static: x25519KeyPairOf(a.s),
          ephemeral: x25519KeyPairOf(a.e),
          preSharedKeys: [psk],
        });
        const theirs = new OtherXxPsk0({ isInitiator: !isInitiator, prologue, ...b, psk });
        for (const [index, text] of payloads.slice(0, 3).entries()) {
          const isOurs = (index % 2 === 0) === isInitiator;
          const got = isOurs
            ? theirs.read(ours.writeMessage(text) as Uint8Array)
            : ours.readMessage(theirs.write(text));
          assert.deepEqual(got, text);
        }
        assert.deepEqual(ours.remoteStatic, x25519.getPublicKey(b.s));
        assert.deepEqual(ours.hash, theirs.hash);

        const { send, receive } = ours.split();
        const other = theirs.split();
        for (const [index, text] of payloads.slice(3).entries()) {
          assert.deepEqual(other.receive.decrypt(send.encrypt(text)), text);
          assert.deepEqual(receive.decrypt(other.send.encrypt(text)), text);
          if (index !== 2) continue;
          for (const cipher of [send, receive, other.send, other.receive]) cipher.rekey();
        }
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("NoiseHandshake refuses every changed bit, every truncation and another shared key", () => {
  const options = (isInitiator: boolean, psk: number) => ({
    pattern: XX_PSK0,
    isInitiator,
    prologue: utf8Bytes("p"),
    static: x25519KeyPairOf(new Uint8Array(32).fill(isInitiator ? 1 : 2)),
    ephemeral: x25519KeyPairOf(new Uint8Array(32).fill(isInitiator ? 3 : 4)),
    preSharedKeys: [new Uint8Array(32).fill(psk)],
  });
  fc.assert(fc.property(fc.nat(2), fc.nat(), fc.boolean(), (turn, at, isCut) => {
    const ends = [new NoiseHandshake(options(true, 5)), new NoiseHandshake(options(false, 5))];
    for (let index = 0; index <= turn; index++) {
      const [from, to] = [ends[index % 2], ends[(index + 1) % 2]] as [
        NoiseHandshake,
        NoiseHandshake,
      ];
      const message = from.writeMessage(utf8Bytes("hello")) as Uint8Array;
      if (index < turn) {
        assert(to.readMessage(message) !== undefined);
        continue;
      }
      const bit = at % (8 * message.length);
      const spoilt = isCut ? message.slice(0, bit >> 3) : message.slice();
      if (!isCut) spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
      // Of the first key the highest bit does not count for the agreement, but for the hash.
      assert.equal(to.readMessage(spoilt), undefined);
      assert.throws(() => to.readMessage(message), /The handshake goes on/);
    }
  }));

  const stranger = new NoiseHandshake(options(true, 6));
  const node = new NoiseHandshake(options(false, 5));
  const opening = stranger.writeMessage(new Uint8Array(0)) as Uint8Array;
  assert.equal(node.readMessage(opening), undefined);
  assert.equal(node.isComplete, false);
});

Deno.test("NoiseHandshake refuses a key of low order", () => {
  const node = new NoiseHandshake({
    pattern: { name: "NN", messages: [["e"], ["e", "ee"]] },
    isInitiator: true,
    prologue: new Uint8Array(0),
    ephemeral: x25519KeyPairOf(new Uint8Array(32).fill(3)),
  });
  node.writeMessage(new Uint8Array(0));
  assert.equal(node.readMessage(new Uint8Array(48)), undefined);

  const responder = new NoiseHandshake({
    pattern: { name: "NN", messages: [["e"], ["e", "ee"]] },
    isInitiator: false,
    prologue: new Uint8Array(0),
    ephemeral: x25519KeyPairOf(new Uint8Array(32).fill(3)),
  });
  assert.deepEqual(responder.readMessage(new Uint8Array(32)), new Uint8Array(0));
  assert.equal(responder.writeMessage(new Uint8Array(0)), undefined);
});

/** The pattern once more, written as the specification reads and with other primitives. */
class OtherXxPsk0 {
  hash: Uint8Array;
  #chainingKey: Uint8Array;
  #key = new Uint8Array(32);
  #nonce = 0;
  #remote: { s: Uint8Array; e: Uint8Array } = { s: new Uint8Array(), e: new Uint8Array() };
  #turn = 0;

  constructor(
    readonly own: {
      readonly isInitiator: boolean;
      readonly prologue: Uint8Array;
      readonly s: Uint8Array;
      readonly e: Uint8Array;
      readonly psk: Uint8Array;
    },
  ) {
    this.hash = sha256(utf8Bytes("Noise_XXpsk0_25519_ChaChaPoly_SHA256"));
    this.#chainingKey = this.hash;
    this.#mixHash(own.prologue);
  }

  write(payload: Uint8Array): Uint8Array {
    const { s, e, isInitiator } = this.own;
    const turn = this.#turn++;
    const parts: Uint8Array[] = [];
    if (turn === 0) this.#mixPsk();
    if (turn < 2) {
      parts.push(x25519.getPublicKey(e));
      this.#mixHash(parts[0] as Uint8Array);
      this.#mixKey(parts[0] as Uint8Array);
    }
    if (turn === 1) this.#mixKey(x25519.getSharedSecret(e, this.#remote.e));
    if (turn > 0) parts.push(this.#encrypt(x25519.getPublicKey(s)));
    if (turn > 0) this.#mixKey(x25519.getSharedSecret(s, this.#remote.e));
    assert.equal(isInitiator, turn !== 1);
    parts.push(this.#encrypt(payload));
    return concatBytes(parts);
  }

  read(message: Uint8Array): Uint8Array {
    const { e } = this.own;
    const turn = this.#turn++;
    let offset = 0;
    if (turn === 0) this.#mixPsk();
    if (turn < 2) {
      this.#remote.e = message.subarray(0, offset = 32);
      this.#mixHash(this.#remote.e);
      this.#mixKey(this.#remote.e);
    }
    if (turn === 1) this.#mixKey(x25519.getSharedSecret(e, this.#remote.e));
    if (turn > 0) {
      this.#remote.s = this.#decrypt(message.subarray(offset, offset += 48));
      this.#mixKey(x25519.getSharedSecret(e, this.#remote.s));
    }
    return this.#decrypt(message.subarray(offset));
  }

  split() {
    const [first, second] = this.#hkdf(new Uint8Array(0), 2).map((key) => new OtherCipher(key)) as [
      OtherCipher,
      OtherCipher,
    ];
    return this.own.isInitiator
      ? { send: first, receive: second }
      : { send: second, receive: first };
  }

  #hkdf(input: Uint8Array, count: number): Uint8Array[] {
    const all = expand(sha256, extract(sha256, input, this.#chainingKey), undefined, 32 * count);
    return Array.from({ length: count }, (_, index) => all.slice(32 * index, 32 * index + 32));
  }

  #mixPsk(): void {
    const [chainingKey, hashed, key] = this.#hkdf(this.own.psk, 3) as [
      Uint8Array,
      Uint8Array,
      Uint8Array<ArrayBuffer>,
    ];
    this.#chainingKey = chainingKey;
    this.#mixHash(hashed);
    [this.#key, this.#nonce] = [key, 0];
  }

  #mixKey(input: Uint8Array): void {
    const [chainingKey, key] = this.#hkdf(input, 2) as [Uint8Array, Uint8Array<ArrayBuffer>];
    this.#chainingKey = chainingKey;
    [this.#key, this.#nonce] = [key, 0];
  }

  #mixHash(data: Uint8Array): void {
    this.hash = sha256(concatBytes([this.hash, data]));
  }

  #encrypt(plaintext: Uint8Array): Uint8Array {
    const nonce = otherNonce(BigInt(this.#nonce++));
    const sealed = chacha20poly1305(this.#key, nonce, this.hash).encrypt(plaintext);
    this.#mixHash(sealed);
    return sealed;
  }

  #decrypt(sealed: Uint8Array): Uint8Array {
    const nonce = otherNonce(BigInt(this.#nonce++));
    const opened = chacha20poly1305(this.#key, nonce, this.hash).decrypt(sealed);
    this.#mixHash(sealed);
    return opened;
  }
}

class OtherCipher implements Pick<NoiseCipher, "encrypt" | "rekey"> {
  #counter = 0n;

  constructor(private key: Uint8Array) {}

  encrypt(plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    return chacha20poly1305(this.key, otherNonce(this.#counter++)).encrypt(plaintext).slice();
  }

  decrypt(sealed: Uint8Array): Uint8Array {
    return chacha20poly1305(this.key, otherNonce(this.#counter++)).decrypt(sealed);
  }

  rekey(): void {
    const nonce = otherNonce(0xffff_ffff_ffff_ffffn);
    this.key = chacha20poly1305(this.key, nonce).encrypt(new Uint8Array(32)).slice(0, 32);
  }
}

function otherNonce(counter: bigint): Uint8Array {
  const nonce = new Uint8Array(12);
  for (let index = 4; index < 12; index++) {
    nonce[index] = Number((counter >> (8n * BigInt(index - 4))) & 0xffn);
  }
  return nonce;
}
