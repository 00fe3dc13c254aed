/**
 * Level 3, mining and consensus: blocks, links, work, one chain for all, nothing lost, nothing twice.
 *
 * Most tests look at one run of the same workload (`course_run.ts`).
 *
 * @module
 */
import { sha256Hex } from "../crypto/hash.ts";
import { kolmogorovSmirnov, mean } from "../statistics/estimate.ts";
import { EASY_BLOCKS, RANK_Z_MIN, timeBlocks, timeUntilLonger } from "./block_times.ts";
import type { ConformTest } from "./conform_test.ts";
import { course, courseChains, keysOf, without } from "./course_run.ts";
import type { NetworkWish } from "./network_wish.ts";
import { difficultyOf } from "./network_wish.ts";
import { paymentKey, type TestSession } from "./test_session.ts";
import { Failure, NotApplicable } from "./trouble.ts";

/** As many start-up payments as a block holds, so that they are mined where only full blocks are. */
const COURSE: NetworkWish = { nodes: 4, capacity: 3, difficulty: "usual" };
/** Kolmogorov and Smirnov's √n D above which a right sample comes once in 10,000 times. */
const KS_MAX = 2.23;

const COMMON = { level: 3, needs: ["pay", "balance"], network: COURSE } as const;

export const LEVEL_3: readonly ConformTest[] = [
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
    code: "L303",
    points: 2,
    title: "No block holds more than `capacity` transactions",
    why: "A block holds at most `capacity` transactions",
    basis: "assignment",
    async run(session) {
      const { chains } = await courseChains(session);
      for (const block of chains.flat()) {
        // Genesis has the one payment that makes the coins.
        if (block.transactions.length > session.net.capacity && block.height > 0) {
          throw new Failure(
            `block ${block.height} has ${block.transactions.length} transactions, wanted at most ${session.net.capacity}`,
          );
        }
      }
    },
  },
  {
    ...COMMON,
    code: "L304",
    points: 2,
    title: "Under load, blocks are full",
    why: "Mining starts as soon as `capacity` valid transactions wait",
    basis: "assignment",
    async run(session) {
      const { chains: [chain = []] } = await courseChains(session);
      const sizes = chain.slice(1).map(({ transactions }) => transactions.length);
      const full = sizes.filter((size) => size === session.net.capacity).length;
      session.note(`transactions by block: ${sizes.join(", ")}`);
      if (full * 2 < sizes.length) {
        throw new Failure(
          `${full} of ${sizes.length} blocks are full, wanted half of them at least`,
        );
      }
    },
  },
  {
    ...COMMON,
    code: "L305",
    points: 2,
    title: "Every block's hash begins with the zeros of the difficulty",
    why: "Proof of work: the block's hash begins with `difficulty` zeros",
    basis: "assignment",
    async run(session) {
      const { chains: [chain = []] } = await courseChains(session);
      const bits = bitsOf(session);
      for (const { hash, height } of chain.slice(1)) {
        if (leadingZeroBits(hash) < bits) {
          throw new Failure(
            `block ${height} has hash ${hash.slice(0, 20)}…, wanted ${bits} zero bits`,
          );
        }
      }
    },
  },
  {
    ...COMMON,
    code: "L306",
    points: 3,
    title: "Every block's hash is the hash of its content with the nonce that is stored",
    why: "Otherwise nobody can check the work, and the chain proves nothing",
    basis: "assignment",
    async run(session) {
      const { chains: [chain = []] } = await courseChains(session);
      const known = chain.slice(1).filter(({ preimage }) => preimage !== undefined);
      if (known.length === 0) {
        throw new NotApplicable("the adapter's chain tells no preimage of the hash");
      }
      for (const { preimage, hash, height } of known) {
        const got = sha256Hex(preimage as Uint8Array);
        if (got !== hash.toLowerCase()) {
          throw new Failure(`block ${height} says hash ${hash}, its content has ${got}`);
        }
      }
    },
  },
  {
    ...COMMON,
    code: "L307",
    points: 2,
    title: "Every block names the hash of the block before it, at every node",
    why: "A block has the previous block's hash; validate_chain checks every link",
    basis: "assignment",
    async run(session) {
      const { chains } = await courseChains(session);
      for (const [index, chain] of chains.entries()) {
        for (const [at, block] of chain.entries()) {
          const previous = chain[at - 1];
          if (previous !== undefined && block.previousHash !== previous.hash) {
            throw new Failure(
              `node ${index}: block ${block.height} names ${
                block.previousHash.slice(0, 16)
              }…, the block before it is ${previous.hash.slice(0, 16)}…`,
            );
          }
        }
      }
    },
  },
  {
    ...COMMON,
    code: "L308",
    points: 1,
    title:
      "Genesis has previous hash 1, nonce 0, and one transaction that makes all coins for node 0",
    why:
      "Genesis: previous_hash = 1, nonce = 0, one transaction that gives node 0 100·n NBC from wallet 0",
    basis: "assignment",
    async run(session) {
      const { chains } = await courseChains(session);
      for (const chain of chains) {
        const genesis = chain[0];
        if (genesis === undefined) throw new Failure("there is no genesis block");
        if (!/^0*1$/.test(genesis.previousHash)) {
          throw new Failure(`genesis has previous hash "${genesis.previousHash}", wanted 1`);
        }
        if (!/^0+$/.test(genesis.nonce)) {
          throw new Failure(`genesis has nonce "${genesis.nonce}", wanted 0`);
        }
        const [made] = genesis.transactions;
        if (
          genesis.transactions.length !== 1 || made?.receiver !== 0 ||
          made.amount !== session.supply
        ) {
          throw new Failure(
            `genesis has ${genesis.transactions.length} transactions, the first of ${made?.amount} to node ${made?.receiver}, wanted one of ${session.supply} to node 0`,
          );
        }
      }
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
    code: "L311",
    points: 2,
    title: "The work is as hard as the difficulty says, no harder",
    why: "Hashes below the target are evenly spread; a right miner fails this once in 10,000 times",
    basis: "beyond the assignment",
    async run(session) {
      const { chains: [chain = []] } = await courseChains(session);
      const bits = bitsOf(session);
      const shares = chain.slice(1).map(({ hash }) =>
        Number(BigInt(`0x${hash}`) >> 200n) / 2 ** (56 - bits)
      )
        .filter((share) => Number.isFinite(share));
      if (shares.length < 6) throw new NotApplicable(`${shares.length} blocks are too few to tell`);
      const distance = kolmogorovSmirnov(shares, (value) => Math.min(1, Math.max(0, value)));
      session.note(`${shares.length} blocks, distance ${distance.toFixed(2)}, at most ${KS_MAX}`);
      if (distance > KS_MAX) {
        throw new Failure(
          `the hashes are not evenly spread below the target: distance ${
            distance.toFixed(2)
          }, wanted at most ${KS_MAX}`,
        );
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

function bitsOf({ net }: TestSession): number {
  const { zeros } = net.adapter.parameters;
  return Math.floor(zeros === "hex" ? net.difficulty * 4 : net.difficulty);
}

function leadingZeroBits(hash: string): number {
  if (!/^[0-9a-f]+$/i.test(hash)) {
    throw new Failure(`a block's hash is "${hash.slice(0, 40)}", wanted hex`);
  }
  const value = BigInt(`0x${hash}`);
  return hash.length * 4 - (value === 0n ? 0 : value.toString(2).length);
}
