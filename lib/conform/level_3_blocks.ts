/**
 * Level 3, mining and consensus: what a block has to be: capacity, work, hash, link, genesis.
 *
 * @module
 */
import { sha256Hex } from "../crypto/hash.ts";
import { kolmogorovSmirnov } from "../statistics/estimate.ts";
import type { ConformTest } from "./conform_test.ts";
import { courseChains } from "./course_run.ts";
import type { NetworkWish } from "./network_wish.ts";
import type { TestSession } from "./test_session.ts";
import { Failure, NotApplicable } from "./trouble.ts";

/** As many start-up payments as a block holds, so that they are mined where only full blocks are. */
const COURSE: NetworkWish = { nodes: 4, capacity: 3, difficulty: "usual" };
export const LEVEL_3_COMMON = { level: 3, needs: ["pay", "balance"], network: COURSE } as const;
/** Kolmogorov and Smirnov's √n D above which a right sample comes once in 10,000 times. */
const KS_MAX = 2.23;
const COMMON = LEVEL_3_COMMON;

export const LEVEL_3_BLOCKS: readonly ConformTest[] = [
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
          genesis.transactions.length !== 1 || made?.amount !== session.supply ||
          // Where wallets are no ids and the adapter does not know addresses, it may be anybody's.
          made.receiver !== 0 && (made.receiver !== undefined || session.net.has("address"))
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
