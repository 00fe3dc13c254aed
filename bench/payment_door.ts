/**
 * One node and its API: how many payments a second it takes, one a request and in lists, and how much
 * processor time of the node's each takes, mining included: what counts where the machine is busy.
 *
 * Run: `deno run -A bench/payment_door.ts`
 *
 * @module
 */
import { createListPayer } from "../lib/cluster/cluster_load.ts";
import { readNodeCounters } from "../lib/cluster/node_counters.ts";
import { startCluster } from "../lib/cluster/start_cluster.ts";
import { DEFAULT_PARAMS } from "../lib/params.ts";
import { LIST_SIZE_MAX, runLoad } from "../lib/workload/run_load.ts";

const SECONDS = 5;
const CONCURRENCY = 32;

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
  const payList = createListPayer(node.client, 0);
  const payOne = async () => {
    const answer = await node.client.pay(0, 1);
    return [
      answer.ok
        ? { kind: "accepted" as const, txid: answer.value.txid }
        : { kind: "refused" as const, code: answer.error.code },
    ];
  };
  for (
    const [name, pay, clients, concurrency] of [
      ["warm-up", payOne, CONCURRENCY, 1],
      ["one a request", payOne, CONCURRENCY, 1],
      [`lists of ${LIST_SIZE_MAX}`, payList, 1, 4 * LIST_SIZE_MAX],
    ] as const
  ) {
    const counts = new Map<string, number>();
    const startMs = performance.now();
    const { cpuMs: startCpuMs } = await readNodeCounters(node.url);
    await runLoad(
      Array.from({ length: clients }, () => ({ nodeId: 0, pay })),
      {
        durationMs: 1000 * SECONDS,
        ratePerSecond: null,
        concurrency,
        now: () => performance.now(),
        signal: new AbortController().signal,
        onHeldBack: () => {},
        onPayment({ answer }) {
          const key = answer.kind === "accepted" ? "accepted" : answer.code;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        },
      },
    );
    const seconds = (performance.now() - startMs) / 1000;
    const accepted = counts.get("accepted") ?? 0;
    const perSecond = Math.round(accepted / seconds);
    const { cpuMs: endCpuMs } = await readNodeCounters(node.url);
    const cpuUsEach = Math.round(1000 * (endCpuMs - startCpuMs) / accepted);
    console.log(JSON.stringify({ name, perSecond, cpuUsEach, ...Object.fromEntries(counts) }));
  }
} finally {
  await cluster.stop();
}
