/**
 * The mining kernels against what npm has, on the same search; and what a template costs to build.
 *
 * Every function of the first group hashes the same number of 116-byte headers that differ in their
 * nonce, in the way its library does that fastest. `batchHash4UintArray64s` takes messages of 64 bytes only,
 * which are as many compressions as a header: it stands for the best that library could do.
 *
 * Run: `deno task bench`
 *
 * @module
 */
import { hash } from "node:crypto";
import { batchHash4UintArray64s, digest } from "@chainsafe/as-sha256";
import { sha256 } from "@noble/hashes/sha2.js";
import { createSHA256 } from "hash-wasm";
import { openKernel, targetBytes } from "../lib/miner/kernel.ts";
import { loadKernel } from "../lib/miner/load_kernel.ts";
import { merkleRoot } from "../lib/primitives/merkle.ts";
import { encodeHeader, readHeader } from "../lib/primitives/header.ts";
import { ByteReader } from "../lib/bytes.ts";

const HASHES = 32_768;
const WARM_UP_HASHES = 1 << 22;

const header = Uint8Array.from({ length: 116 }, (_, i) => i * 7 & 0xff);
const nonceView = new DataView(header.buffer, 112);

for (const name of ["simd8", "simd4", "scalar"] as const) {
  const kernel = openKernel((await loadKernel(name)).module);
  kernel.load(header, targetBytes(0n));
  kernel.search(0, WARM_UP_HASHES);

  Deno.bench(`kernel ${name}`, { group: "32,768 headers", baseline: name === "simd8" }, () => {
    kernel.search(0, HASHES);
  });
}

Deno.bench("node:crypto", { group: "32,768 headers" }, () => {
  forEachNonce(() => hash("sha256", header, "buffer"));
});

Deno.bench("@noble/hashes", { group: "32,768 headers" }, () => {
  forEachNonce(() => sha256(header));
});

const hasher = await createSHA256();
Deno.bench("hash-wasm", { group: "32,768 headers" }, () => {
  forEachNonce(() => hasher.init().update(header).digest("binary"));
});

Deno.bench("@chainsafe/as-sha256", { group: "32,768 headers" }, () => {
  forEachNonce(() => digest(header));
});

const messages = [0, 1, 2, 3].map((i) => header.slice(i, i + 64));
Deno.bench("@chainsafe/as-sha256, four at a time", { group: "32,768 headers" }, () => {
  for (let i = 0; i < HASHES; i += 4) {
    messages[0]![0] = i;
    batchHash4UintArray64s(messages);
  }
});

function forEachNonce(hashOnce: () => unknown): void {
  for (let nonce = 0; nonce < HASHES; nonce++) {
    nonceView.setUint32(0, nonce);
    hashOnce();
  }
}

const fields = readHeader(new ByteReader(header));
Deno.bench("encode a header", { group: "template" }, () => {
  encodeHeader(fields);
});

for (const leafCount of [1, 10, 100, 1_000]) {
  const leaves = Array.from(
    { length: leafCount },
    (_, i) => Uint8Array.from({ length: 32 }, () => i),
  );
  Deno.bench(`Merkle root of ${leafCount}`, { group: "template" }, () => {
    merkleRoot(leaves);
  });
}
