/**
 * Lint: what a workload can come to before anybody runs it.
 *
 * - malformed lines: refused without being sent;
 * - impossible lines: no order and no patience makes them succeed, because they name a node that is
 *   not there or ask for more than their node can ever hold, were every other payment to it made first;
 * - the ceiling: an upper bound on accepted lines. Each node pays its cheapest lines out of its own
 *   coins and everything that could be paid to it;
 * - the spread at even pace: how many are accepted when each client sends its k-th line before any
 *   sends its next, in many seeded orders within the round, payments arriving at once. A line that
 *   lacks coins is refused and not tried again.
 *
 * Pure. Called by `noobcash workload lint`, by replay (impossible lines are not retried) and by the
 * experiments (the ceiling).
 *
 * @module
 */
import { DEFAULT_PARAMS } from "../params.ts";
import { randomStream } from "../random/random_stream.ts";
import type { MalformedLine, PaymentLine, Workload, WorkloadFile } from "./workload_file.ts";

/** How the network is that the workload is for. */
export interface LintOptions {
  readonly coinsPerNode: number;
  readonly fee: number;

  /** How many orders are tried for the spread; 0: none. */
  readonly orders: number;
  readonly seed: number;
}

/** A line that can never succeed. */
export interface ImpossibleLine {
  readonly fileName: string;
  readonly line: PaymentLine;
  readonly reason: "receiver-unknown" | "coins-never-enough";

  /** The most coins that its node can ever hold at once. */
  readonly reachable: number;
}

/** How many lines were accepted over the orders that were tried. */
export interface Spread {
  readonly orders: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What lint found. */
export interface LintReport {
  readonly nodes: number;
  readonly offered: number;
  readonly malformed: readonly { readonly fileName: string; readonly line: MalformedLine }[];
  readonly impossible: readonly ImpossibleLine[];
  readonly ceiling: number;
  readonly evenPace: Spread | undefined;
}

export const DEFAULT_LINT_OPTIONS: LintOptions = {
  coinsPerNode: DEFAULT_PARAMS.coinsPerNode,
  fee: DEFAULT_PARAMS.fee,
  orders: 2000,
  seed: 1,
};

/** Checks a workload for a network with one node per file. */
export function lintWorkload(workload: Workload, options: LintOptions): LintReport {
  const impossible = findImpossible(workload, options);
  const impossibleLines = new Set(impossible.map(({ line }) => line));
  const possible = new Set(
    workload.flatMap(({ lines }) => lines.filter((line) => line.kind === "payment"))
      .filter((line) => !impossibleLines.has(line)),
  );
  const reachable = reachableCoins(workload, options, possible);
  const ceiling = workload.reduce(
    (sum, file) => sum + payableCount(file, { ...options, possible, reachable }),
    0,
  );
  return {
    nodes: workload.length,
    offered: workload.reduce((sum, { lines }) => sum + lines.length, 0),
    malformed: workload.flatMap(({ fileName, lines }) =>
      lines.flatMap((line) => line.kind === "malformed" ? [{ fileName, line }] : [])
    ),
    impossible,
    ceiling,
    evenPace: options.orders > 0 ? spreadAtEvenPace(workload, options) : undefined,
  };
}

/**
 * Finds lines that no order lets succeed.
 *
 * Grows the set of possible lines from nothing: whatever a node can pay from its own coins and from
 * possible payments to it is possible, until no more are found. What is left could only pay for itself
 * in a circle.
 */
export function findImpossible(
  workload: Workload,
  options: Pick<LintOptions, "coinsPerNode" | "fee">,
): readonly ImpossibleLine[] {
  const supply = options.coinsPerNode * workload.length;
  const possible = new Set<PaymentLine>();
  let reachable = workload.map(() => options.coinsPerNode);
  for (let before = -1; before < possible.size;) {
    before = possible.size;
    for (const { nodeId, lines } of workload) {
      for (const line of lines) {
        if (line.kind === "payment" && isPayable(line, nodeId)) possible.add(line);
      }
    }
    reachable = reachableCoins(workload, options, possible);
  }

  return workload.flatMap(({ nodeId, fileName, lines }) =>
    lines.flatMap((line): ImpossibleLine[] =>
      line.kind !== "payment" || possible.has(line) ? [] : [{
        fileName,
        line,
        reason: line.receiverId >= workload.length ? "receiver-unknown" : "coins-never-enough",
        reachable: heldAtOnce(nodeId),
      }]
    )
  );

  function isPayable(line: PaymentLine, nodeId: number): boolean {
    return line.receiverId < workload.length && line.amount + options.fee <= heldAtOnce(nodeId);
  }

  /** Nobody holds more at once than there is. */
  function heldAtOnce(nodeId: number): number {
    return Math.min(reachable[nodeId] ?? 0, supply);
  }
}

/** The most that each node can ever have had: its own coins and all that could be paid to it. */
function reachableCoins(
  workload: Workload,
  { coinsPerNode }: Pick<LintOptions, "coinsPerNode">,
  possible: ReadonlySet<PaymentLine>,
): number[] {
  const reachable = workload.map(() => coinsPerNode);
  for (const { nodeId, lines } of workload) {
    for (const line of lines) {
      if (line.kind !== "payment" || !possible.has(line) || line.receiverId === nodeId) continue;
      reachable[line.receiverId] = (reachable[line.receiverId] ?? 0) + line.amount;
    }
  }
  return reachable;
}

/** How many lines a node can pay at most, the cheapest first, out of all that may come in. */
function payableCount(
  { nodeId, lines }: WorkloadFile,
  { fee, possible, coinsPerNode, reachable }: LintOptions & {
    readonly possible: ReadonlySet<PaymentLine>;
    readonly reachable: readonly number[];
  },
): number {
  const costs = lines.flatMap((line) =>
    line.kind === "payment" && possible.has(line)
      ? [line.receiverId === nodeId ? fee : line.amount + fee]
      : []
  ).sort((a, b) => a - b);
  let left = reachable[nodeId] ?? coinsPerNode;
  let count = 0;
  for (const cost of costs) {
    if (cost > left) break;
    left -= cost;
    count++;
  }
  return count;
}

function spreadAtEvenPace(workload: Workload, options: LintOptions): Spread {
  const counts: number[] = [];
  for (let order = 0; order < options.orders; order++) {
    counts.push(acceptedAtEvenPace(workload, options, order));
  }
  counts.sort((a, b) => a - b);
  return {
    orders: counts.length,
    min: counts[0] ?? 0,
    median: counts[Math.floor(counts.length / 2)] ?? 0,
    max: counts.at(-1) ?? 0,
  };
}

function acceptedAtEvenPace(workload: Workload, options: LintOptions, order: number): number {
  const random = randomStream(options.seed, `lint/${order}`);
  const balances = workload.map(() => options.coinsPerNode);
  const rounds = Math.max(0, ...workload.map(({ lines }) => lines.length));
  let accepted = 0;
  for (let round = 0; round < rounds; round++) {
    for (const { nodeId, lines } of random.shuffle(workload)) {
      const line = lines[round];
      if (line?.kind !== "payment" || line.receiverId >= workload.length) continue;
      const balance = balances[nodeId] ?? 0;
      if (line.amount + options.fee > balance) continue;
      balances[nodeId] = balance - line.amount - options.fee;
      balances[line.receiverId] = (balances[line.receiverId] ?? 0) + line.amount;
      accepted++;
    }
  }
  return accepted;
}
