/**
 * Level 6, load: the experiments' matrix, small; what was offered, accepted, confirmed, and how fast.
 *
 * Figures come from the chain where the adapter shows it: a payment counts when it is in a block. Implied
 * hash rate = blocks per second × 16^difficulty.
 *
 * @module
 */
import type { Adapter } from "./adapter_schema.ts";
import { generateWorkload } from "../workload/generate_workload.ts";
import { mean, percentile } from "../statistics/estimate.ts";
import { awakeMs } from "./awake_time.ts";
import type { ConformTest } from "./conform_test.ts";
import { machineSlowness } from "./machine_load.ts";
import { paymentsIn } from "./chain_payments.ts";
import type { TestSession } from "./test_session.ts";
import { Failure } from "./trouble.ts";

const NODES = 5;
const LINES = 20;
const ANSWER_MS_P95_MAX = 1_000;

/** The figures of a run under load. */
export interface LoadFigures {
  readonly capacity: number;
  readonly difficulty: number;
  readonly offered: number;
  readonly accepted: number;
  readonly confirmed: number;
  readonly seconds: number;
  readonly throughput: number;
  readonly blocks: number | undefined;
  readonly blockTimeMs: number | undefined;
  readonly impliedHashRate: number | undefined;
  readonly answerMsP95: number;
}

const fixedCapacity = ({ parameters: { capacity } }: Adapter) =>
  capacity === "any" ? undefined : `the adapter says that the capacity is ${capacity}, always`;

const COMMON = { level: 6, needs: ["pay", "balance"], timeoutMs: 300_000 } as const;

export const LEVEL_6: readonly ConformTest[] = [
  ...([[1, "L601", 3], [5, "L602", 3], [10, "L603", 3]] as const).map((
    [capacity, code, points],
  ): ConformTest => ({
    ...COMMON,
    code,
    points,
    title:
      `Five nodes replay their files at once at capacity ${capacity}: all that is accepted is confirmed, all nodes agree`,
    why:
      "The experiments: 5 nodes, each replays its own file, all at the same time, capacity 1, 5, 10",
    basis: "assignment",
    network: { nodes: NODES, capacity, difficulty: "usual" },
    notFor: (adapter) => capacity === 5 ? undefined : fixedCapacity(adapter),
    async run(session) {
      const { accepted, confirmed, offered } = await load(session);
      if (accepted === 0) throw new Failure(`none of ${offered} payments was accepted`);
      if (confirmed < accepted) {
        throw new Failure(`${confirmed} of ${accepted} accepted payments were confirmed`);
      }
    },
  })),
  {
    ...COMMON,
    code: "L604",
    points: 2,
    title: "A payment is answered within a second in 95 of 100 cases, under load",
    why: "A client's request must not wait for mining or for a vote of all nodes",
    basis: "beyond the assignment",
    network: { nodes: NODES, capacity: 5, difficulty: "usual" },
    async run(session) {
      const { answerMsP95 } = await load(session);
      const maxMs = ANSWER_MS_P95_MAX * machineSlowness();
      if (answerMsP95 > maxMs) {
        throw new Failure(
          `95 of 100 answers came within ${answerMsP95.toFixed(0)} ms, wanted ${maxMs.toFixed(0)}`,
        );
      }
    },
  },
  {
    ...COMMON,
    code: "L605",
    points: 2,
    title: "Larger blocks carry more: throughput at capacity 10 is above that at capacity 1",
    why: "Throughput ≤ capacity · hash rate / 16^difficulty; the experiments' graph by capacity",
    basis: "assignment",
    network: { nodes: NODES, capacity: 10, difficulty: "usual" },
    notFor: fixedCapacity,
    async run(session) {
      const large = await load(session);
      const small = await session.elsewhere(
        { nodes: NODES, capacity: 1, difficulty: "usual" },
        load,
      );
      session.note(describe(small));
      if (large.throughput <= small.throughput) {
        throw new Failure(
          `${large.throughput.toFixed(1)} tx/s at capacity 10, ${
            small.throughput.toFixed(1)
          } at capacity 1`,
        );
      }
    },
  },
];

/** Replays a workload on all nodes at once. Once for a network. */
export function load(session: TestSession): Promise<LoadFigures> {
  const known = session.shared.get("load") as Promise<LoadFigures> | undefined;
  if (known !== undefined) return known;
  const made = runLoad(session);
  session.shared.set("load", made);
  return made;
}

async function runLoad(session: TestSession): Promise<LoadFigures> {
  await session.begin();
  const { net, count } = session;
  const workload = generateWorkload({
    nodes: count,
    linesPerNode: LINES,
    seed: session.random.integer(0, 2 ** 31),
    amountMax: 4,
    impossiblePerNode: 1,
    lead: LINES,
    coinsPerNode: net.adapter.parameters.coins,
  });
  const before = net.hasChain ? (await net.chain(0)).length : 0;
  const answerMs: number[] = [];
  const startedAtMs = awakeMs();
  const already = session.accepted.length;
  await Promise.all(workload.map(async ({ lines }, from) => {
    for (const line of lines) {
      if (line.kind !== "payment") continue;
      const askedAtMs = awakeMs();
      await session.tryPay(from, line.receiverId, line.amount);
      answerMs.push(awakeMs() - askedAtMs);
    }
  }));
  const offered = answerMs.length;
  const accepted = session.accepted.length - already;
  const patienceMs = Math.max(60_000, net.patienceMs * 3);
  if (net.hasChain) await session.untilConfirmed(session.indexes, patienceMs);
  else await session.settle({ patienceMs });
  const seconds = (awakeMs() - startedAtMs) / 1000;
  await session.settle({ patienceMs });

  const chain = net.hasChain ? await net.chain(0) : undefined;
  const confirmed = chain === undefined
    ? accepted
    : paymentsIn(chain, net.adapter).length - already;
  const blocks = chain === undefined ? undefined : chain.length - before;
  const times =
    chain?.slice(before).map(({ timestampMs }) => timestampMs).filter((time) =>
      time !== undefined
    ) ?? [];
  const intervals = times.slice(1).map((time, index) => time - (times[index] as number));
  const hashes = (net.adapter.parameters.zeros === "hex" ? 16 : 2) ** net.difficulty;
  const figures: LoadFigures = {
    capacity: net.capacity,
    difficulty: net.difficulty,
    offered,
    accepted,
    confirmed,
    seconds,
    throughput: accepted / seconds,
    blocks,
    blockTimeMs: intervals.length === 0 ? undefined : mean(intervals),
    impliedHashRate: blocks === undefined ? undefined : (blocks / seconds) * hashes,
    answerMsP95: percentile(answerMs, 95),
  };
  session.note(describe(figures));
  return figures;
}

function describe(figures: LoadFigures): string {
  const {
    capacity,
    difficulty,
    offered,
    accepted,
    confirmed,
    throughput,
    blockTimeMs,
    impliedHashRate,
    answerMsP95,
  } = figures;
  return [
    `capacity ${capacity}, difficulty ${difficulty}: offered ${offered}, accepted ${accepted}, confirmed ${confirmed}`,
    `${throughput.toFixed(1)} tx/s`,
    ...(blockTimeMs === undefined ? [] : [`a block every ${blockTimeMs.toFixed(0)} ms`]),
    ...(impliedHashRate === undefined
      ? []
      : [`${(impliedHashRate / 1e3).toFixed(0)} kH/s implied`]),
    `answers within ${answerMsP95.toFixed(0)} ms (95 %)`,
  ].join(", ");
}
