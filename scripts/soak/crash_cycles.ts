/**
 * Kills nodes of a real network, again and again, while everybody pays; then counts every coin.
 *
 * ```
 * network → [ load → kill -9 one or two nodes, at a random moment or inside a commit → restart → ready ]*
 * → load ends → one tip, empty pools → every acknowledged payment confirmed once, supply exact, chains verify
 * ```
 *
 * A restarted node listens on another port: it keeps its id all the same. Called by the test suite with
 * few cycles, by `deno task soak` with many.
 *
 * @module
 */
import { ByteReader } from "../../lib/bytes.ts";
import { type Block, BLOCK_SIZE_BYTES_MAX, decodeBlock } from "../../lib/primitives/block.ts";
import { invariant } from "../../lib/result.ts";
import { randomStream } from "../../lib/random/random_stream.ts";
import { readToken } from "../../lib/store/data_folder.ts";
import {
  askNode,
  type NodeProcess,
  type NodeProcesses,
  untilAnswer,
} from "../../lib/testing/spawned_node.ts";

export interface CrashCyclesOptions {
  readonly nodes: number;
  readonly cycles: number;
  readonly seed: number;
  /** Hears what happens. */
  readonly report: (text: string) => void;
}

/** A payment that a node has said yes to. */
interface AcknowledgedPayment {
  readonly txid: string;
  readonly payer: number;
}

export interface CrashReport {
  readonly cycles: number;
  readonly kills: number;
  readonly killsInsideCommits: number;
  readonly acknowledged: number;
  readonly height: number;
  readonly supply: number;
}

/** How long the load runs before a kill. */
const LOAD_MS_MIN = 50;
const LOAD_MS_MAX = 600;
/** How soon a payer asks a node again that did not say yes. */
const RETRY_MS = 20;
/** Commits until a node that crashes inside one does so. */
const COMMITS_UNTIL_CRASH_MAX = 40;

/** One place in the ring: its process changes with every restart, its folder does not. */
interface Seat {
  readonly name: string;
  process: NodeProcess;
}

/** Runs the cycles; throws on the first thing that was lost, doubled or split. */
export async function runCrashCycles(
  processes: NodeProcesses,
  { nodes, cycles, seed, report }: CrashCyclesOptions,
): Promise<CrashReport> {
  const random = randomStream(seed, "crash cycles");
  const started = await processes.network(nodes, ["--capacity", "5", "--block-wait", "100ms"]);
  const seats = started.map((process, index): Seat => ({ name: `node-${index}`, process }));
  const acknowledged: AcknowledgedPayment[] = [];
  const loadEnd = new AbortController();
  const payers = seats.map((seat, index) =>
    payUntilEnd(processes, seat, { index, seats, acknowledged, signal: loadEnd.signal })
  );

  let kills = 0;
  let killsInsideCommits = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const victims = random.shuffle(seats).slice(0, random.integer(1, 2));
    for (const seat of victims) {
      const isInsideCommit = random.chance(0.5);
      if (isInsideCommit) {
        await restart(processes, seat, seats, {
          phase: random.pick(["before", "after"] as const),
          commits: random.integer(1, COMMITS_UNTIL_CRASH_MAX),
        });
        await seat.process.exited;
        killsInsideCommits++;
      } else {
        await delay(random.integer(LOAD_MS_MIN, LOAD_MS_MAX));
        await seat.process.stop("SIGKILL");
      }
      kills++;
    }
    for (const seat of victims) {
      await restart(processes, seat, seats);
      await seat.process.ready();
    }
    report(`cycle ${cycle}: ${kills} kills, ${acknowledged.length} payments acknowledged`);
  }

  loadEnd.abort();
  await Promise.all(payers);
  const audit = await untilSettled(seats);
  await checkPayments(seats, acknowledged);
  await Promise.all(seats.map(async (seat) => {
    await seat.process.stop();
    await verifyFolder(`${processes.folder}/${seat.name}`);
  }));
  return {
    cycles,
    kills,
    killsInsideCommits,
    acknowledged: acknowledged.length,
    height: audit.height,
    supply: audit.supply,
  };
}

/** Pays one coin after the other to everybody, as long as the load lasts; a node that is gone is waited for. */
async function payUntilEnd(
  processes: NodeProcesses,
  seat: Seat,
  { index, seats, acknowledged, signal }: {
    readonly index: number;
    readonly seats: readonly Seat[];
    readonly acknowledged: AcknowledgedPayment[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const token = readToken(`${processes.folder}/${seat.name}`);
  invariant(token !== undefined, "A started node has a token");
  for (let count = 1; !signal.aborted; count++) {
    const to = `id${(index + count) % seats.length}`;
    const { process } = seat;
    const answer = process.lines.length === 0
      ? undefined
      : await askNode(process, "/payments", { body: { to, amount: 1 }, token }).catch(() =>
        undefined
      );
    if (answer?.status === 202) acknowledged.push({ txid: answer.json.txid, payer: index });
    else await delay(RETRY_MS);
  }
}

/** Ends a node, if it still runs, and starts it again on its folder; perhaps to crash inside a commit. */
async function restart(
  processes: NodeProcesses,
  seat: Seat,
  seats: readonly Seat[],
  crash?: { readonly phase: "before" | "after"; readonly commits: number },
): Promise<void> {
  await seat.process.stop("SIGKILL");
  const bootstrap = seats[0] as Seat;
  const args = seat === bootstrap ? [] : ["--bootstrap-url", bootstrap.process.url];
  const entry = crash === undefined ? {} : {
    main: new URL("./crashing_node.ts", import.meta.url).href,
    env: { NOOBCASH_CRASH_PHASE: crash.phase, NOOBCASH_CRASH_COMMITS: String(crash.commits) },
  };
  seat.process = processes.start(seat.name, args, entry.env, entry.main);
}

/** Waits until all nodes have one tip and nothing waits, twice in a row; gives what they agree on. */
async function untilSettled(
  seats: readonly Seat[],
): Promise<{ readonly height: number; readonly supply: number }> {
  let before: unknown;
  const audits = await untilAnswer(
    () =>
      Promise.all(seats.map(async ({ process }) => {
        const [audit, mempool] = await Promise.all([
          askNode(process, "/audit"),
          askNode(process, "/mempool"),
        ]);
        return { ...audit.json, waiting: mempool.json.transactions.length };
      })),
    (all) => {
      const isOne = all.every(({ waiting, tipHash }) =>
        waiting === 0 && tipHash === all[0].tipHash
      );
      const isStill = isOne && before === all[0].tipHash;
      before = isOne ? all[0].tipHash : undefined;
      return isStill;
    },
  );
  const [first] = audits;
  invariant(first !== undefined, "A network has nodes");
  for (const audit of audits) {
    invariant(audit.utxoCommitment === first.utxoCommitment, "All nodes have the same coins");
    invariant(audit.supply === 100 * seats.length, `The supply is exact: ${audit.supply}`);
  }
  return { height: first.height, supply: first.supply };
}

/** Every payment that was acknowledged stands in the chain of every node, once. */
async function checkPayments(
  seats: readonly Seat[],
  acknowledged: readonly AcknowledgedPayment[],
): Promise<void> {
  const txids = new Set(acknowledged.map(({ txid }) => txid));
  invariant(txids.size === acknowledged.length, "No two payments share a txid");
  for (const { process } of seats) {
    const seen = new Map<string, number>();
    for (const block of await readChain(process)) {
      for (const { txid } of block.transactions) seen.set(txid, (seen.get(txid) ?? 0) + 1);
    }
    for (const { txid, payer } of acknowledged) {
      const count = seen.get(txid) ?? 0;
      invariant(count === 1, `Payment ${txid} of node ${payer} stands ${count} times in the chain`);
    }
  }
}

/** `noobcash chain verify` on a stopped node's folder finds nothing wrong. */
async function verifyFolder(dataDir: string): Promise<void> {
  const main = new URL("../../main.ts", import.meta.url).href;
  const args = [
    "run",
    "-A",
    "--quiet",
    "--no-check",
    main,
    "chain",
    "verify",
    "--data-dir",
    dataDir,
  ];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  invariant(code === 0, `The chain in "${dataDir}" does not verify: ${said}`);
}

/** All main-chain blocks of a node. */
async function readChain({ url }: NodeProcess): Promise<Block[]> {
  const blocks: Block[] = [];
  for (;;) {
    const response = await fetch(`${url}/api/v1/blocks/raw?from=${blocks.length}&limit=1000`);
    const reader = new ByteReader(new Uint8Array(await response.arrayBuffer()));
    const countBefore = blocks.length;
    while (reader.remainingBytes > 0) {
      const block = decodeBlock(reader.sized(BLOCK_SIZE_BYTES_MAX));
      invariant(block !== undefined, "A node sends whole blocks");
      blocks.push(block);
    }
    if (blocks.length === countBefore) return blocks;
  }
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
