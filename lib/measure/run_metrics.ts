/**
 * The figures of one run, computed from its raw records. `docs/experiments.md` defines them for readers.
 *
 * Pure, and the only place where a figure is computed: cluster, experiment and report all call this.
 *
 * @module
 */
import { percentiles } from "../statistics/estimate.ts";
import { countLines } from "../workload/line_record.ts";
import type {
  BlockRecord,
  NodeRecord,
  RunData,
  SteadyRecord,
  TransactionRecord,
} from "./run_record.ts";

/** Half, most and nearly all of the values lie below these, in milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
}

/**
 * The stages of a payment, each from the submit (open loop: from when it was scheduled); of a load, without
 * those of the warm-up.
 */
export interface Latencies {
  readonly answered: Quantiles | null;

  /** From the first node that had it to the last one. */
  readonly relayed: Quantiles | null;
  readonly seenByAll: Quantiles | null;
  readonly inBlock: Quantiles | null;
  readonly confirmed: Quantiles | null;
}

/** Figures of one run; null where a run cannot tell. */
export interface RunMetrics {
  readonly offered: number;
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly ceiling: number;

  /** Accepted and on every node's main chain at the end, by the chain itself. */
  readonly confirmed: number;

  /** From the first submit to the last confirmation; null where nobody noted when that was. */
  readonly seconds: number | null;

  /** Confirmed in that time; of a load, the rate in its steady state, null of fewer than two blocks. */
  readonly txPerSecond: number | null;

  /** Lines sent a second while lines were being sent. */
  readonly offeredPerSecond: number;

  /** Main-chain blocks found since the first submit. */
  readonly blocks: number;
  readonly staleBlocks: number;

  /** Stale blocks among all that were found: the share of work that was wasted. */
  readonly staleRate: number;
  readonly reorgs: number;
  readonly reorgDepthMax: number;

  /** Mean time from a block's first node to its last one. */
  readonly blockSpreadMsMean: number | null;

  /** Mean interval between main-chain blocks as the observing node saw them. */
  readonly blockTimeMsMean: number | null;

  /** Mean time that the network searched for each block that it found. */
  readonly miningTimeMsMean: number | null;
  readonly latencyMs: Latencies;
  readonly hashRateMeasured: number | null;

  /** What the blocks found say the hash rate was: their work / seconds of mining. */
  readonly hashRateImplied: number | null;

  /** How far blocks found lie from what the hashes let expect, in standard deviations of a Poisson count (E04). */
  readonly hashRateSigmas: number | null;
  readonly efficiency: Efficiency | null;
  readonly messagesPerTransaction: number | null;
  readonly bytesPerTransaction: number | null;
  readonly cpuMsPerNode: number | null;
  readonly memoryBytesPerNode: number | null;
}

/**
 * Measured against ideal tx/s, c · H / w with the measured H and the blocks' mean work w, 16^d where the
 * difficulty is not adjusted, and the factors that it is the product of:
 * `total = filled · kept · mining · luck`.
 */
export interface Efficiency {
  readonly total: number;

  /** Confirmed transactions among the places of main-chain blocks. */
  readonly filled: number;

  /** Main-chain blocks among blocks found. */
  readonly kept: number;

  /** Time that the miners searched, of the whole. */
  readonly mining: number;

  /** Blocks found among blocks expected from the hashes made: 1 in the long run. */
  readonly luck: number;
}

/** Expected hashes for a block: 16^d. */
export function hashesPerBlock(difficulty: number): number {
  return 16 ** difficulty;
}

/** Computes a run's figures. */
export function computeMetrics({ run, transactions, blocks }: RunData): RunMetrics {
  const { capacity } = run.cell;
  const { steady } = run;
  const { offered, accepted, rejected } = steady ?? countLines(transactions);
  const confirmed = transactions.filter((record) =>
    record.outcome === "accepted" && record.blockHeight !== null
  );
  const submits = transactions.flatMap((record) => record.submittedAtMs ?? []);
  const firstSubmitMs = minOf(submits);
  const confirmedCount = steady?.confirmed ?? confirmed.length;
  const lastConfirmMs = lastConfirmOf(confirmed);
  const seconds = lastConfirmMs === null
    ? null
    : Math.max(0, (lastConfirmMs ?? 0) - (firstSubmitMs ?? 0)) / 1000;
  const sendingSeconds = ((maxOf(submits) ?? 0) - (firstSubmitMs ?? 0)) / 1000;

  const main = blocks.filter(({ isMain }) => isMain);
  const found = blocks.length;
  const depths = run.nodes.flatMap(({ reorgDepths }) => reorgDepths);
  const hashRate = sumOf(run.nodes, hashRateOf);
  const hashes = sumOf(run.nodes, (node) => node.hashes);
  const works = worksOf(run, blocks);
  const work = works === null ? null : sumOf(works, (each) => each);
  // In so many equal blocks the same work would vary as much: all of them where no target changes.
  const equalBlocks = works === null || work === null || work === 0
    ? 0
    : work * work / sumOf(works, (each) => each * each);
  const miningSeconds = hashRate > 0 ? hashes / hashRate : 0;
  const txPerSecond = steady !== undefined
    ? steadyRate(main, steady)
    : seconds === null
    ? null
    : seconds > 0
    ? confirmed.length / seconds
    : 0;
  const cpu = run.nodes.flatMap(({ cpuMs }) => cpuMs ?? []);
  const memory = run.nodes.flatMap(({ memoryBytes }) => memoryBytes ?? []);

  return {
    offered,
    accepted,
    rejected,
    ceiling: run.load.ceiling,
    confirmed: confirmedCount,
    seconds,
    txPerSecond,
    offeredPerSecond: steady !== undefined
      ? offered * 1000 / steady.durationMs
      : sendingSeconds > 0
      ? (submits.length - 1) / sendingSeconds
      : 0,
    blocks: main.length,
    staleBlocks: found - main.length,
    staleRate: found > 0 ? (found - main.length) / found : 0,
    reorgs: depths.length,
    reorgDepthMax: maxOf(depths) ?? 0,
    blockSpreadMsMean: meanSpread(blocks),
    blockTimeMsMean: meanInterval(main),
    miningTimeMsMean: found > 0 && miningSeconds > 0 ? miningSeconds * 1000 / found : null,
    latencyMs: latenciesOf(afterWarmUp(confirmed, steady)),
    hashRateMeasured: hashRate > 0 ? hashRate : null,
    hashRateImplied: miningSeconds > 0 && work !== null ? work / miningSeconds : null,
    hashRateSigmas: sigmasOf(),
    efficiency: main.length > 0 && hashes > 0 && work !== null && txPerSecond !== null &&
        seconds !== null && seconds > 0
      ? {
        total: confirmedCount / seconds / (capacity * hashRate / (work / found)),
        filled: confirmedCount / (main.length * capacity),
        kept: main.length / found,
        mining: miningSeconds / seconds,
        luck: work / hashes,
      }
      : null,
    messagesPerTransaction: perTransaction(sumOf(run.nodes, (node) => node.messagesSent)),
    bytesPerTransaction: perTransaction(sumOf(run.nodes, (node) => node.bytesSent)),
    cpuMsPerNode: cpu.length > 0 ? sumOf(cpu, (value) => value) / cpu.length : null,
    memoryBytesPerNode: memory.length > 0 ? sumOf(memory, (value) => value) / memory.length : null,
  };

  function sigmasOf(): number | null {
    if (hashes === 0 || work === null) return null;
    // Without a block, the founder's target says how many were to be expected.
    return work === 0
      ? poissonSigmas(0, hashes / hashesPerBlock(run.cell.difficulty))
      : poissonSigmas(equalBlocks, hashes / (work / equalBlocks));
  }

  function perTransaction(sum: number): number | null {
    return confirmedCount > 0 && sum > 0 ? sum / confirmedCount : null;
  }
}

/**
 * The work of each block found. Where the difficulty is adjusted, blocks carry their own, and a stale one
 * counts as the block that won against it; null of records that do not tell.
 */
function worksOf({ cell, network }: RunData["run"], blocks: readonly BlockRecord[]) {
  const adjustment = network.rules?.difficultyAdjustment ?? cell.difficultyAdjustment;
  if (adjustment === undefined || adjustment === "none") {
    return blocks.map(() => hashesPerBlock(cell.difficulty));
  }
  const byHeight = new Map(
    blocks.flatMap(({ height, work }) => work === undefined ? [] : [[height, work] as const]),
  );
  const last = byHeight.get(maxOf([...byHeight.keys()]) ?? 0);
  const works = blocks.flatMap(({ work, height }) => work ?? byHeight.get(height) ?? last ?? []);
  return works.length === blocks.length ? works : null;
}

/**
 * Transactions a second from the first to the last main-chain block of the steady state: those of the
 * first block were waiting before it began. Where these blocks lie in less than half of that time, because
 * the network was choked for the rest, they count for the whole of it: two blocks within a moment are no rate.
 */
function steadyRate(
  main: readonly BlockRecord[],
  { startMs, durationMs, warmUpMs }: SteadyRecord,
): number | null {
  const within = main.flatMap(({ firstSeenAtMs, observedAtMs, transactionCount }) => {
    const atMs = observedAtMs ?? firstSeenAtMs;
    const isWithin = atMs >= startMs + warmUpMs && atMs <= startMs + durationMs;
    return isWithin ? [{ atMs, count: transactionCount ?? 0 }] : [];
  }).sort((a, b) => a.atMs - b.atMs);
  const [first, last] = [within[0], within[within.length - 1]];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  const count = sumOf(within, (each) => each.count);
  const [spanMs, wholeMs] = [last.atMs - first.atMs, durationMs - warmUpMs];
  return spanMs < wholeMs / 2 ? count * 1000 / wholeMs : (count - first.count) * 1000 / spanMs;
}

/**
 * When the highest of these blocks was confirmed; `undefined` if there are none, null where that is not
 * known.
 */
function lastConfirmOf(confirmed: readonly TransactionRecord[]): number | null | undefined {
  const height = maxOf(confirmed.flatMap(({ blockHeight }) => blockHeight ?? []));
  const highest = confirmed.filter(({ blockHeight }) => blockHeight === height);
  if (highest.some(({ confirmedAtMs }) => confirmedAtMs === null)) return null;
  return maxOf(confirmed.flatMap(({ confirmedAtMs }) => confirmedAtMs ?? []));
}

/**
 * How far a Poisson count lies from what was to be expected, in standard deviations.
 *
 * The expectation's root is the deviation, but a count of a few that lies above has a long tail: four
 * blocks where 0.49 were to be expected happen once in 600 honest runs, and would be five deviations. By the
 * mean of both roots they are 2.6, and five are never more frequent than they are of a normal value.
 */
function poissonSigmas(count: number, expected: number): number {
  const roots = [Math.sqrt(count), Math.sqrt(expected)] as const;
  return (count - expected) / Math.max(roots[1], (roots[0] + roots[1]) / 2);
}

/** Hashes a second while it mined. */
function hashRateOf({ hashes, miningMs }: NodeRecord): number {
  return miningMs > 0 ? hashes * 1000 / miningMs : 0;
}

function meanInterval(main: readonly BlockRecord[]): number | null {
  const times = main.flatMap(({ observedAtMs }) => observedAtMs ?? []);
  const [first, last] = [minOf(times), maxOf(times)];
  return first === undefined || last === undefined || times.length < 2
    ? null
    : (last - first) / (times.length - 1);
}

function meanSpread(blocks: readonly BlockRecord[]): number | null {
  const spreads = blocks.flatMap(({ firstSeenAtMs, seenByAllAtMs }) =>
    seenByAllAtMs === null ? [] : [seenByAllAtMs - firstSeenAtMs]
  );
  return spreads.length > 0 ? sumOf(spreads, (spread) => spread) / spreads.length : null;
}

/** Those that were due in the steady state; all of them where there is none. */
function afterWarmUp(
  records: readonly TransactionRecord[],
  steady: SteadyRecord | undefined,
): readonly TransactionRecord[] {
  if (steady === undefined) return records;
  const fromMs = steady.startMs + steady.warmUpMs;
  return records.filter((record) => (dueAtMs(record) ?? -Infinity) >= fromMs);
}

function dueAtMs({ scheduledAtMs, submittedAtMs }: TransactionRecord): number | null {
  return scheduledAtMs ?? submittedAtMs;
}

function latenciesOf(confirmed: readonly TransactionRecord[]): Latencies {
  return {
    answered: quantilesOf((record) => record.answeredAtMs),
    relayed: quantilesOf(
      (record) => record.seenByAllAtMs,
      (record) => record.firstSeenAtMs ?? null,
    ),
    seenByAll: quantilesOf((record) => record.seenByAllAtMs),
    inBlock: quantilesOf((record) => record.inBlockAtMs),
    confirmed: quantilesOf((record) => record.confirmedAtMs),
  };

  function quantilesOf(
    timeOf: (record: TransactionRecord) => number | null,
    startOf = dueAtMs,
  ): Quantiles | null {
    const delays = confirmed.flatMap((record) => {
      const fromMs = startOf(record);
      const toMs = timeOf(record);
      return fromMs === null || toMs === null ? [] : [Math.max(0, toMs - fromMs)];
    });
    if (delays.length === 0) return null;
    const [p50, p90, p95, p99, p999] = percentiles(delays, [50, 90, 95, 99, 99.9]) as QuantileList;
    return { p50, p90, p95, p99, p999 };
  }
}

type QuantileList = [number, number, number, number, number];

function sumOf<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

function minOf(values: readonly number[]): number | undefined {
  return values.length > 0 ? values.reduce((a, b) => Math.min(a, b)) : undefined;
}

function maxOf(values: readonly number[]): number | undefined {
  return values.length > 0 ? values.reduce((a, b) => Math.max(a, b)) : undefined;
}
