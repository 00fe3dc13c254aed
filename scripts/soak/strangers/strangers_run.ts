/**
 * One network under load, first left in peace and then attacked by one kind of strangers after the other:
 * what members, payers and memory feel.
 *
 * ```
 * folders with coins → five nodes → payments → for each round: left in peace → attacked → attacked otherwise
 *                                              → left in peace
 * ```
 *
 * All rounds use one network: what an attack leaves behind counts for the next one.
 *
 * @module
 */
import {
  askNode,
  type NodeProcess,
  NodeProcesses,
  untilAnswer,
} from "../../../lib/testing/spawned_node.ts";
import { invariant } from "../../../lib/result.ts";
import type { AttackCounts } from "./attack.ts";
import { type AttackerProcess, startAttacker } from "./attacker_process.ts";
import { NODE_ARGS, NODES, type PhaseResult, PROCESS_ENVIRONMENT, runPhase } from "./phase.ts";
import { prepareNetwork } from "./prepare_network.ts";

/** Attacks that go on together, from so many addresses. */
export interface Siege {
  readonly name: string;
  readonly attacks: readonly string[];
  readonly addresses: number;
}

export interface StrangersPlan {
  /** Each round is compared with the quiet phase before it. */
  readonly rounds: readonly (readonly Siege[])[];
  /** How long each phase takes, quiet or not. */
  readonly seconds: number;
  readonly perSecond: number;
  /** Coins that the ledger holds before anything is measured, each in a wallet of its own; 0: as it comes. */
  readonly coins: number;
}

export interface SiegeResult extends Siege {
  readonly quiet: PhaseResult;
  readonly attacked: PhaseResult;
  /** Calls to addresses that only strangers have told. */
  readonly outsideCalls: number;
  readonly counts: Readonly<Record<string, AttackCounts>>;
  /** Processor time in a second of all attackers together; they run only where nobody else wants to. */
  readonly attackersCpuMsPerSecond: number;
}

/**
 * With the hash rates of the nodes, blocks take some 0.26 s to find, far longer than to pass on: a fork is an
 * exception, as in a real network.
 */
const CHOICE = { difficulty: 4, capacity: 1_000, blockWaitMs: 200, coinsPerNode: 1_000_000 };

/** Gives each result as soon as it is there, and says what it does meanwhile. */
export async function* runStrangers(
  plan: StrangersPlan,
  { say = () => {}, onQuiet = () => {} }: {
    readonly say?: (text: string) => void;
    /** Hears what each quiet phase was like. */
    readonly onQuiet?: (quiet: PhaseResult) => void;
  } = {},
): AsyncGenerator<SiegeResult> {
  let calls = 0;
  const sink = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    calls++;
    return new Response(null, { status: 404 });
  });
  const sinkUrl = `http://127.0.0.1:${sink.addr.port}`;
  const processes = new NodeProcesses();
  try {
    say(`writes a ledger of ${plan.coins} coins`);
    const { coins } = plan;
    await prepareNetwork(processes.folder, { nodes: NODES, coins, choice: CHOICE });
    say(`starts ${NODES} nodes`);
    const start = (index: number, args: readonly string[]) =>
      processes.start(`node-${index}`, [...args, ...NODE_ARGS], PROCESS_ENVIRONMENT);
    const first = await start(0, ["--bootstrap"]).listening();
    const others = Array.from(
      { length: NODES - 1 },
      (_, index) => start(index + 1, ["--bootstrap-url", first.url]),
    );
    const nodes = await Promise.all([first, ...others].map((node) => node.ready()));
    // What is compiled and cached after this is there in every phase.
    say("warms up");
    await runPhase(processes, nodes, plan);
    const leaveInPeace = async () => {
      await untilSettled(nodes);
      say("left in peace");
      const quiet = await runPhase(processes, nodes, plan);
      onQuiet(quiet);
      return quiet;
    };
    for (const round of plan.rounds) {
      const quiet = await leaveInPeace();
      for (const siege of round) {
        await untilSettled(nodes);
        say(`${siege.name}, addresses: ${siege.addresses}`);
        const callsBefore = calls;
        const attacked = await runSiege(processes, nodes, { plan, siege, sinkUrl });
        yield { ...siege, quiet, ...attacked, outsideCalls: calls - callsBefore };
      }
    }
    await leaveInPeace();
  } finally {
    await processes.close();
    await sink.shutdown();
  }
}

/** One phase while strangers attack the first node. */
async function runSiege(
  processes: NodeProcesses,
  nodes: NodeProcess[],
  { plan, siege, sinkUrl }: {
    readonly plan: StrangersPlan;
    readonly siege: Siege;
    readonly sinkUrl: string;
  },
): Promise<Pick<SiegeResult, "attacked" | "counts" | "attackersCpuMsPerSecond">> {
  const { url } = nodes[0] as NodeProcess;
  const attackers: AttackerProcess[] = [];
  try {
    for (const name of siege.attacks) {
      attackers.push(await startAttacker({ name, url, addresses: siege.addresses, sinkUrl }));
    }
    const cpuMs = () => attackers.reduce((all, attacker) => all + attacker.cpuMs(), 0);
    const [startedAtMs, cpuMsBefore] = [performance.now(), cpuMs()];
    const attacked = await runPhase(processes, nodes, plan);
    const seconds = (performance.now() - startedAtMs) / 1000;
    const attackersCpuMsPerSecond = (cpuMs() - cpuMsBefore) / seconds;
    const counts: Record<string, AttackCounts> = {};
    for (const attacker of attackers) counts[attacker.name] = await attacker.end();
    return { attacked, counts, attackersCpuMsPerSecond };
  } finally {
    await Promise.all(attackers.map((attacker) => attacker.kill()));
  }
}

/** Resolves when nothing waits any more and all members are connected to the first one. */
async function untilSettled(nodes: readonly NodeProcess[]): Promise<void> {
  const [target] = nodes;
  invariant(target !== undefined, "A network has nodes");
  await untilAnswer(
    async () => {
      const [{ json: mempool }, { json: ring }] = await Promise.all([
        askNode(target, "/mempool?limit=1"),
        askNode(target, "/ring"),
      ]);
      const connected = ring.nodes.filter(({ health }: { health: string }) =>
        health === "connected"
      );
      return mempool.size === 0 && connected.length >= nodes.length - 1;
    },
    (isSettled) => isSettled,
  );
}
