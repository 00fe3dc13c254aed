/**
 * One network under load, first left in peace and then attacked: what members, payers and memory feel.
 *
 * ```
 * five nodes, payments → warm → quiet: a member restarts → attacked: a member restarts again → figures
 * ```
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { invariant } from "../../../lib/result.ts";
import { readProcessUsage } from "../../process_usage.ts";
import { readToken } from "../../../lib/store/data_folder.ts";
import {
  askNode,
  type NodeProcess,
  type NodeProcesses,
  untilAnswer,
  withNodeProcesses,
} from "../../../lib/testing/spawned_node.ts";
import type { AttackCounts } from "./attack.ts";
import { type LoadResult, type Payer, payFor } from "./paid_load.ts";
import { scatterCoins } from "./scatter_coins.ts";

export interface StrangersPlan {
  readonly attacks: readonly string[];
  readonly addresses: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Coins that the ledger holds before anything is measured, each in a wallet of its own; 0: as it comes. */
  readonly coins: number;
}

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

export interface StrangersResult {
  readonly quiet: PhaseResult;
  readonly attacked: PhaseResult;
  /** Calls to addresses that only strangers have told. */
  readonly outsideCalls: number;
  readonly counts: Readonly<Record<string, AttackCounts>>;
  /** Processor time in a second of all attackers together; they run only where nobody else wants to. */
  readonly attackersCpuMsPerSecond: number;
}

const NODES = 5;
const RESTARTED = NODES - 1;
const LOOK_MS = 250;

export async function runStrangers(plan: StrangersPlan): Promise<StrangersResult> {
  let result: StrangersResult | undefined;
  let outsideCalls = 0;
  const sink = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    outsideCalls++;
    return new Response(null, { status: 404 });
  });
  await withNodeProcesses(async (processes) => {
    const nodes = await processes.network(NODES, [
      ...["--capacity", "1000", "--block-wait", "200ms", "--coins", "1000000"],
    ]);
    const [target] = nodes as [NodeProcess];
    if (plan.coins > 0) await scatterCoins(payersOf(processes, nodes), plan.coins);
    await phase(processes, nodes, plan);
    const quiet = await phase(processes, nodes, plan);
    const sinkUrl = `http://127.0.0.1:${sink.addr.port}`;
    const attackers = await Promise.all(plan.attacks.map(async (name) => ({
      name,
      child: await startAttacker(name, target.url, plan, sinkUrl),
    })));
    const cpuMs = () => attackers.reduce((all, { child }) => all + child.cpuMs(), 0);
    const [startedAtMs, cpuMsBefore] = [performance.now(), cpuMs()];
    const attacked = await phase(processes, nodes, plan);
    const seconds = (performance.now() - startedAtMs) / 1000;
    const attackersCpuMsPerSecond = (cpuMs() - cpuMsBefore) / seconds;
    const counts: Record<string, AttackCounts> = {};
    for (const { name, child } of attackers) counts[name] = await child.end();
    result = { quiet, attacked, outsideCalls, counts, attackersCpuMsPerSecond };
  });
  await sink.shutdown();
  return { ...result as StrangersResult, outsideCalls };
}

async function phase(
  processes: NodeProcesses,
  nodes: NodeProcess[],
  plan: StrangersPlan,
): Promise<PhaseResult> {
  const [target] = nodes as [NodeProcess];
  const payers = payersOf(processes, nodes);
  const startedAtMs = performance.now();
  const cpuMsBefore = readProcessUsage(target.pid).cpuMs ?? NaN;
  let linksLost = 0;
  let memoryBytesMax = 0;
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      memoryBytesMax = Math.max(memoryBytesMax, residentBytes(target.pid));
      // As the owner: everybody else may have to wait while strangers read.
      const token = readToken(`${processes.folder}/node-0`);
      const json = await fetch(`${target.url}/api/v1/ring`, {
        headers: { authorization: `Bearer ${token}` },
      }).then((response) => response.json()).catch(() => ({ nodes: [] }));
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
  })();
  const [load, backAfterMs] = await Promise.all([
    payFor(payers, plan),
    restartMember(processes, nodes, plan.seconds * 1000 / 3),
  ]);
  const cpuMs = (readProcessUsage(target.pid).cpuMs ?? NaN) - cpuMsBefore;
  const cpuMsPerSecond = cpuMs / (performance.now() - startedAtMs) * 1000;
  isOver = true;
  await looking;
  return { load, backAfterMs, linksLost, memoryBytesMax, cpuMsPerSecond };
}

/** Those that pay: all that are not restarted. */
function payersOf(processes: NodeProcesses, nodes: readonly NodeProcess[]): Payer[] {
  return nodes.slice(0, RESTARTED).map((node, index) => ({
    node,
    token: readToken(`${processes.folder}/node-${index}`) as string,
  }));
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
  await untilAnswer(() => healthOf(target, id), (health) => health !== "connected");
  const args = ["--port", port, "--bootstrap-url", target.url];
  const again = await processes.start(`node-${RESTARTED}`, args).listening();
  const listeningAtMs = performance.now();
  nodes[RESTARTED] = again;
  await untilAnswer(() => healthOf(target, id), (health) => health === "connected");
  const backAfterMs = performance.now() - listeningAtMs;
  await again.ready();
  return backAfterMs;
}

async function healthOf(node: NodeProcess, id: number | null | undefined): Promise<string> {
  const { json } = await askNode(node, "/ring");
  return json.nodes.find((each: { wallet: { nodeId: number } }) => each.wallet.nodeId === id)
    .health;
}

/** Resolves when the attack has begun. Strangers have machines of their own: on this one they come last. */
async function startAttacker(name: string, url: string, plan: StrangersPlan, sinkUrl: string) {
  const script = new URL("./attacker.ts", import.meta.url).pathname;
  const run = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", script];
  const child = new Deno.Command("nice", {
    args: ["-n", "19", ...run, name, url, `${plan.addresses}`, sinkUrl],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = createInterface({ input: Readable.fromWeb(child.stdout) })[Symbol.asyncIterator]();
  const ready = await lines.next();
  invariant(ready.value === "ready", `The attacker begins: ${name}`);
  return {
    cpuMs: () => readProcessUsage(child.pid).cpuMs ?? NaN,
    async end(): Promise<AttackCounts> {
      await child.stdin.close();
      const { value = "" } = await lines.next();
      await child.status;
      return JSON.parse(value);
    },
  };
}

function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
