/**
 * One node and its API: how many payments a second it takes, one a request and in lists, and how much
 * processor time of the node's each takes, mining included: what counts where the machine is busy.
 *
 * One a request is measured twice: by a sender that costs next to nothing, for what the server can do, and
 * by the program's own client, which shares the two cores with it.
 *
 * Run: `deno run -A bench/payment_door.ts`
 *
 * @module
 */
import { findToken } from "../lib/client/token_file.ts";
import { createListPayer } from "../lib/cluster/cluster_load.ts";
import { readNodeCounters } from "../lib/cluster/node_counters.ts";
import { type Cluster, startCluster } from "../lib/cluster/start_cluster.ts";
import { PAYMENTS_PATH } from "../lib/http/payment_door.ts";
import { DEFAULT_PARAMS } from "../lib/params.ts";
import { LIST_SIZE_MAX, type LoadClient, runLoad } from "../lib/workload/run_load.ts";
import { sendPlainly } from "./plain_sender.ts";

const SECONDS = 5;
const CONCURRENCY = 32;

/** Pays for the given time; calls back with what came of each payment. */
type Sender = (onAnswer: (kind: string) => void) => Promise<void>;

const cluster = await startCluster({
  ...DEFAULT_PARAMS,
  nodes: 1,
  capacity: 2_000,
  coinsPerNode: 1_000_000,
  // Blocks follow each other faster than payments come, so that the pool never fills.
  difficulty: 3,
  host: "127.0.0.1",
  threads: 1,
  hashRateLimit: 50_000,
  linkLatencyMs: 0,
  linkLoss: 0,
  startMsMax: 60_000,
  signal: new AbortController().signal,
});
try {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error("A cluster has a node");
  const oneARequest = byPlainSender(node);
  const senders: readonly (readonly [string, Sender])[] = [
    ["warm-up", oneARequest],
    ["one a request", oneARequest],
    ["one a request, the program's client", byLoad(payerOf(node), CONCURRENCY, 1)],
    [
      `lists of ${LIST_SIZE_MAX}`,
      byLoad(createListPayer(node.client, node.id), 1, 4 * LIST_SIZE_MAX),
    ],
  ];
  for (const [name, send] of senders) {
    console.log(JSON.stringify({ name, ...await run(node, send) }));
  }
} finally {
  await cluster.stop();
}

async function run({ url }: Cluster["nodes"][number], send: Sender) {
  const counts = new Map<string, number>();
  const { cpuMs: startCpuMs } = await readNodeCounters(url);
  const startMs = performance.now();
  await send((kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  const seconds = (performance.now() - startMs) / 1000;
  const { cpuMs: endCpuMs } = await readNodeCounters(url);
  const accepted = counts.get("accepted") ?? 0;
  return {
    perSecond: Math.round(accepted / seconds),
    cpuUsEach: Math.round(1000 * (endCpuMs - startCpuMs) / accepted),
    ...Object.fromEntries(counts),
  };
}

function byPlainSender({ url, id, process }: Cluster["nodes"][number]): Sender {
  const { token } = findToken({ dataDir: process.dataDir, host: "127.0.0.1", port: 0 });
  return (onAnswer) =>
    sendPlainly({
      url,
      path: PAYMENTS_PATH,
      headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ to: id, amount: 1 }),
      connections: CONCURRENCY,
      durationMs: 1000 * SECONDS,
      onAnswer: (status) => onAnswer(status === 202 ? "accepted" : String(status)),
    });
}

function byLoad(pay: LoadClient["pay"], clients: number, concurrency: number): Sender {
  return (onAnswer) =>
    runLoad(Array.from({ length: clients }, () => ({ nodeId: 0, pay })), {
      durationMs: 1000 * SECONDS,
      ratePerSecond: null,
      concurrency,
      now: () => performance.now(),
      signal: new AbortController().signal,
      onHeldBack: () => {},
      onPayment: ({ answer }) => onAnswer(answer.kind === "accepted" ? "accepted" : answer.code),
    });
}

function payerOf({ client, id }: Cluster["nodes"][number]): LoadClient["pay"] {
  return async () => {
    const answer = await client.pay(id, 1);
    return [
      answer.ok
        ? { kind: "accepted", txid: answer.value.txid }
        : { kind: "refused", code: answer.error.code },
    ];
  };
}
