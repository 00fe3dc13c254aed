import assert from "node:assert/strict";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import {
  KEY_TEXT_SIZE_MAX,
  openSealedKey,
  parseKeyFile,
  plainKeyText,
  sealedKeyText,
} from "./key_file.ts";

const { publicKey } = numberedKeyPair(1);

/** A sealed key's text that asks for so much work; nobody opens it. */
function sealedText(work: { n?: unknown; r?: unknown; p?: unknown }): string {
  return JSON.stringify({
    kind: "noobcash-key",
    version: 1,
    publicKey,
    n: 65_536,
    r: 8,
    p: 2,
    salt: "00".repeat(32),
    nonce: "00".repeat(12),
    sealed: "00".repeat(48),
    ...work,
  });
}

Deno.test("X03 a key file may ask for 256 MiB and 16 rounds of scrypt, and no more", () => {
  const taken = [{}, { n: 2 ** 18 }, { p: 16 }, { n: 2 ** 17, r: 16 }];
  for (const work of taken) {
    assert.equal(parseKeyFile(sealedText(work))?.kind, "sealed", JSON.stringify(work));
  }
  const refused = [
    { n: 2 ** 19 },
    { n: 2 ** 18, r: 9 },
    { r: 33 },
    { p: 17 },
    { n: 65_535 },
    { n: 1 },
    { n: 2.5 },
    { p: 0 },
    { r: "8" },
  ];
  for (const work of refused) {
    assert.equal(parseKeyFile(sealedText(work)), undefined, JSON.stringify(work));
  }
});

Deno.test("X03 a key file has 4,096 characters at most", () => {
  assert.equal(KEY_TEXT_SIZE_MAX, 4_096);
  const text = plainKeyText(new Uint8Array(32).fill(7));
  assert.equal(parseKeyFile(text.padEnd(4_096))?.kind, "plain");
  assert.equal(parseKeyFile(text.padEnd(4_097)), undefined);
});

/**
 * The seed of 32 sevens under the passphrase below, with 0, 1, 2… for salt and nonce. Python's `hashlib.scrypt` and
 * `cryptography`'s AESGCM open it: scrypt of the passphrase's NFKC form, the public key's text as additional data.
 */
const PINNED = {
  passphrase: "ouvre-toi, s\u00e9same",
  text: '{"kind":"noobcash-key","version":1,' +
    '"publicKey":"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",' +
    '"n":65536,"r":8,"p":2,' +
    '"salt":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",' +
    '"nonce":"202122232425262728292a2b",' +
    '"sealed":"ac8b82c2d393daf9a38a5c663af6f6a7b45a264102e5467da29ac574d2e29f88' +
    '4bfccc9af32b838232457188d7d23c41"}\n',
};

Deno.test("a sealed key is these very bytes, and a file of that form opens, however its passphrase is composed", () => {
  const seed = new Uint8Array(32).fill(7);
  let next = 0;
  const counted = (size: number) => Uint8Array.from({ length: size }, () => next++);
  assert.equal(sealedKeyText(seed, bytesOf(PINNED.passphrase), counted), PINNED.text);
  const file = parseKeyFile(PINNED.text);
  assert(file?.kind === "sealed");
  for (const form of ["NFC", "NFD"]) {
    const opened = openSealedKey(file, bytesOf(PINNED.passphrase.normalize(form)));
    assert.deepEqual(opened.ok && opened.value, seed);
  }
  // The public key that stands in clear is authenticated.
  const foreign = { ...file, publicKey: numberedKeyPair(2).publicKey };
  assert.equal(openSealedKey(foreign, bytesOf(PINNED.passphrase)).ok, false);
});

Deno.test("a wrong passphrase takes as long as a right one, and is wiped like it", () => {
  const seed = new Uint8Array(32).fill(7);
  const file = parseKeyFile(
    sealedKeyText(seed, bytesOf("open sesame"), (size) => new Uint8Array(size)),
  );
  assert(file?.kind === "sealed");
  const opened = (passphrase: string) => {
    const bytes = bytesOf(passphrase);
    const startMs = performance.now();
    const { ok } = openSealedKey(file, bytes);
    assert(bytes.every((byte) => byte === 0));
    return { ok, ms: performance.now() - startMs };
  };
  // The quickest of some, for the machine does other things, too.
  const quickest = { right: Infinity, wrong: Infinity, empty: Infinity };
  for (let round = 0; round < 3; round++) {
    for (
      const [name, passphrase] of [["right", "open sesame"], ["wrong", "open barley"], [
        "empty",
        "",
      ]] as const
    ) {
      const { ok, ms } = opened(passphrase);
      assert.equal(ok, name === "right");
      quickest[name] = Math.min(quickest[name], ms);
    }
  }
  assert(quickest.wrong > 0.5 * quickest.right, JSON.stringify(quickest));
  assert(quickest.empty > 0.5 * quickest.right, JSON.stringify(quickest));
});

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
