/**
 * Joins what the clients sent, what each node saw and what stands on the chain into one record a
 * transaction and one a block.
 *
 * Pure.
 *
 * @module
 */
import type { BlockRecord, TransactionRecord } from "../measure/run_record.ts";
import type { LineRecord } from "../workload/line_record.ts";
import type { NodeObserver } from "./node_observer.ts";
import type { MainChain } from "./read_main_chain.ts";

type Sightings = Pick<NodeObserver, "transactionSeenAtMs" | "blocks">;

/**
 * Adds to each line where its transaction stands on the chain, and when it was seen, in a block, and on
 * every main chain. Whether it is confirmed, the chain alone says; a time that was missed is null.
 */
export function transactionRecords(
  lines: readonly LineRecord[],
  { observers, places }: {
    readonly observers: readonly Sightings[];
    readonly places: MainChain["places"];
  },
): readonly TransactionRecord[] {
  return lines.map((line) => {
    const { txid } = line;
    const block = txid === null ? undefined : places.get(txid);
    const connected = block === undefined
      ? []
      : observers.map(({ blocks }) => blocks.get(block.hash)?.connectedAtMs ?? null);
    const seen = txid === null
      ? []
      : observers.map(({ transactionSeenAtMs }, index) =>
        earliest([transactionSeenAtMs.get(txid) ?? null, connected[index] ?? null])
      );
    return {
      ...line,
      firstSeenAtMs: earliest(seen),
      seenByAllAtMs: latestOfAll(seen),
      inBlockAtMs: earliest(connected),
      confirmedAtMs: latestOfAll(connected),
      blockHeight: block?.height ?? null,
    };
  });
}

/**
 * One record for each block above a height that stands on the chain or that any node saw. Node 0 is the
 * observing one.
 */
export function blockRecords(
  { observers, chain, fromHeight, startMs }: {
    readonly observers: readonly Sightings[];
    readonly chain: MainChain["blocks"];
    readonly fromHeight: number;

    /** Stale blocks that were found before do not belong to the run. */
    readonly startMs: number;
  },
): readonly BlockRecord[] {
  const main = new Map(chain.map((block) => [block.hash, block]));
  const hashes = new Set([
    ...main.keys(),
    ...observers.flatMap(({ blocks }) => [...blocks.keys()]),
  ]);
  return [...hashes].map((hash): BlockRecord => {
    const onChain = main.get(hash);
    const seen = observers.map(({ blocks }) => blocks.get(hash));
    const times = seen.map((block) => block?.seenAtMs ?? null);
    const first = seen.find((block) => block !== undefined);
    return {
      hash,
      height: onChain?.height ?? first?.height ?? 0,
      minerId: first?.minerId ?? null,
      isMain: onChain !== undefined,
      transactionCount: onChain?.transactionCount ??
        seen.find((block) => block?.transactionCount != null)?.transactionCount ?? null,
      ...(onChain !== undefined && { work: onChain.work }),
      firstSeenAtMs: earliest(times) ?? onChain?.timestampMs ?? 0,
      observedAtMs: times[0] ?? null,
      seenByAllAtMs: latestOfAll(times),
    };
  })
    .filter(({ height, isMain, firstSeenAtMs }) =>
      height >= fromHeight && (isMain || firstSeenAtMs >= startMs)
    )
    .sort((a, b) => a.height - b.height || a.firstSeenAtMs - b.firstSeenAtMs);
}

/** The last of the times; null when one is missing. */
function latestOfAll(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length < times.length || known.length === 0 ? null : Math.max(...known);
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
