/**
 * A whole network of real processes under payments over HTTP: what is accepted, what is confirmed, and
 * where the processors' time goes.
 *
 * Every node pays its neighbour over so many kept-alive connections, one payment after the other on each.
 * The requests are bytes that are made once and the answers are barely looked at, so that the driver takes
 * as little of the machine as it can. Confirmed is what the chain holds of the blocks that were mined in
 * the second half of the load: a steady state, without the filling of the pools. The processor time of all
 * nodes in that half, an accepted payment and node, says what a payment costs, whatever else the machine does.
 *
 * Run: `deno run -A bench/network_load.ts --nodes 5 --capacity 2000 --hash-rate 50000 --seconds 20`
 * With `--profile <folder>` every node leaves a CPU profile there (`deno run --cpu-prof`).
 *
 * @module
 */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { type Cluster, type ClusterNode, startCluster } from "../lib/cluster/start_cluster.ts";
import { readProcessUsage } from "../scripts/process_usage.ts";
import { readMainChain } from "../lib/cluster/read_main_chain.ts";
import { SELF_VARIABLE } from "../lib/terminal/self_command.ts";
import { findToken } from "../lib/client/token_file.ts";
import { createTransactionVerifier } from "../lib/consensus/transaction_verifier.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import { DEFAULT_PARAMS } from "../lib/params.ts";
import { payment } from "../lib/simulation/sign_transaction.ts";
import { testParams } from "../lib/testing/test_params.ts";
import type { Amount } from "../lib/primitives/amount.ts";
import type { Height } from "../lib/primitives/header.ts";
import { outpointOf } from "../lib/primitives/outpoint.ts";

const ROOT = join(import.meta.dirname as string, "..");

/** One kept-alive connection that pays as fast as it is answered. */
export async function payOn(
  node: Pick<ClusterNode, "url"> & { readonly process: { readonly dataDir: string } },
  { body, until, onAnswer }: {
    readonly body: string;
    readonly until: () => boolean;
    readonly onAnswer: (status: number, ms: number) => void;
  },
): Promise<void> {
  const { hostname, port } = new URL(node.url);
  const { token } = findToken({ dataDir: node.process.dataDir, host: "127.0.0.1", port: 0 });
  const connection = await Deno.connect({ hostname, port: Number(port) });
  connection.setNoDelay();
  const request = new TextEncoder().encode(
    `POST /api/v1/payments HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const buffer = new Uint8Array(16_384);
  const decoder = new TextDecoder();
  try {
    while (!until()) {
      const startedMs = performance.now();
      for (let sent = 0; sent < request.length;) {
        sent += await connection.write(request.subarray(sent));
      }
      let text = "";
      for (;;) {
        const size = await connection.read(buffer);
        if (size === null) throw new Error(`${node.url} closed the connection`);
        text += decoder.decode(buffer.subarray(0, size));
        const headEnd = text.indexOf("\r\n\r\n");
        if (headEnd < 0) continue;
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        if (text.length >= headEnd + 4 + length) break;
      }
      onAnswer(Number(text.slice(9, 12)), performance.now() - startedMs);
    }
  } finally {
    connection.close();
  }
}

/** Signatures that one core verifies in a second, measured now. */
function verificationsPerSecond(): number {
  const params = testParams();
  const from = numberedKeyPair(0);
  const to = numberedKeyPair(1).publicKey;
  const [genesis] = params.genesis.transactions;
  if (genesis === undefined) throw new Error("Genesis has a transaction");
  const coin = { owner: from.publicKey, amount: 100 as Amount, height: 0 as Height };
  const outpoint = outpointOf(genesis.txid, 0);
  const transaction = payment([[outpoint, coin]], { params, from, to, amount: 1 });
  const startedMs = performance.now();
  let count = 0;
  for (; performance.now() - startedMs < 1000; count++) {
    createTransactionVerifier(params).verify(transaction);
  }
  return count;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

async function load(
  cluster: Cluster,
  { seconds, connections }: { readonly seconds: number; readonly connections: number },
) {
  const { nodes } = cluster;
  const statuses = new Map<number, number>();
  const latencies: number[] = [];
  const beforeMs = nodes.map(({ process }) => readProcessUsage(process.pid).cpuMs ?? 0);
  const driverBefore = readProcessUsage(Deno.pid).cpuMs ?? 0;
  const startAtMs = Date.now();
  const steadyFromMs = startAtMs + 500 * seconds;
  const endAtMs = startAtMs + 1000 * seconds;
  let acceptedInSteady = 0;
  const cpuMsOfNodes = () =>
    nodes.reduce((sum, { process }) => sum + (readProcessUsage(process.pid).cpuMs ?? NaN), 0);
  let steadyFromCpuMs = NaN;
  setTimeout(() => steadyFromCpuMs = cpuMsOfNodes(), 500 * seconds);
  await Promise.all(nodes.flatMap((node, index) => {
    const body = JSON.stringify({ to: (index + 1) % nodes.length, amount: 1 });
    return Array.from({ length: connections }, () =>
      payOn(node, {
        body,
        until: () => Date.now() >= endAtMs,
        onAnswer: (status, ms) => {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          latencies.push(ms);
          if (status === 202 && Date.now() >= steadyFromMs) acceptedInSteady++;
        },
      }));
  }));
  const steadyCpuMs = cpuMsOfNodes() - steadyFromCpuMs;
  const cpuMs = nodes.map(({ process }, index) =>
    (readProcessUsage(process.pid).cpuMs ?? 0) - (beforeMs[index] ?? 0)
  );
  const driverCpuMs = (readProcessUsage(Deno.pid).cpuMs ?? 0) - driverBefore;
  const [first] = nodes as [ClusterNode];
  const status = await first.client.status();
  const { blocks } = await readMainChain(first.client, { fromHeight: 1, isWanted: () => false });
  const steady = blocks.filter(({ timestampMs }) =>
    timestampMs >= steadyFromMs && timestampMs < endAtMs
  );
  const confirmed = steady.reduce((sum, { transactionCount }) => sum + transactionCount, 0);
  latencies.sort((a, b) => a - b);
  return {
    answers: Object.fromEntries(statuses),
    acceptedPerSecond: Math.round(acceptedInSteady / (seconds / 2)),
    confirmedPerSecond: Math.round(confirmed / (seconds / 2)),
    blocks: blocks.length,
    transactionsPerBlock: Math.round(confirmed / Math.max(steady.length, 1)),
    waiting: status.ok ? status.value.chain?.transactionsWaiting : undefined,
    answerMs: {
      p50: Number(percentile(latencies, 0.5).toFixed(2)),
      p99: Number(percentile(latencies, 0.99).toFixed(2)),
    },
    cpuUsPerPaymentAndNode: Math.round(1000 * steadyCpuMs / acceptedInSteady / nodes.length),
    nodeCpuShare: cpuMs.map((ms) => Number((ms / 1000 / seconds).toFixed(2))),
    driverCpuShare: Number((driverCpuMs / 1000 / seconds).toFixed(2)),
    memoryMiB: nodes.map(({ process }) =>
      Math.round((readProcessUsage(process.pid).memoryBytes ?? 0) / 2 ** 20)
    ),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      nodes: { type: "string", default: "5" },
      capacity: { type: "string", default: "2000" },
      difficulty: { type: "string", default: "4" },
      "hash-rate": { type: "string", default: "50000" },
      seconds: { type: "string", default: "20" },
      connections: { type: "string", default: "8" },
      coins: { type: "string", default: "1000000" },
      profile: { type: "string" },
    },
  });
  if (values.profile !== undefined) {
    Deno.mkdirSync(values.profile, { recursive: true });
    const script = join(values.profile, "node.sh");
    const deno = `${Deno.execPath()} run -A --quiet --cpu-prof --cpu-prof-dir=${values.profile}`;
    Deno.writeTextFileSync(script, `#!/bin/sh\nexec ${deno} ${ROOT}/main.ts "$@"\n`, {
      mode: 0o700,
    });
    Deno.env.set(SELF_VARIABLE, script);
  }
  const nodes = Number(values.nodes);
  const verifications = verificationsPerSecond();
  const cluster = await startCluster({
    ...DEFAULT_PARAMS,
    nodes,
    capacity: Number(values.capacity),
    difficulty: Number(values.difficulty),
    coinsPerNode: Number(values.coins),
    host: "127.0.0.1",
    threads: 1,
    hashRateLimit: Number(values["hash-rate"]),
    linkLatencyMs: 0,
    linkLoss: 0,
    startMsMax: 60_000,
    signal: new AbortController().signal,
  });
  try {
    const figures = await load(cluster, {
      seconds: Number(values.seconds),
      connections: Number(values.connections),
    });
    const signatureBound = Math.round(2 * verifications / nodes);
    const shareOfBound = Number((figures.confirmedPerSecond / signatureBound).toFixed(3));
    console.log(JSON.stringify({ ...figures, signatureBound, shareOfBound }, null, 1));
  } finally {
    await cluster.stop();
  }
}
