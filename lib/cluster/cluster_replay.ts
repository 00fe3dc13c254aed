/**
 * Replays a workload on a cluster and writes down everything that there is to know of it.
 *
 * Called by `noobcash cluster --replay` and by the experiments.
 *
 * @module
 */
import type {
  BlockRecord,
  Finding,
  LoadRecord,
  NodeRecord,
  TransactionRecord,
} from "../measure/run_record.ts";
import type { LineRecord } from "../workload/line_record.ts";
import { findImpossible } from "../workload/lint_workload.ts";
import { replayClosedLoop } from "../workload/replay_closed_loop.ts";
import { replayOpenLoop } from "../workload/replay_open_loop.ts";
import type { Workload } from "../workload/workload_file.ts";
import { MINE_NOW_BLOCKS_MAX } from "../wire/api_network.ts";
import { createApiPayer } from "./cluster_payer.ts";
import type { ClusterWatch } from "./cluster_watch.ts";
import { findProblems } from "./find_problems.ts";
import { blockRecords, transactionRecords } from "./join_records.ts";
import type { Cluster } from "./start_cluster.ts";
import { watchRun } from "./watched_run.ts";

/** How to replay. */
export interface ClusterReplayOptions {
  readonly load: Pick<LoadRecord, "concurrency" | "leadLines" | "retry" | "ratePerSecond">;
  readonly capacity: number;
  readonly strict: boolean;
  readonly coinsPerNode: number;
  readonly fee: number;

  /** The network counts as stuck when nothing has moved for so long. */
  readonly stillMsMax: number;
  readonly signal: AbortSignal;
  readonly onRecord?: (record: LineRecord) => void;
}

/** What came of it. */
export interface ClusterReplay {
  readonly transactions: readonly TransactionRecord[];
  readonly blocks: readonly BlockRecord[];
  readonly nodes: readonly NodeRecord[];

  /** Why the result does not count. */
  readonly invalid: readonly Finding[];

  /** What a reader has to know about the result. */
  readonly warnings: readonly Finding[];
}

/** With retry: how long nothing may arrive before the line that lacks most gives up. */
const PATIENCE_MS = 1_000;
const UNDER_WAY_MAX = 200;

export async function replayOnCluster(
  cluster: Cluster,
  workload: Workload,
  options: ClusterReplayOptions,
): Promise<ClusterReplay> {
  const waitingMax = options.strict ? options.capacity - 1 : 0;
  const lines: LineRecord[] = [];
  const onRecord = (record: LineRecord) => {
    lines.push(record);
    options.onRecord?.(record);
  };
  const run = await watchRun(
    cluster,
    { ...options, waitingMax, isWanted: () => true },
    (watch, signal) => replay(cluster, workload, { ...options, watch, signal, onRecord }),
  );
  const { observers, chain } = run;
  const transactions = transactionRecords(lines, { observers, places: chain.places });
  const blocks = blockRecords({ ...run, chain: chain.blocks });
  const { problems, warnings } = findProblems({ ...run, transactions, waitingMax });
  return { transactions, blocks, nodes: run.nodes, invalid: problems, warnings };
}

/** All clients pay at once, each its own file. */
async function replay(
  cluster: Cluster,
  workload: Workload,
  options: ClusterReplayOptions & {
    readonly watch: ClusterWatch;
    readonly onRecord: (record: LineRecord) => void;
  },
): Promise<void> {
  const { watch, signal, onRecord } = options;
  const clients = cluster.nodes.map(({ id, payments }) => ({
    payer: createApiPayer({ nodeId: id, client: payments }, watch.arrivalsOf(id)),
    lines: workload[id]?.lines ?? [],
  }));
  const shared = { now: () => performance.timeOrigin + performance.now(), signal, onRecord };
  const { ratePerSecond, concurrency, leadLines, retry } = options.load;
  if (ratePerSecond !== null) {
    return await replayOpenLoop(clients, { ...shared, ratePerSecond, underWayMax: UNDER_WAY_MAX });
  }
  const impossible = new Set(findImpossible(workload, options).map(({ line }) => line));
  await replayClosedLoop(clients, {
    ...shared,
    concurrency,
    leadLines,
    retry,
    impossible,
    patienceMs: PATIENCE_MS,
  });
  if (!options.strict && !signal.aborted) await orderLastBlocks(cluster);
}

/**
 * Has what is left mined at once, as an operator may: else a run ends with a wait for `--block-wait`, which
 * says nothing of the network. The order counts blocks, full ones too, and dozens may wait when miners share
 * few cores with their nodes; it ends by itself when nothing waits. A node where nothing does, or that does
 * not mine, refuses; no harm done.
 */
async function orderLastBlocks({ nodes }: Cluster): Promise<void> {
  await Promise.all(nodes.map(({ client }) => client.mineNow(MINE_NOW_BLOCKS_MAX)));
}
