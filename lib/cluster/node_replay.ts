/**
 * Replays one node's file through that node, whoever started it: the reference's test driver.
 *
 * Knows nothing of the other nodes: a transaction counts as confirmed once it stands on this node's main
 * chain.
 *
 * Called by `noobcash replay`.
 *
 * @module
 */
import type { ApiClient } from "../client/api_client.ts";
import type { BlockRecord, TransactionRecord } from "../measure/run_record.ts";
import type { LineRecord } from "../workload/line_record.ts";
import { replayClosedLoop } from "../workload/replay_closed_loop.ts";
import type { WorkloadFile, WorkloadLine } from "../workload/workload_file.ts";
import { ClusterError } from "./cluster_error.ts";
import { createApiPayer } from "./cluster_payer.ts";
import { type ClusterWatch, type UntilOptions, watchCluster } from "./cluster_watch.ts";
import { blockRecords, transactionRecords } from "./join_records.ts";
import { type MainChain, readMainChain } from "./read_main_chain.ts";

/** How to replay. */
export interface NodeReplayOptions {
  readonly concurrency: number;
  readonly retry: boolean;
  readonly impossible: ReadonlySet<WorkloadLine>;

  /** With retry: how long nothing may arrive before a line gives up. */
  readonly patienceMs: number;

  /** How long no block may come before waiting for confirmations ends. */
  readonly stillMsMax: number;

  /** When given, goes on watching until the whole network has sent nothing for so long. */
  readonly quietMs?: number;
  readonly signal: AbortSignal;
  readonly onRecord: (record: LineRecord) => void;
}

export interface NodeReplay {
  readonly transactions: readonly TransactionRecord[];
  readonly blocks: readonly BlockRecord[];
  readonly reorgDepths: readonly number[];

  /** Everything that was accepted is confirmed and, if that was asked for, the network is quiet. */
  readonly hasSettled: boolean;

  /** Events that the node could not send in time: times are missing then. */
  readonly missedEvents: number;
}

/** Sends the file's lines, then waits until what was accepted is confirmed or no block comes any more. */
export async function replayOnNode(
  node: { readonly id: number; readonly client: ApiClient },
  file: WorkloadFile,
  options: NodeReplayOptions,
): Promise<NodeReplay> {
  const { client } = node;
  const watch = await watchCluster({ nodes: [node] });
  try {
    const status = await client.status();
    if (!status.ok) throw new ClusterError(status.error.message);
    const fromHeight = (status.value.chain?.height ?? 0) + 1;
    const startMs = Date.now();

    const lines: LineRecord[] = [];
    const payer = createApiPayer({ nodeId: node.id, client }, watch.arrivalsOf(0));
    await replayClosedLoop([{ payer, lines: file.lines }], {
      ...options,
      leadLines: Infinity,
      now: () => performance.timeOrigin + performance.now(),
      onRecord(record) {
        lines.push(record);
        options.onRecord(record);
      },
    });

    const wanted = new Set(lines.flatMap(({ txid }) => txid ?? []));
    const read = () => readMainChain(client, { fromHeight, isWanted: (txid) => wanted.has(txid) });
    let chain: MainChain | undefined;
    let readAt: string | undefined;
    let hasSettled = await watch.until(async () => {
      const tipHash = await tipOf(client);
      if (chain === undefined || tipHash !== readAt) [chain, readAt] = [await read(), tipHash];
      return chain.places.size === wanted.size;
    }, options);
    if (options.quietMs !== undefined) {
      hasSettled = await untilQuiet(watch, { client, ...options, quietMs: options.quietMs }) &&
        hasSettled;
      chain = undefined;
    }
    chain ??= await read();
    await watch.heardOf(chain.blocks);
    await watch.close();

    const { observers } = watch;
    return {
      transactions: transactionRecords(lines, { observers, places: chain.places }),
      blocks: blockRecords({ observers, chain: chain.blocks, fromHeight, startMs }),
      reorgDepths: observers[0]?.reorgDepths ?? [],
      hasSettled,
      missedEvents: observers.reduce((sum, observer) => sum + observer.missed(), 0),
    };
  } finally {
    await watch.close();
  }
}

async function tipOf(client: ApiClient): Promise<string | undefined> {
  const status = await client.status();
  if (!status.ok) throw new ClusterError(status.error.message);
  return status.value.chain?.tipHash;
}

/** Resolves true when nothing waits to be mined and no transaction or block came for a while. */
async function untilQuiet(
  watch: ClusterWatch,
  { client, quietMs, ...options }: UntilOptions & {
    readonly client: ApiClient;
    readonly quietMs: number;
  },
): Promise<boolean> {
  let seen = -1;
  let seenAtMs = performance.now();
  return await watch.until(async () => {
    const now = watch.observers.reduce(
      (sum, { transactionSeenAtMs, blocks }) => sum + transactionSeenAtMs.size + blocks.size,
      0,
    );
    if (now !== seen) [seen, seenAtMs] = [now, performance.now()];
    if (performance.now() - seenAtMs < quietMs) return false;

    const status = await client.status();
    if (!status.ok) throw new ClusterError(status.error.message);
    const { chain, params } = status.value;
    const waitingMax = params?.strict ? params.capacity - 1 : 0;
    return (chain?.transactionsWaiting ?? 0) <= waitingMax;
  }, options);
}
