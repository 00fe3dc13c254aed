/**
 * Judging a header before its block is here: by its work, and by its parent, which may itself be no more
 * than a header that was checked.
 *
 * Reads the chain, the blocks that are wanted and those that are held, and changes nothing.
 *
 * @module
 */
import type { Ancestor } from "../consensus/ancestor.ts";
import { checkHeaderAgainstParent, checkHeaderWork } from "../consensus/check_block.ts";
import { targetReachOf } from "../consensus/difficulty/next_target.ts";
import { MEDIAN_TIME_BLOCKS } from "../params.ts";
import { type BlockHash, hashHeader, type Header } from "../primitives/header.ts";
import type { HeaderFault } from "./peer_fault.ts";
import type { LedgerView, SyncPart } from "./state.ts";
import { type TimedTurn, wallMsOf } from "./turn.ts";

/**
 * Checks a header against the rules that it can break without its block, and says which one it does.
 *
 * @param options.parent the header before it in the same message, which has been checked
 */
export function checkAnnouncedHeader(
  turn: TimedTurn,
  network: LedgerView & SyncPart,
  { header, hash, parent }: { header: Header; hash: BlockHash; parent: Ancestor | undefined },
): HeaderFault | undefined {
  const work = checkHeaderWork(header, hash, network.params);
  if (!work.ok) return work.error.code;
  if (parent !== undefined && hashHeader(parent.header) !== header.previousHash) {
    return "headers-not-in-a-row";
  }
  const ancestor = parent ?? ancestorOf(network, header.previousHash);
  if (ancestor === undefined) return "headers-not-in-a-row";
  const against = checkHeaderAgainstParent(
    header,
    ancestor,
    wallMsOf(turn),
    network.params,
  );
  return against.ok ? undefined : against.error.code;
}

/**
 * A known block, or one whose header was checked and whose body is wanted, with all below it that the
 * median time and the difficulty need.
 */
export function ancestorOf(network: LedgerView & SyncPart, hash: BlockHash): Ancestor | undefined {
  const entry = network.chain.entry(hash);
  if (entry !== undefined) return entry;
  const header = announcedHeader(network, hash);
  if (header === undefined) return undefined;

  // The announced headers below, as far down as the rules read them.
  const reach = Math.max(MEDIAN_TIME_BLOCKS, targetReachOf(network.params) + 1);
  const path: Header[] = [];
  let below: Ancestor | undefined;
  for (let cursor = header.previousHash; path.length < reach;) {
    below = network.chain.entry(cursor);
    const next = announcedHeader(network, cursor);
    if (below !== undefined || next === undefined) break;
    path.push(next);
    cursor = next.previousHash;
  }
  // With too few headers to judge by, an honest block could look too old.
  if (below === undefined && path.length < reach) return undefined;
  for (const next of path.reverse()) below = { header: next, parent: below };
  return { header, parent: below };
}

function announcedHeader(
  { sync, orphanBlocks }: LedgerView & SyncPart,
  hash: BlockHash,
): Header | undefined {
  return sync.wanted.get(hash)?.header ?? orphanBlocks.get(hash)?.header;
}
