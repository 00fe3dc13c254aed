/**
 * Joins what the clients sent, what each node saw and what stands on the chain into one record a
 * transaction and one a block.
 *
 * Pure.
 *
 * @module
 */
import type { BlockRecord, TransactionRecord } from "../measure/run_record.ts";
import type { Block } from "../primitives/block.ts";
import type { LineRecord } from "../workload/line_record.ts";
import type { NodeObserver } from "./node_observer.ts";

type Sightings = Pick<NodeObserver, "transactionSeenAtMs" | "blocks">;

/** Adds to each line when its transaction was seen, in a block, and on every main chain. */
export function transactionRecords(
  lines: readonly LineRecord[],
  { observers, chain }: {
    readonly observers: readonly Sightings[];
    readonly chain: readonly Pick<Block, "hash" | "header" | "transactions">[];
  },
): readonly TransactionRecord[] {
  const blockOf = new Map(
    chain.flatMap((block) =>
      block.transactions.map(({ txid }) => [txid as string, block] as const)
    ),
  );
  return lines.map((line) => {
    const block = line.txid === null ? undefined : blockOf.get(line.txid);
    const connected = block === undefined
      ? []
      : observers.map(({ blocks }) => blocks.get(block.hash)?.connectedAtMs ?? null);
    return {
      ...line,
      seenByAllAtMs: line.txid === null ? null : latestOfAll(
        observers.map(({ transactionSeenAtMs }, index) =>
          earliest([transactionSeenAtMs.get(line.txid as string) ?? null, connected[index] ?? null])
        ),
      ),
      inBlockAtMs: earliest(connected),
      confirmedAtMs: latestOfAll(connected),
      blockHeight: block?.header.height ?? null,
    };
  });
}

/** One record for each block above a height that any node saw. Node 0 is the observing one. */
export function blockRecords(
  { observers, chain, fromHeight, startMs }: {
    readonly observers: readonly Sightings[];
    readonly chain: readonly Pick<Block, "hash">[];
    readonly fromHeight: number;

    /** Blocks that were found before do not belong to the run. */
    readonly startMs: number;
  },
): readonly BlockRecord[] {
  const main = new Set<string>(chain.map(({ hash }) => hash));
  const hashes = new Set(observers.flatMap(({ blocks }) => [...blocks.keys()]));
  return [...hashes].map((hash): BlockRecord => {
    const seen = observers.map(({ blocks }) => blocks.get(hash));
    const times = seen.map((block) => block?.seenAtMs ?? null);
    const first = seen.find((block) => block !== undefined);
    return {
      hash,
      height: first?.height ?? 0,
      minerId: first?.minerId ?? null,
      isMain: main.has(hash),
      transactionCount: seen.find((block) => block?.transactionCount != null)?.transactionCount ??
        null,
      firstSeenAtMs: earliest(times) ?? 0,
      observedAtMs: times[0] ?? null,
      seenByAllAtMs: latestOfAll(times),
    };
  })
    .filter(({ height, firstSeenAtMs }) => height >= fromHeight && firstSeenAtMs >= startMs)
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
