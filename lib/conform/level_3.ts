/**
 * Level 3, mining and consensus: one chain for all, nothing lost, nothing twice, harder blocks slower.
 *
 * Most tests look at one run of the same workload (`course_run.ts`). What a block has to be is told in
 * `level_3_blocks.ts`.
 *
 * @module
 */
import { mean } from "../statistics/estimate.ts";
import { EASY_BLOCKS, RANK_Z_MIN, timeBlocks, timeUntilLonger } from "./block_times.ts";
import type { ConformTest } from "./conform_test.ts";
import { course, courseChains, keysOf, without } from "./course_run.ts";
import { LEVEL_3_BLOCKS, LEVEL_3_COMMON as COMMON } from "./level_3_blocks.ts";
import { difficultyOf } from "./network_wish.ts";
import { paymentKey } from "./chain_payments.ts";
import { Failure } from "./trouble.ts";

export const LEVEL_3: readonly ConformTest[] = [
  ...LEVEL_3_BLOCKS,
  {
    ...COMMON,
    code: "L301",
    points: 3,
    title:
      "After the workload all nodes tell the same balances, and they are those of what was accepted",
    why:
      "Every node keeps the unspent outputs of all wallets, and everybody ends with the same chain",
    basis: "assignment",
    async run(session) {
      const { settled } = await course(session);
      if (settled !== undefined) throw settled;
    },
  },
  {
    ...COMMON,
    code: "L302",
    points: 3,
    title: "After the workload all nodes have the same last block",
    why: "A node adopts the longest valid chain; everybody ends with the same chain",
    basis: "assignment",
    async run(session) {
      session.needChain();
      await course(session);
      await session.untilOneTip();
    },
  },
  {
    ...COMMON,
    code: "L309",
    points: 3,
    title: "Nothing that was accepted is lost: all of it is in every node's chain",
    why: "A wallet that said yes has spent the coins; others wait for them",
    basis: "assignment",
    async run(session) {
      const { accepted, chains } = await courseChains(session);
      for (const [index, chain] of chains.entries()) {
        const missing = without(accepted.map(paymentKey), keysOf(session, chain));
        if (missing.length > 0) {
          throw new Failure(
            `node ${index} lacks ${missing.length} of ${accepted.length} accepted payments: ${
              missing.slice(0, 5).join("; ")
            }`,
          );
        }
      }
    },
  },
  {
    ...COMMON,
    code: "L310",
    points: 3,
    title: "Nothing is confirmed twice, and nothing that was not accepted",
    why: "The inputs of a confirmed transaction are spent",
    basis: "assignment",
    async run(session) {
      const { accepted, chains } = await courseChains(session);
      for (const [index, chain] of chains.entries()) {
        const extra = without(keysOf(session, chain), accepted.map(paymentKey));
        if (extra.length > 0) {
          throw new Failure(
            `node ${index} has ${extra.length} payments that nobody asked for, or twice: ${
              extra.slice(0, 5).join("; ")
            }`,
          );
        }
        // A transaction with several receivers is several payments of one id, in one block.
        const ids = chain.flatMap(({ transactions }) => [
          ...new Set(transactions.map(({ id }) => id).filter((id) => id !== undefined)),
        ]);
        if (new Set(ids).size !== ids.length) {
          throw new Failure(`node ${index} has a transaction id twice in its chain`);
        }
      }
    },
  },
  {
    ...COMMON,
    code: "L312",
    points: 2,
    title:
      "Forks resolve: where blocks are found at the same time, one chain remains, with everything in it",
    why: "Two blocks at one height may both be found; a node adopts the longest valid chain",
    basis: "assignment",
    network: { nodes: 4, capacity: 1, difficulty: "easy" },
    async run(session) {
      await session.begin();
      // Rounds of payments at all nodes at once: each round starts a race for the next block.
      for (let round = 0; round < 5; round++) {
        await Promise.all(
          session.indexes.map((from) => session.tryPay(from, (from + 1) % session.count, 1)),
        );
      }
      await session.settle();
      if (!session.net.hasChain) return;
      await session.untilOneTip();
      const chain = await session.net.chain(0);
      const missing = without(session.accepted.map(paymentKey), keysOf(session, chain));
      if (missing.length > 0) {
        throw new Failure(`${missing.length} accepted payments are in no block`);
      }
    },
  },
  {
    ...COMMON,
    code: "L313",
    points: 2,
    title: "Harder blocks take longer",
    why:
      "Block time grows with difficulty; one that does not passes once in 1,000 times (rank test, 24 blocks against 8 to 32)",
    basis: "assignment",
    network: { nodes: 2, capacity: 1, difficulty: "easy" },
    spoils: true,
    timeoutMs: 500_000,
    notFor: (adapter) =>
      difficultyOf(adapter, "hard") > difficultyOf(adapter, "easy")
        ? undefined
        : "the adapter knows no harder difficulty than the easy one",
    async run(session) {
      const { adapter, difficulty } = session.net;
      const easy = await timeBlocks(session, EASY_BLOCKS);
      const { hard, z } = await session.elsewhere(
        { nodes: 2, capacity: 1, difficulty: "hard" },
        (harder) => timeUntilLonger(harder, easy),
      );
      const times = `blocks at difficulty ${difficultyOf(adapter, "hard")} take ${
        mean(hard).toFixed(0)
      } ms (${hard.length}), at ${difficulty} ${mean(easy).toFixed(0)} ms (${easy.length})`;
      session.note(`${times}; z = ${z.toFixed(2)}`);
      if (z < RANK_Z_MIN) {
        throw new Failure(
          `${times}: no difference that is not chance (z = ${z.toFixed(2)}, wanted ${RANK_Z_MIN})`,
        );
      }
    },
  },
];
