import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bytesOfHex, concatBytes, formatHex } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { merkleRoot, MerkleTree } from "./merkle.ts";
import vectors from "./testdata/merkle_vectors.json" with { type: "json" };

const leafHashOf = (leaf: string) => sha256(concatBytes([new Uint8Array([0]), bytesOfHex(leaf)]));
const distinctHashes = (minLength: number, maxLength: number) =>
  fc.integer({ min: minLength, max: maxLength })
    .map((count) =>
      Array.from({ length: count }, (_, index) => sha256(new Uint8Array([index >> 8, index])))
    );

Deno.test("merkleRoot() gives the roots of RFC 6962's trees", () => {
  assert.equal(vectors.roots.length, 8);
  for (const [index, root] of vectors.roots.entries()) {
    assert.equal(merkleRoot(vectors.leaves.slice(0, index + 1).map(leafHashOf)), root);
  }
  assert.equal(
    merkleRoot([]),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

Deno.test("merkleRoot() is RFC 6962's recursive definition for any number of leaves", () => {
  const recursive = (leaves: readonly Uint8Array[]): Uint8Array => {
    if (leaves.length === 1) return leaves[0] as Uint8Array;
    let split = 1;
    while (2 * split < leaves.length) split *= 2;
    const [left, right] = [recursive(leaves.slice(0, split)), recursive(leaves.slice(split))];
    return sha256(concatBytes([new Uint8Array([1]), left, right]));
  };
  fc.assert(fc.property(distinctHashes(1, 130), (leaves) => {
    assert.equal(merkleRoot(leaves), formatHex(recursive(leaves)));
  }));
});

Deno.test("merkleRoot() changes when the last leaves are repeated (CVE-2012-2459)", () => {
  fc.assert(fc.property(distinctHashes(1, 40), fc.nat(), (leaves, seed) => {
    const repeated = leaves.slice(seed % leaves.length);
    assert.notEqual(merkleRoot([...leaves, ...repeated]), merkleRoot(leaves));
  }));
});

Deno.test("merkleRoot() changes when two leaves change places", () => {
  fc.assert(fc.property(distinctHashes(2, 40), fc.nat(), fc.nat(), (leaves, a, b) => {
    const [i, j] = [a % leaves.length, b % leaves.length];
    fc.pre(i !== j);
    const swapped = leaves.with(i, leaves[j] as typeof leaves[0]).with(j, leaves[i] as never);
    assert.notEqual(merkleRoot(swapped), merkleRoot(leaves));
  }));
});

Deno.test("merkleRoot() leaves its leaves alone", () => {
  const leaves = vectors.leaves.map(leafHashOf);
  const before = leaves.map(formatHex);
  merkleRoot(leaves);
  assert.deepEqual(leaves.map(formatHex), before);
});

Deno.test("MerkleTree has the root of every list on its way, and goes on from there", () => {
  const leaves = Array.from(
    { length: 300 },
    (_, leaf) => sha256(new Uint8Array([leaf >> 8, leaf])),
  );
  const tree = new MerkleTree();
  assert.equal(tree.root(), merkleRoot([]));
  for (const [index, leaf] of leaves.entries()) {
    tree.append(leaf);
    assert.equal(tree.size, index + 1);
    assert.equal(tree.root(), merkleRoot(leaves.slice(0, index + 1)));
  }
});
