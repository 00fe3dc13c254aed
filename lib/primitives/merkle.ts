/**
 * Merkle trees as in RFC 6962, section 2.1, over hashes of leaves.
 *
 * A leaf's hash is SHA-256(0x00 ‖ leaf), a node's SHA-256(0x01 ‖ left ‖ right); the left side takes the
 * largest power of two that leaves something for the right. No leaf is ever doubled, so two lists of
 * transactions never have one root (the hole of CVE-2012-2459).
 *
 * {@link merkleRoot} hashes a list, {@link MerkleTree} a list that grows.
 *
 * @module
 */
import { formatHex } from "../bytes.ts";
import { HASH_SIZE_BYTES, sha256, sha256Into } from "../crypto/hash.ts";
import { invariant } from "../result.ts";

/** What an inner node's hash begins with. */
const NODE_TAG = 1;

/** The root over no leaves: SHA-256 of nothing. */
export const EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * The root over hashes of leaves, as 64 lowercase hex characters.
 *
 * Works level by level with an unpaired node moved up as it is, which gives RFC 6962's tree.
 *
 * @example
 * ```ts
 * import { sha256 } from "../crypto/hash.ts";
 * import { formatHex } from "../bytes.ts";
 * import { merkleRoot } from "./merkle.ts";
 * import assert from "node:assert/strict";
 *
 * const leaf = sha256(new Uint8Array([0, 7]));
 * assert.equal(merkleRoot([leaf]), formatHex(leaf));
 * assert.notEqual(merkleRoot([leaf, leaf]), merkleRoot([leaf]));
 * ```
 */
export function merkleRoot(leafHashes: readonly Uint8Array[]): string {
  if (leafHashes.length === 0) return EMPTY_ROOT;

  // One level after the other in one buffer: two children lie side by side, their parent replaces them.
  const level = new Uint8Array(HASH_SIZE_BYTES * leafHashes.length);
  for (let index = 0; index < leafHashes.length; index++) {
    level.set(leafHashes[index] as Uint8Array, HASH_SIZE_BYTES * index);
  }
  for (let count = leafHashes.length; count > 1; count = (count + 1) >> 1) {
    const pairs = count >> 1;
    for (let index = 0; index < pairs; index++) {
      const offset = 2 * HASH_SIZE_BYTES * index;
      INNER_NODE.set(level.subarray(offset, offset + 2 * HASH_SIZE_BYTES), 1);
      sha256Into(INNER_NODE, level.subarray(offset >> 1, (offset >> 1) + HASH_SIZE_BYTES));
    }
    if ((count & 1) === 0) continue;
    const last = HASH_SIZE_BYTES * (count - 1);
    level.copyWithin(HASH_SIZE_BYTES * pairs, last, last + HASH_SIZE_BYTES);
  }
  return formatHex(level.subarray(0, HASH_SIZE_BYTES));
}

/**
 * A tree whose leaves come one after the other: adding one costs one hash on average, the root a hash for
 * each bit of their number.
 *
 * Keeps the roots of the perfect trees that the leaves fall into, the largest first, one for each bit that
 * is set in their number.
 *
 * @example
 * ```ts
 * import { sha256 } from "../crypto/hash.ts";
 * import { merkleRoot, MerkleTree } from "./merkle.ts";
 * import assert from "node:assert/strict";
 *
 * const leaves = [1, 2, 3].map((leaf) => sha256(new Uint8Array([0, leaf])));
 * const tree = new MerkleTree();
 * for (const leaf of leaves) tree.append(leaf);
 * assert.equal(tree.root(), merkleRoot(leaves));
 * ```
 */
export class MerkleTree {
  #size = 0;
  readonly #perfect: Uint8Array[] = [];

  /** The number of leaves. */
  get size(): number {
    return this.#size;
  }

  append(leafHash: Uint8Array): void {
    let right = leafHash;
    for (let bits = this.#size; (bits & 1) === 1; bits >>>= 1) right = this.#join(right);
    this.#perfect.push(right);
    this.#size++;
  }

  /** The root over all leaves so far; more may follow. */
  root(): string {
    let right = this.#perfect.at(-1);
    if (right === undefined) return EMPTY_ROOT;
    for (let index = this.#perfect.length - 2; index >= 0; index--) {
      right = this.#hash(this.#perfect[index] as Uint8Array, right);
    }
    return formatHex(right);
  }

  #join(right: Uint8Array): Uint8Array {
    const left = this.#perfect.pop();
    invariant(left !== undefined, "A set bit has its tree");
    return this.#hash(left, right);
  }

  #hash(left: Uint8Array, right: Uint8Array): Uint8Array {
    INNER_NODE.set(left, 1);
    INNER_NODE.set(right, 1 + HASH_SIZE_BYTES);
    return sha256(INNER_NODE);
  }
}

/** The tag of an inner node and room for its two children: filled and hashed at once, so one for all. */
const INNER_NODE = new Uint8Array(1 + 2 * HASH_SIZE_BYTES).fill(NODE_TAG, 0, 1);
