/**
 * Makes a workload from a seed: so many lines for each of n nodes.
 *
 * Every line but the impossible ones is affordable at any pace: when node s reaches its line k, it has
 * spent all of its lines before, and counts only what others pay in their lines up to k - lead. So as
 * long as no client is more than `lead` lines ahead of another and payments arrive, every one of them
 * is accepted, whatever the order, and the final balances do not depend on it. The impossible lines ask
 * for more coins than exist, as some of the course's own do.
 *
 * Pure. Called by `noobcash workload generate`; the sets in `transactions/` were made by it.
 *
 * @module
 */
import { DEFAULT_PARAMS } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { randomStream } from "../random/random_stream.ts";
import { type PaymentLine, type Workload, workloadFileName } from "./workload_file.ts";

/** What to make. */
export interface WorkloadChoice {
  readonly nodes: number;
  readonly linesPerNode: number;
  readonly seed: number;

  /** The most coins that a line pays. */
  readonly amountMax: number;

  /** How many of each node's lines ask for more coins than exist. */
  readonly impossiblePerNode: number;

  /** How many lines one client may be ahead of another without a line becoming unaffordable. */
  readonly lead: number;
  readonly coinsPerNode: number;
}

/** What `noobcash workload generate` makes when it is not told otherwise. */
export const DEFAULT_WORKLOAD_CHOICE = {
  nodes: DEFAULT_PARAMS.nodes,
  linesPerNode: 100,
  seed: 1,
  amountMax: 10,
  impossiblePerNode: 3,
  lead: 20,
  coinsPerNode: DEFAULT_PARAMS.coinsPerNode,
} as const satisfies WorkloadChoice;

/** Makes the files; with one node, payments go to that node itself. */
export function generateWorkload(choice: WorkloadChoice): Workload {
  const { nodes, linesPerNode, coinsPerNode, amountMax, lead } = choice;
  const random = randomStream(choice.seed, `workload/${nodes}`);
  const ids = Array.from({ length: nodes }, (_, id) => id);
  const impossible = ids.map(() => {
    const indexes = random.shuffle(Array.from({ length: linesPerNode }, (_, index) => index));
    return new Set(indexes.slice(0, choice.impossiblePerNode));
  });

  // What each node certainly has: its coins, less what it spent, plus what arrived `lead` rounds ago.
  const certain = ids.map(() => coinsPerNode);
  const rounds: PaymentLine[][] = [];
  for (let round = 0; round < linesPerNode; round++) {
    for (const [sender, line] of (rounds[round - lead - 1] ?? []).entries()) {
      if (impossible[sender]?.has(round - lead - 1)) continue;
      certain[line.receiverId] = (certain[line.receiverId] ?? 0) + line.amount;
    }
    rounds.push(ids.map((sender) => makeLine(sender, round)));
  }
  return ids.map((nodeId) => ({
    nodeId,
    fileName: workloadFileName(nodeId),
    lines: rounds.map((round) => round[nodeId] as PaymentLine),
  }));

  function makeLine(sender: number, round: number): PaymentLine {
    const receiverId = nodes === 1 ? sender : (sender + 1 + random.integer(0, nodes - 2)) % nodes;
    const lineNumber = round + 1;
    if (impossible[sender]?.has(round)) {
      const amount = coinsPerNode * nodes + random.integer(1, 1000);
      return { kind: "payment", lineNumber, receiverId, amount: amount as Amount };
    }

    // One coin stays back for each line that is still to come, so that no node runs dry.
    const have = certain[sender] ?? 0;
    const spare = have - (linesPerNode - 1 - round);
    const amount = random.integer(1, Math.max(1, Math.min(amountMax, spare)));
    certain[sender] = have - amount;
    return { kind: "payment", lineNumber, receiverId, amount: amount as Amount };
  }
}

/** Why a choice cannot be met; `undefined` when it can. */
export function checkWorkloadChoice(choice: WorkloadChoice): string | undefined {
  const payable = choice.linesPerNode - choice.impossiblePerNode;
  if (choice.impossiblePerNode > choice.linesPerNode) {
    return `Cannot generate a workload: got --impossible ${choice.impossiblePerNode} of --lines ` +
      `${choice.linesPerNode}, wanted no more impossible lines than lines`;
  }
  if (payable > choice.coinsPerNode) {
    return `Cannot generate a workload: got ${payable} payments a node, ` +
      `wanted at most its ${choice.coinsPerNode} coins (--coins ${payable} gives each node as many)`;
  }
  return undefined;
}
