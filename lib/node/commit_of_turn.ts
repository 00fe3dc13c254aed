/**
 * What a turn leaves for the disk: durable before anybody hears of it.
 *
 * @module
 */
import { isNoChange, noChange, recordOfChange } from "../consensus/chain_change.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { Commit } from "./persistence.ts";
import type { LedgerView } from "./state.ts";
import type { Turn } from "./turn.ts";

/** What has to be durable before the rest is done; `undefined` when nothing changed. */
export function commitOf(
  turn: Pick<Turn, "draft">,
  network: LedgerView | undefined,
): Commit | undefined {
  const { membership, change, poolRemoved, poolAdded, failed, paid } = turn.draft;
  const isEmpty = membership === undefined && (change === undefined || isNoChange(change)) &&
    poolRemoved.length === 0 &&
    poolAdded.length === 0 && failed.length === 0;
  if (isEmpty || network === undefined) return undefined;

  // Written out: spreading the change took a twentieth of a large simulation's time.
  const { stored, connected, disconnected, marked } = recordOfChange(
    change ?? noChange(),
    network.chain,
  );
  const commit: { -readonly [Name in keyof Commit]: Commit[Name] } = {
    stored,
    connected,
    disconnected,
    marked,
    poolRemoved,
    poolAdded: stillWaiting(poolAdded, network),
    failed,
  };
  if (membership !== undefined) commit.membership = membership;
  if (connected.length > 0 || disconnected.length > 0) commit.tip = network.chain.tip.hash;
  if (paid.length > 0) commit.paid = paid;
  return commit;
}

/** What came into the pool with this turn and is still there at its end, each once. */
function stillWaiting(added: MempoolEntry[], { mempool }: LedgerView): MempoolEntry[] {
  if (added.length === 0) return added;
  const entries = new Map(added.map((entry) => [entry.transaction.txid, entry]));
  return [...entries.values()].filter(({ transaction }) => mempool.has(transaction.txid));
}
