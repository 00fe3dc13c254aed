/**
 * Level 1, it lives: a network comes up, everybody has the coins, one payment arrives everywhere.
 *
 * @module
 */
import type { ConformTest } from "./conform_test.ts";
import { machineSlowness } from "./machine_load.ts";
import type { NetworkWish } from "./network_wish.ts";
import { Failure, Trouble } from "./trouble.ts";

const SMALL: NetworkWish = { nodes: 3, capacity: 1, difficulty: "usual" };

/** How long a node too many has to get in. */
const EXTRA_MS = 5_000;

export const LEVEL_1: readonly ConformTest[] = [
  {
    code: "L101",
    level: 1,
    points: 3,
    title: "Every node starts and answers",
    why: "All n nodes of the network run at the same time",
    basis: "assignment",
    needs: [],
    network: SMALL,
    run({ net }) {
      for (const node of net.nodes) node.demandRunning();
      return Promise.resolve();
    },
  },
  {
    code: "L102",
    level: 1,
    points: 2,
    title: "The nodes have the ids 0 to n − 1, the bootstrap node 0, whatever the order of joining",
    why: "The bootstrap node has id 0; another node gets its id (1, 2, …) when it registers",
    basis: "assignment",
    needs: ["id"],
    network: { ...SMALL, nodes: 5 },
    async run({ net, count }) {
      const ids: number[] = [];
      for (let index = 0; index < count; index++) ids.push(await net.id(index));
      if (ids[0] !== 0) throw new Failure(`the bootstrap node has id ${ids[0]}, wanted 0`);
      const sorted = ids.toSorted((a, b) => a - b).join();
      if (sorted !== [...ids.keys()].join()) {
        throw new Failure(`the ids are ${ids.join(", ")}, wanted 0 to ${count - 1}`);
      }
    },
  },
  {
    code: "L103",
    level: 1,
    points: 3,
    title: "Every node starts with 100 NBC",
    why: "The bootstrap node pays 100 NBC to each of the others, so that everybody holds 100 NBC",
    basis: "assignment",
    needs: ["balance"],
    network: { ...SMALL, nodes: 5 },
    async run({ net, indexes }) {
      const { coins } = net.adapter.parameters;
      await net.until(async () => {
        const got = await Promise.all(indexes.map((index) => net.balance(index)));
        return got.every((balance) => balance === coins)
          ? undefined
          : `the balances are ${got.join(", ")}, wanted ${coins} each`;
      });
    },
  },
  {
    code: "L104",
    level: 1,
    points: 2,
    title: "Every node knows every node",
    why: "Every node knows id, address and public key of every other",
    basis: "assignment",
    needs: ["peers"],
    network: { ...SMALL, nodes: 5 },
    async run({ net, count, indexes }) {
      await net.until(async () => {
        const got = await Promise.all(indexes.map((index) => net.peerCount(index)));
        return got.every((known) => known === count)
          ? undefined
          : `the nodes know ${got.join(", ")} nodes, wanted ${count} each`;
      });
    },
  },
  {
    code: "L105",
    level: 1,
    points: 4,
    title: "A payment arrives: the sender has less, the receiver more, in everybody's eyes",
    why:
      "`t <recipient> <amount>` sends coins, and every node keeps the unspent outputs of all wallets",
    basis: "assignment",
    needs: ["pay", "balance"],
    network: SMALL,
    async run(session) {
      await session.begin();
      await session.pay(0, 1, 7);
      await session.settle();
    },
  },
  {
    code: "L106",
    level: 1,
    points: 3,
    title: "`view` shows the payment of the last block at every node",
    why: "`view` prints the transactions of the last validated block",
    basis: "assignment",
    needs: ["pay", "balance", "lastTransactions"],
    network: SMALL,
    async run(session) {
      const { net, indexes } = session;
      await session.begin();
      const amount = session.random.integer(2, 20);
      await session.pay(1, 2, amount);
      await session.settle();
      await net.until(async () => {
        for (const index of indexes) {
          const shown = await net.lastTransactions(index);
          const isThere = shown.some((one) =>
            one.sender === 1 && one.receiver === 2 && one.amount === amount
          );
          if (!isThere) {
            const got = shown.map((one) => `${one.sender}→${one.receiver} ${one.amount}`).join(
              ", ",
            );
            return `node ${index} shows "${got}", wanted 1→2 ${amount} in it`;
          }
        }
        return undefined;
      });
    },
  },
  {
    code: "L107",
    level: 1,
    points: 3,
    title: "Every node can pay every other",
    why: "Every node has a wallet and is a client's way into the network",
    basis: "assignment",
    needs: ["pay", "balance"],
    network: SMALL,
    async run(session) {
      await session.begin();
      for (const from of session.indexes) {
        for (const to of session.indexes) {
          if (from === to) continue;
          await session.pay(from, to, 1 + from + to);
          await session.settle();
        }
      }
    },
  },
  {
    code: "L108",
    level: 1,
    points: 2,
    title: "A network of two lives",
    why: "n is a parameter; the smallest networks are the first that anybody tries",
    basis: "beyond the assignment",
    needs: ["pay", "balance"],
    network: { ...SMALL, nodes: 2 },
    async run(session) {
      await session.begin();
      await session.pay(1, 0, 3);
      await session.settle();
    },
  },
  {
    code: "L109",
    level: 1,
    points: 2,
    title: "Nodes that start before the bootstrap node wait for it",
    why: "Terminals and machines do not start in order; whoever is early asks again",
    basis: "beyond the assignment",
    needs: ["balance", "pay"],
    network: { ...SMALL, order: "bootstrap-last" },
    notFor: ({ order }) =>
      order === "one-by-one" ? "the adapter says that nodes start one by one" : undefined,
    async run(session) {
      await session.begin();
      await session.probe();
    },
  },
  {
    code: "L110",
    level: 1,
    points: 2,
    title: "One node too many is not taken in: ids, coins and the others stay as they are",
    why: "The number of nodes is fixed; a late one must not get coins that do not exist",
    basis: "beyond the assignment",
    needs: ["pay", "balance"],
    network: SMALL,
    spoils: true,
    async run(session) {
      const { net, count } = session;
      await session.begin();
      const extra = await net.startExtra();
      try {
        // Time to get what it must not get: until it is ready, or has been refused.
        await Promise.race([
          extra.untilReady().catch((error) => {
            if (!(error instanceof Trouble)) throw error;
          }),
          new Promise((resolve) => setTimeout(resolve, EXTRA_MS * machineSlowness())),
        ]);
        await new Promise((resolve) => setTimeout(resolve, EXTRA_MS / 5));
        await session.probe();
        await session.probe();
        let got = 0;
        try {
          got = await net.balance(count);
        } catch (error) {
          if (!(error instanceof Trouble)) throw error;
        }
        if (got > 0) {
          throw new Failure(`node ${count} of ${count} has ${got} NBC, wanted it refused`);
        }
        if (net.has("peers")) {
          const known = await net.peerCount(0);
          if (known !== count) {
            throw new Failure(`the bootstrap node knows ${known} nodes, wanted ${count}`);
          }
        }
      } finally {
        await net.removeExtra(extra);
      }
    },
  },
  {
    code: "L111",
    level: 1,
    points: 2,
    title: "A node that is killed and started again while the others are awaited counts once",
    why: "Registering twice must not fill the ring with one node",
    basis: "beyond the assignment",
    needs: ["pay", "balance"],
    network: { ...SMALL, order: "one-twice" },
    notFor: ({ restart }) => restart ? undefined : "the adapter says that nodes do not come back",
    async run(session) {
      const { net, count, indexes } = session;
      if (net.has("id")) {
        const ids = await Promise.all(indexes.map((index) => net.id(index)));
        if (new Set(ids).size !== count) {
          throw new Failure(`the ids are ${ids.join(", ")}, wanted ${count} different ones`);
        }
      }
      await session.begin();
      await session.probe();
    },
  },
];
