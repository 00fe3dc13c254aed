/**
 * Loads a cluster for a while: all nodes pay round the ring, and what came of it is read from the chain.
 *
 * Counts are of all payments; single records, and so latencies, are of a sample once there are many.
 *
 * Called by `noobcash cluster --load` and by the experiments.
 *
 * @module
 */
import type { ApiClient, ClientError } from "../client/api_client.ts";
import type { Finding, SteadyRecord } from "../measure/run_record.ts";
import type { LineRecord } from "../workload/line_record.ts";
import type { PaymentAnswer } from "../workload/payer.ts";
import {
  type LoadClient,
  type LoadedPayment,
  NOT_SENT_CODE,
  runLoad,
} from "../workload/run_load.ts";
import type { ClusterReplay } from "./cluster_replay.ts";
import type { ClusterWatch } from "./cluster_watch.ts";
import { findProblems } from "./find_problems.ts";
import { blockRecords, transactionRecords } from "./join_records.ts";
import type { NodeObserver } from "./node_observer.ts";
import type { Cluster } from "./start_cluster.ts";
import { TxidSample } from "./txid_sample.ts";
import { watchRun } from "./watched_run.ts";

/** How to load. */
export interface ClusterLoadOptions {
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly ratePerSecond: number | null;
  readonly concurrency: number;
  readonly capacity: number;
  readonly strict: boolean;

  /** The network counts as stuck when nothing has moved for so long. */
  readonly stillMsMax: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** How far the load has come, for people who look on; what is reported in the end comes from the chain. */
export interface LoadProgress {
  readonly phase: "paying" | "waiting for the last blocks" | "reading the chain";
  readonly elapsedMs: number;
  readonly accepted: number;
  readonly confirmed: number;
}

/** What came of it. */
export interface ClusterLoad extends ClusterReplay {
  readonly steady: SteadyRecord;
}

/** The most payments that are followed one by one. */
const RECORDS_MAX = 200_000;

/** Waits for coins, each payment accepted, from which on they shape the result. */
const HELD_BACK_SHARE_MAX = 0.02;

/** Payments that this program sent late, each payment, from which on the rate was not kept. */
const LATE_SHARE_MAX = 0.01;

/** A warm-up is a fifth of the load, and at most this. */
const WARM_UP_MS_MAX = 5_000;
const PROGRESS_INTERVAL_MS = 200;
/**
 * Nobody waits for an event, and each carries its node's time: in pieces that come rarely they cost nodes and
 * this program a fifth.
 */
const EVENT_INTERVAL_MS = 200;

/** How much is cut off at the beginning unless somebody says otherwise. */
export function warmUpOf(durationMs: number): number {
  return Math.min(WARM_UP_MS_MAX, durationMs / 5);
}

export async function loadCluster(
  cluster: Cluster,
  options: ClusterLoadOptions,
): Promise<ClusterLoad> {
  const waitingMax = options.strict ? options.capacity - 1 : 0;
  const sample = new TxidSample();
  const records = new Map<string, LineRecord>();
  const rejected = new Map<string, number>();
  let accepted = 0;
  let heldBack = 0;
  let late = 0;
  let startMs = 0;

  const run = await watchRun(cluster, {
    ...options,
    waitingMax,
    eventIntervalMs: EVENT_INTERVAL_MS,
    isWanted: (txid) => records.has(txid),
    isKept: (txid) => sample.isKept(txid),
  }, send);
  const { observers, chain } = run;
  const transactions = transactionRecords([...records.values()], {
    observers,
    places: chain.places,
  });
  const blocks = blockRecords({ ...run, chain: chain.blocks });
  const confirmed = chain.blocks.reduce((sum, { transactionCount }) => sum + transactionCount, 0);
  const waiting = accepted - confirmed;
  const findings = findProblems({ ...run, transactions, waiting, waitingMax });
  const refused = [...rejected.values()].reduce((sum, count) => sum + count, 0);
  return {
    transactions,
    blocks,
    nodes: run.nodes,
    invalid: findings.problems,
    warnings: [
      ...findings.warnings,
      ...loadWarnings({ accepted, heldBack, late, unsent: rejected.get(NOT_SENT_CODE) ?? 0 }),
    ],
    steady: {
      startMs,
      durationMs: options.durationMs,
      warmUpMs: options.warmUpMs,
      offered: accepted + refused,
      accepted,
      rejected: Object.fromEntries([...rejected].sort(([a], [b]) => a < b ? -1 : 1)),
      confirmed,
      heldBack,
      sampledShare: sample.share,
    },
  };

  async function send(watch: ClusterWatch, signal: AbortSignal): Promise<void> {
    startMs = Date.now();
    let phase: LoadProgress["phase"] = "paying";
    const timer = setInterval(() => {
      const elapsedMs = Date.now() - startMs;
      const confirmed = Math.min(accepted, inBlocks(watch.observers[0]));
      options.onProgress?.({ phase, elapsedMs, accepted, confirmed });
    }, PROGRESS_INTERVAL_MS);
    try {
      await runLoad(ringOf(cluster), {
        durationMs: options.durationMs,
        ratePerSecond: options.ratePerSecond,
        concurrency: options.concurrency,
        now: () => performance.timeOrigin + performance.now(),
        signal,
        onHeldBack: (count) => heldBack += count,
        onLate: (count) => late += count,
        onPayment: (payment) => note(payment, watch),
      });
      phase = "waiting for the last blocks";
      await watch.settled({ ...options, waitingMax, signal });
    } finally {
      clearInterval(timer);
    }
  }

  function note(payment: LoadedPayment, watch: ClusterWatch): void {
    const { answer, ...times } = payment;
    if (answer.kind === "refused") {
      rejected.set(answer.code, (rejected.get(answer.code) ?? 0) + 1);
      return;
    }
    accepted++;
    const { txid } = answer;
    if (!sample.isKept(txid)) return;
    records.set(txid, {
      ...times,
      lineNumber: accepted,
      receiverId: (payment.nodeId + 1) % cluster.nodes.length,
      amount: 1,
      attempts: 1,
      outcome: "accepted",
      code: null,
      txid,
    });
    if (records.size <= RECORDS_MAX) return;
    sample.halve();
    const isKept = (each: string) => sample.isKept(each);
    for (const each of records.keys()) if (!isKept(each)) records.delete(each);
    for (const observer of watch.observers) observer.forget(isKept);
  }
}

/** What made the load another one than was wanted. */
function loadWarnings({ accepted, heldBack, late, unsent }: {
  readonly accepted: number;
  readonly heldBack: number;
  readonly late: number;
  readonly unsent: number;
}): readonly Finding[] {
  const warnings: Finding[] = [];
  if (heldBack > HELD_BACK_SHARE_MAX * accepted) {
    const text =
      `Wallets waited for coins ${heldBack} times: more --coins would load the network ` +
      "more";
    warnings.push({ code: "coins-short", text });
  }
  if (unsent > 0) {
    const text = `${unsent} payments were due and not sent: the network did not answer as fast`;
    warnings.push({ code: "rate-missed", text });
  }
  if (late > LATE_SHARE_MAX * (accepted + unsent)) {
    const text = `${late} payments went out more than 50 ms after they were due: the load ` +
      "generator was the limit, not the network";
    warnings.push({ code: "generator-limited", text });
  }
  return warnings;
}

/** How many transactions the blocks hold that a node connected last at each height. */
function inBlocks(observer: NodeObserver | undefined): number {
  const counts = new Map<number, { readonly atMs: number; readonly count: number }>();
  for (const { height, connectedAtMs, transactionCount } of observer?.blocks.values() ?? []) {
    if (connectedAtMs === null || connectedAtMs < (counts.get(height)?.atMs ?? 0)) continue;
    counts.set(height, { atMs: connectedAtMs, count: transactionCount ?? 0 });
  }
  return [...counts.values()].reduce((sum, { count }) => sum + count, 0);
}

/** Each node pays the next one. */
function ringOf({ nodes }: Cluster): readonly LoadClient[] {
  return nodes.map(({ id, payments }, index) => ({
    nodeId: id,
    pay: createListPayer(payments, (index + 1) % nodes.length),
  }));
}

/** Pays one coin this many times, as one list. */
export function createListPayer(
  client: Pick<ApiClient, "payAll">,
  to: number,
): LoadClient["pay"] {
  return async (count) => {
    const answer = await client.payAll(Array.from({ length: count }, () => ({ to, amount: 1 })));
    if (!answer.ok) return Array.from({ length: count }, () => refusal(answer.error));
    return answer.value.answers.map((each): PaymentAnswer =>
      "txid" in each
        ? { kind: "accepted", txid: each.txid }
        : { kind: "refused", code: each.error.code }
    );
  };
}

function refusal({ code }: ClientError): PaymentAnswer {
  return { kind: "refused", code };
}
