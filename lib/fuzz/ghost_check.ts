/**
 * GHOST once more, as plainly as can be: the heaviest subtree at every step, summed anew from all blocks.
 *
 * Written against the protocol, and shares no code with `lib/consensus/fork_choice`.
 *
 * @module
 */
import type { BlockEntry } from "../consensus/block_tree.ts";

/** The tip that GHOST has with these blocks, parents first, of equals the lower hash. O(n). */
export function ghostTipOf(counted: readonly BlockEntry[]): BlockEntry | undefined {
  const weights = new Map<BlockEntry, bigint>();
  const best = new Map<BlockEntry, BlockEntry>();
  for (const entry of counted.toReversed()) {
    const { parent } = entry;
    const weight = (weights.get(entry) ?? 0n) + entry.work - (parent?.work ?? 0n);
    weights.set(entry, weight);
    if (parent === undefined) continue;
    weights.set(parent, (weights.get(parent) ?? 0n) + weight);
    const rival = best.get(parent);
    const rivalWeight = rival === undefined ? -1n : weights.get(rival) as bigint;
    const wins = weight > rivalWeight ||
      weight === rivalWeight && entry.hash < (rival as BlockEntry).hash;
    if (wins) best.set(parent, entry);
  }
  let [tip] = counted;
  while (tip !== undefined && best.has(tip)) tip = best.get(tip);
  return tip;
}
