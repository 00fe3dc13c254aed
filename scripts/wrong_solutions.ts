/**
 * One tempting and wrong solution of each exercise of docs/exercises.md, as an edit of the core, and a
 * seed of the fuzzer that shows what is wrong with it.
 *
 * `exercises_test.ts` follows each on a copy of the tree.
 *
 * @module
 */
import type { Mutation } from "./mutations.ts";

/** A wrong solution: what it does, and which seed breaks it with which violation. */
export interface WrongSolution extends Mutation {
  readonly exercise: number;
  readonly seed: number;
}

export const WRONG_SOLUTIONS: readonly WrongSolution[] = [
  {
    exercise: 1,
    name: "sorts by amount and lets a child stand before its parent",
    file: "lib/mining/template.ts",
    find: "for (const transaction of waiting) {",
    replace:
      "for (const transaction of [...waiting].sort((a, b) => b.outputs[0]!.amount - a.outputs[0]!.amount)) {",
    seed: 2,
  },
  {
    exercise: 2,
    name: "lets the block that came last win among those of one date",
    file: "lib/consensus/fork_choice/most_work.ts",
    find: "isBetter: (a, b) => a.work > b.work,",
    replace: "isBetter: (a, b) => a.work >= b.work && a !== b,",
    seed: 2,
  },
  {
    exercise: 3,
    name: "makes room and leaves the children of what left behind",
    file: "lib/mempool/mempool.ts",
    find:
      '          waiting.push({ entry: childEntry, reason: { code: "parent-removed", parent } });',
    replace: "",
    seed: 3,
  },
  {
    exercise: 4,
    name: "checks the distance of blocks and forgets the miner's own template",
    file: "lib/consensus/check_block.ts",
    find: "if (header.timestampMs < minMs) {",
    replace:
      "if (header.timestampMs < minMs || header.timestampMs < parent.header.timestampMs + 300) {",
    seed: 2,
  },
  {
    exercise: 5,
    name: "applies the limit of a wallet to what comes back from a losing branch, too",
    file: "lib/mempool/mempool.ts",
    find:
      "    const alone = checkTransactionAlone(transaction);\n    if (!alone.ok) return alone;\n",
    replace:
      '    const alone = checkTransactionAlone(transaction);\n    if (!alone.ok) return alone;\n    if ([...this.#entries.entries()].filter((entry) => entry.transaction.sender === transaction.sender).length >= 2) {\n      return err({ code: "mempool-full", max: 2 });\n    }\n',
    seed: 1,
  },
  {
    exercise: 6,
    name: "halves the reward when a block is connected and not in the supply",
    file: "lib/consensus/connect_block.ts",
    find: "const earned = (this.#params.reward +",
    replace: "const earned = ((this.#params.reward >> Math.floor(height / 3)) +",
    seed: 3,
  },
  {
    exercise: 7,
    name: "takes fees by size from the senders and pays them to the miner by count",
    file: "lib/consensus/connect_block.ts",
    find: "this.#params.fee * transactions.length) as Amount",
    replace:
      "this.#params.fee * transactions.reduce((sum, { inputs }) => sum + inputs.length, 0)) as Amount",
    seed: 43,
  },
  {
    exercise: 8,
    name: "refuses a reorganisation of a depth that honest nodes need",
    file: "lib/consensus/chain.ts",
    find:
      "    const activated = this.#activate(chosen, change);\n    if (!activated.ok) return activated;\n    this.#rivals = [];",
    replace:
      '    if (parent !== tip && parent.parent !== tip.parent) return ok({ entry, outcome: "side" });\n    const activated = this.#activate(chosen, change);\n    if (!activated.ok) return activated;\n    this.#rivals = [];',
    seed: 3,
  },
  {
    exercise: 9,
    name: "lets a payment have more outputs and forgets whose the second one may be",
    file: "lib/consensus/check_transaction.ts",
    find: "if (change !== undefined && change.owner !== sender) {",
    replace: "if (change !== undefined && change.owner !== sender && outputs.length > 2) {",
    seed: 3,
  },
  {
    exercise: 10,
    name: "lets the newest of equal branches win",
    file: "lib/consensus/fork_choice/most_work.ts",
    find: "isBetter: (a, b) => a.work > b.work",
    replace: "isBetter: (a, b) => a.work >= b.work",
    seed: 2,
  },
];
