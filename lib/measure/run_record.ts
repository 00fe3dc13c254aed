/**
 * What is written down of one run: the raw records that every figure of a report comes from.
 *
 * A run is one fresh network that replays one workload. Its folder holds
 *
 * | file | content |
 * |---|---|
 * | `run.json` | {@link RunRecord}: parameters, environment, nodes, verdict; written last |
 * | `transactions.jsonl` | a {@link TransactionRecord} a line, one for each workload line |
 * | `blocks.jsonl` | a {@link BlockRecord} a line, one for each block seen by anybody since the first submit |
 *
 * All times are milliseconds since 1970 of one machine's clock. A time that never came is null.
 *
 * @module
 */
import type { ParamsChoice } from "../params.ts";
import type { LineRecord } from "../workload/line_record.ts";

/** The format of these records. */
export const RECORD_VERSION = 1;

/** A workload line and what the network made of it. */
export interface TransactionRecord extends LineRecord {
  /** When the first node had it: the one that accepted it. Records of earlier versions lack it. */
  readonly firstSeenAtMs?: number | null;

  /** When the last node had it in its pool or in a block. */
  readonly seenByAllAtMs: number | null;

  /** When the first node had it in a block of its main chain: the block that holds it in the end. */
  readonly inBlockAtMs: number | null;

  /** When the last node had that block on its main chain; null if it never did, or nobody noted it. */
  readonly confirmedAtMs: number | null;

  /** Where it stands on the chain that all nodes have in the end; null if it does not. */
  readonly blockHeight: number | null;
}

/** A block that at least one node saw. */
export interface BlockRecord {
  readonly hash: string;
  readonly height: number;
  readonly minerId: number | null;

  /** In the end on the main chain. */
  readonly isMain: boolean;
  readonly transactionCount: number | null;

  /** The hashes that its target takes on average; not there of stale blocks and in earlier records. */
  readonly work?: number;

  /** When its miner had it. */
  readonly firstSeenAtMs: number;

  /** When the observing node had it; null if it never did. */
  readonly observedAtMs: number | null;

  /** When the last node had it; null if one never did. */
  readonly seenByAllAtMs: number | null;
}

/** What a node spent between the first submit and the end. */
export interface NodeRecord {
  readonly id: number;
  readonly hashes: number;

  /** How long its miner searched. */
  readonly miningMs: number;

  /** Processor time of the whole process; null where the system does not tell. */
  readonly cpuMs: number | null;
  readonly memoryBytes: number | null;
  readonly messagesSent: number;
  readonly bytesSent: number;

  /** How many blocks each of its reorganisations took back. */
  readonly reorgDepths: readonly number[];
  readonly tipHash: string;
  readonly supply: number;
  readonly utxoCommitment: string;
  readonly balance: number;
}

/** Names a cell of the experiment's matrix. */
export interface Cell {
  readonly nodes: number;
  readonly capacity: number;
  readonly difficulty: number;

  /** How it is adjusted, where it may be. */
  readonly difficultyAdjustment?: ParamsChoice["difficultyAdjustment"] | undefined;
}

/** How the load was made. */
export interface LoadRecord {
  readonly workload: string;
  readonly loop: "closed" | "open";
  readonly ratePerSecond: number | null;
  readonly concurrency: number;
  readonly leadLines: number;
  readonly retry: boolean;

  /** Pays round the ring for so long, instead of what a workload says. */
  readonly durationMs?: number;

  /** Payments a second that this load generator can make on this machine, measured before the run. */
  readonly limitPerSecond: number | null;

  /** The most lines that this workload lets succeed. */
  readonly ceiling: number;
}

/** What a load of a given length came to: counts of all, while records are kept of a sample. */
export interface SteadyRecord {
  readonly startMs: number;
  readonly durationMs: number;

  /** Cut off at the beginning: pools fill, code is compiled. */
  readonly warmUpMs: number;
  readonly offered: number;
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;

  /** On the chain that all nodes have in the end. */
  readonly confirmed: number;

  /** How often a wallet had to wait for coins from the ring. */
  readonly heldBack: number;

  /** The share of all payments of which there are records. */
  readonly sampledShare: number;
}

/** How the network was set up. */
export interface NetworkRecord {
  readonly strict: boolean;
  readonly blockWaitMs: number;
  readonly threadsPerNode: number;

  /** Hashes a second of each node; null: as fast as it can, all nodes sharing the cores. */
  readonly hashRateLimit: number | null;
  readonly linkLatencyMs: number;
  readonly linkLoss: number;
  readonly coinsPerNode: number;

  /** Rules of consensus other than the usual ones. */
  readonly rules?: ConsensusRules;
}

/** Which rules of consensus a network may have chosen. */
export type ConsensusRules = Partial<
  Pick<
    ParamsChoice,
    "forkChoice" | "difficultyAdjustment" | "blockIntervalMs" | "adjustmentWindow"
  >
>;

/** Why a run does not count, or what a reader has to know of it. */
export interface Finding {
  readonly code: string;
  readonly text: string;
}

/** One run. */
export interface RunRecord {
  readonly version: typeof RECORD_VERSION;
  readonly cell: Cell;
  readonly repeat: number;
  readonly startedAtMs: number;

  /** From the start of the processes until every node was ready. */
  readonly startUpMs: number;
  readonly load: LoadRecord;
  readonly network: NetworkRecord;
  readonly nodes: readonly NodeRecord[];

  /** Where a load was made instead of a workload replayed. */
  readonly steady?: SteadyRecord;

  /** Not empty: the run is invalid and is averaged into nothing. */
  readonly invalid: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** A run with its raw records. */
export interface RunData {
  readonly run: RunRecord;
  readonly transactions: readonly TransactionRecord[];
  readonly blocks: readonly BlockRecord[];
}

export function formatCell({ nodes, capacity, difficulty }: Cell): string {
  return `n${nodes}-c${capacity}-d${difficulty}`;
}
