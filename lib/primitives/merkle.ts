/**
 * Merkle trees as in RFC 6962, section 2.1, over hashes of leaves.
 *
 * A leaf's hash is SHA-256(0x00 ‖ leaf), a node's SHA-256(0x01 ‖ left ‖ right); the left side takes the
 * largest power of two that leaves something for the right. No leaf is ever doubled, so two lists of
 * transactions never have one root (the hole of CVE-2012-2459).
 *
 * @module
 */
import { formatHex } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { invariant } from "../result.ts";

/** The root over no leaves: SHA-256 of nothing. */
const EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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

  const buffer = new Uint8Array(65);
  buffer[0] = 1;
  let level = leafHashes;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index];
      const right = level[index + 1];
      invariant(left !== undefined, "A level has no holes");
      if (right === undefined) {
        above.push(left);
        continue;
      }
      buffer.set(left, 1);
      buffer.set(right, 33);
      above.push(sha256(buffer));
    }
    level = above;
  }
  const root = level[0];
  invariant(root !== undefined, "A tree has a root");
  return formatHex(root);
}
