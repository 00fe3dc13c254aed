/**
 * Where two nodes' chains part, found from a few hashes, and what stands above that.
 *
 * One node sends a locator of its main chain; the other takes the first hash that is on its own, and tells of
 * the blocks above it. Pure questions to a chain, whoever asks them.
 *
 * @module
 */
import type { BlockHash } from "../primitives/header.ts";
import type { BlockEntry } from "./block_tree.ts";
import type { Chain } from "./chain.ts";

/** How many hashes lie side by side before the distances grow. */
const DENSE_HASHES = 10;

/**
 * Main-chain hashes from the tip down: ten in a row, then at doubling distances, then genesis. So a
 * chain of n blocks takes O(log n) hashes, and a fork d blocks deep is found at most d too low.
 *
 * @param depth how far below the tip to begin
 *
 * @example
 * ```ts
 * import { createSmallLedger } from "../testing/small_ledger.ts";
 * import { forkPointOf, locatorOf } from "./locator.ts";
 * import assert from "node:assert/strict";
 *
 * const [ours, theirs] = [createSmallLedger(), createSmallLedger()];
 * ours.ledger.accept(ours.block);
 * const { chain } = theirs.ledger;
 * assert.equal(forkPointOf(chain, locatorOf(ours.ledger.chain)), chain.tip);
 * ```
 */
export function locatorOf(chain: Pick<Chain, "height" | "atHeight">, depth = 0): BlockHash[] {
  const hashes: BlockHash[] = [];
  let step = 1;
  for (let height: number = chain.height - depth; height > 0; height -= step) {
    hashes.push((chain.atHeight(height) as BlockEntry).hash);
    if (hashes.length >= DENSE_HASHES) step *= 2;
  }
  hashes.push((chain.atHeight(0) as BlockEntry).hash);
  return hashes;
}

/** The first block of a locator that lies on the main chain; genesis when none does. */
export function forkPointOf(
  chain: Pick<Chain, "entry" | "isOnMain" | "atHeight">,
  locator: readonly BlockHash[],
): BlockEntry {
  for (const hash of locator) {
    const entry = chain.entry(hash);
    if (entry !== undefined && chain.isOnMain(entry)) return entry;
  }
  return chain.atHeight(0) as BlockEntry;
}

/**
 * Blocks above one, parents first and the lowest first, at most so many: of the main chain, and of all branches
 * where they count.
 */
export function blocksAbove(
  chain: Pick<Chain, "childrenOf">,
  fork: BlockEntry,
  countMax: number,
): readonly BlockEntry[] {
  const above: BlockEntry[] = [];
  const queue = [fork];
  for (const entry of queue) {
    for (const child of chain.childrenOf(entry)) {
      if (above.length >= countMax) return above;
      above.push(child);
      queue.push(child);
    }
  }
  return above;
}
