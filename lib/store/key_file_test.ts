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
