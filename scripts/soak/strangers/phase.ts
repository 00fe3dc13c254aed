/**
 * What a network feels for some seconds: payments at a steady rate, one member killed and started again
 * meanwhile, and the first node looked at all the time.
 *
 * @module
 */
import { FLAGS_VARIABLE, NODE_ENVIRONMENT, NODE_FLAGS } from "../../../lib/cluster/node_process.ts";
import { readToken } from "../../../lib/store/data_folder.ts";
import {
  type NodeProcess,
  type NodeProcesses,
  untilAnswer,
} from "../../../lib/testing/spawned_node.ts";
import { readProcessUsage } from "../../process_usage.ts";
import { type LoadResult, type Payer, payFor } from "./paid_load.ts";

/** What one phase looked like from inside the network. */
export interface PhaseResult {
  readonly load: LoadResult;
  /** From the restarted member's first line until the attacked node is connected to it. */
  readonly backAfterMs: number;
  /** Looks at the attacked node at which a member that runs was not connected. */
  readonly linksLost: number;
  readonly memoryBytesMax: number;
  /** Processor time of the attacked node in a second. */
  readonly cpuMsPerSecond: number;
}

export const NODES = 5;
/** Of every node, started again or not. */
export const NODE_ARGS: readonly string[] = ["--hash-rate-limit", "50kH/s"];
/** As the packed program and the cluster start a node. */
export const PROCESS_ENVIRONMENT: Readonly<Record<string, string>> = {
  ...NODE_ENVIRONMENT,
  [FLAGS_VARIABLE]: NODE_FLAGS,
};
const RESTARTED = NODES - 1;
const LOOK_MS = 250;

export async function runPhase(
  processes: NodeProcesses,
  nodes: NodeProcess[],
  { seconds, perSecond }: { readonly seconds: number; readonly perSecond: number },
): Promise<PhaseResult> {
  const [target] = nodes as [NodeProcess];
  const startedAtMs = performance.now();
  const cpuMsBefore = readProcessUsage(target.pid).cpuMs ?? NaN;
  const over = new AbortController();
  const looking = lookAt(processes, nodes, over.signal);
  try {
    const [load, backAfterMs] = await Promise.all([
      payFor(payersOf(processes, nodes), { perSecond, seconds }),
      restartMember(processes, nodes, seconds * 1000 / 3),
    ]);
    const cpuMs = (readProcessUsage(target.pid).cpuMs ?? NaN) - cpuMsBefore;
    const cpuMsPerSecond = cpuMs / (performance.now() - startedAtMs) * 1000;
    over.abort();
    return { load, backAfterMs, ...await looking, cpuMsPerSecond };
  } finally {
    over.abort();
  }
}

/** Those that pay: all that are not restarted. */
export function payersOf(processes: NodeProcesses, nodes: readonly NodeProcess[]): Payer[] {
  return nodes.slice(0, RESTARTED).map((node, index) => ({
    node,
    token: readToken(`${processes.folder}/node-${index}`) as string,
  }));
}

/** Looks at the first node until told to end. */
async function lookAt(
  processes: NodeProcesses,
  nodes: readonly NodeProcess[],
  signal: AbortSignal,
): Promise<Pick<PhaseResult, "linksLost" | "memoryBytesMax">> {
  const [target] = nodes as [NodeProcess];
  const headers = ownerHeaders(processes);
  let linksLost = 0;
  let memoryBytesMax = 0;
  while (!signal.aborted) {
    memoryBytesMax = Math.max(memoryBytesMax, residentBytes(target.pid));
    const json = await fetch(`${target.url}/api/v1/ring`, { headers })
      .then((response) => response.json())
      .catch(() => ({ nodes: [] }));
    const healths = new Map<number, string>(
      json.nodes.map((node: { wallet: { nodeId: number }; health: string }) => [
        node.wallet.nodeId,
        node.health,
      ]),
    );
    for (const node of nodes.slice(1, RESTARTED)) {
      if (healths.get(node.id as number) !== "connected") linksLost++;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return { linksLost, memoryBytesMax };
}

/** Kills the last member, starts it again, and waits until the attacked node has it back. */
async function restartMember(
  processes: NodeProcesses,
  nodes: NodeProcess[],
  afterMs: number,
): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const [target] = nodes as [NodeProcess];
  const old = nodes[RESTARTED] as NodeProcess;
  const { port } = new URL(old.url);
  const { id } = old;
  await old.stop("SIGKILL");
  const health = () => healthOf(target, ownerHeaders(processes), id);
  await untilAnswer(health, (text) => text !== "connected");
  const args = ["--port", port, "--bootstrap-url", target.url, ...NODE_ARGS];
  const again = await processes.start(`node-${RESTARTED}`, args, PROCESS_ENVIRONMENT).listening();
  const listeningAtMs = performance.now();
  nodes[RESTARTED] = again;
  await untilAnswer(health, (text) => text === "connected");
  const backAfterMs = performance.now() - listeningAtMs;
  await again.ready();
  return backAfterMs;
}

async function healthOf(
  { url }: NodeProcess,
  headers: HeadersInit,
  id: number | null | undefined,
): Promise<string> {
  const response = await fetch(`${url}/api/v1/ring`, { headers });
  const { nodes } = await response.json();
  return nodes.find((each: { wallet: { nodeId: number } }) => each.wallet.nodeId === id).health;
}

/** The first node's owner: everybody else may have to wait while strangers read. */
function ownerHeaders({ folder }: NodeProcesses): HeadersInit {
  return { authorization: `Bearer ${readToken(`${folder}/node-0`)}` };
}

function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
