/**
 * Which waiting transactions are on disk, and when the others get there.
 *
 * ```
 * own, or over the API → with this turn, and what it spends of the pool with it
 * from a peer          → once it has waited for a while: under load a block has taken it by then
 * ```
 *
 * Whoever was told that a payment is accepted was told so by a node that has it on disk. That one sends it
 * again after a crash; what others merely pass on costs them no disk.
 *
 * @module
 */
import type { MempoolEntry } from "../mempool/mempool.ts";
import { type Txid, txidOfOutpoint } from "../primitives/outpoint.ts";
import type { Ledger } from "./state.ts";
import { type DoorTurn, type SpeakingTurn, wakeBy, wallMsOf } from "./turn.ts";

/** What a peer has passed on is written after it has waited for so long. */
export const WRITE_BEHIND_MS = 5_000;

/** Writes down what lacks on disk. */
type WritingTurn = SpeakingTurn & { readonly draft: Pick<DoorTurn["draft"], "poolAdded"> };
type Unwritten = Pick<Ledger, "unwritten">;

/** Has an entry that came in a moment ago written with this turn, behind those whose outputs it spends. */
export function writeNow(
  { draft }: Pick<WritingTurn, "draft">,
  { unwritten }: Unwritten,
  entry: MempoolEntry,
): void {
  // A chain of transactions may be as long as the pool, so this does not call itself.
  const entries = [entry];
  for (const { transaction } of entries) {
    for (const outpoint of unwritten.size > 0 ? transaction.inputs : []) {
      const parent = unwritten.get(txidOfOutpoint(outpoint));
      if (parent === undefined) continue;
      unwritten.delete(parent.transaction.txid);
      entries.push(parent);
    }
  }
  for (const each of entries.reverse()) draft.poolAdded.push(each);
}

/** Has an entry written once it has waited for {@link WRITE_BEHIND_MS}. */
export function writeLater(turn: WritingTurn, { unwritten }: Unwritten, entry: MempoolEntry): void {
  unwritten.set(entry.transaction.txid, entry);
  wakeBy(turn, turn.nowMs + WRITE_BEHIND_MS);
}

/** Has everything written that has waited for long enough, and says when the next will have. */
export function writeOverdue(turn: WritingTurn, { unwritten }: Unwritten): void {
  const wallMs = wallMsOf(turn);
  for (const [txid, entry] of unwritten) {
    // Of an arrival that lies further in the future the clock was set back: it waits no more.
    const waitedMs = Math.abs(wallMs - entry.arrivedAtMs);
    if (waitedMs < WRITE_BEHIND_MS) return wakeBy(turn, turn.nowMs + WRITE_BEHIND_MS - waitedMs);
    unwritten.delete(txid);
    turn.draft.poolAdded.push(entry);
  }
}

/** An entry has left the pool: what the disk has of it goes with this turn. */
export function takeFromDisk(
  { draft }: { readonly draft: Pick<DoorTurn["draft"], "poolRemoved"> },
  { unwritten }: Unwritten,
  txid: Txid,
): void {
  if (!unwritten.delete(txid)) draft.poolRemoved.push(txid);
}
