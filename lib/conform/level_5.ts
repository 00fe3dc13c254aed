/**
 * Level 5, faults: nodes freeze, die, come back, are slow, are cut off; afterwards one chain and all coins.
 *
 * @module
 */
import type { ConformTest } from "./conform_test.ts";
import type { NetworkWish } from "./network_wish.ts";
import type { TestSession } from "./test_session.ts";
import { Failure, NotApplicable, Trouble } from "./trouble.ts";

const FOUR: NetworkWish = { nodes: 4, capacity: 1, difficulty: "usual" };
const FREEZE_MS = 10_000;
/** A cut lasts at least that long, and until both halves have what they paid, or so long at most. */
const CUT_MS_MIN = 3_000;
const CUT_MS_MAX = 8_000;
const SLOW_MS = 8_000;
const COMMON = {
  level: 5,
  needs: ["pay", "balance"],
  network: FOUR,
  timeoutMs: 240_000,
} as const;

export const LEVEL_5: readonly ConformTest[] = [
  {
    ...COMMON,
    code: "L501",
    points: 3,
    title: "While one node is frozen for 10 s, the others pay on; when it thaws, it has everything",
    why: "A network of n machines always has a slow one; nobody may wait for it for ever",
    basis: "beyond the assignment",
    async run(session) {
      await session.begin();
      const { net } = session;
      await session.probe();
      const among = [0, 1, 2];
      const frozenAtMs = performance.now();
      await net.nodes[3]?.setFrozen(true);
      try {
        for (let turn = 0; turn < 4; turn++) {
          await session.pay(among[turn % 3] as number, among[(turn + 1) % 3] as number, 2);
        }
        await session.settle({ among });
        await rest(FREEZE_MS - (performance.now() - frozenAtMs));
      } finally {
        await net.nodes[3]?.setFrozen(false);
      }
      await together(session);
    },
  },
  {
    ...COMMON,
    code: "L502",
    points: 3,
    title: "A node that was killed does not stop the others",
    spoils: true,
    why: "Consensus of those who are there needs nobody who is not",
    basis: "beyond the assignment",
    async run(session) {
      await session.begin();
      await session.probe();
      await session.net.nodes[2]?.kill();
      const among = [0, 1, 3];
      for (let turn = 0; turn < 3; turn++) {
        await session.pay(among[turn] as number, among[(turn + 1) % 3] as number, 3);
        await session.settle({ among });
      }
    },
  },
  {
    ...COMMON,
    code: "L503",
    points: 3,
    title: "A node that was killed and is started again has its id, its coins and what it missed",
    why: "A wallet that a power cut destroys is no wallet",
    basis: "beyond the assignment",
    notFor: ({ restart }) => restart ? undefined : "the adapter says that nodes do not come back",
    async run(session) {
      await session.begin();
      const { net } = session;
      await session.pay(2, 0, 11);
      await session.settle();
      await net.nodes[2]?.kill();
      const among = [0, 1, 3];
      for (let turn = 0; turn < 3; turn++) {
        await session.pay(among[turn] as number, among[(turn + 1) % 3] as number, 2);
      }
      await session.settle({ among });
      await net.nodes[2]?.start();
      await together(session);
      if (net.has("id")) {
        const id = await net.id(2);
        if (id !== net.idOf(2)) {
          throw new Failure(`the node had id ${net.idOf(2)}, and has ${id} now`);
        }
      }
      await session.pay(2, 1, 5);
      await together(session);
    },
  },
  {
    ...COMMON,
    code: "L504",
    points: 3,
    title: "Without the bootstrap node, the network goes on",
    spoils: true,
    why: "The bootstrap node is needed to begin; the ring knows everybody after that",
    basis: "assignment",
    async run(session) {
      await session.begin();
      await session.probe();
      await session.net.nodes[0]?.kill();
      const among = [1, 2, 3];
      for (let turn = 0; turn < 4; turn++) {
        await session.pay(among[turn % 3] as number, among[(turn + 1) % 3] as number, 4);
        await session.settle({ among });
      }
    },
  },
  {
    ...COMMON,
    code: "L505",
    points: 3,
    title: "Two halves that were cut apart and paid on become one again: one chain, all coins",
    why: "resolve_conflict: the longest valid chain is everybody's",
    basis: "assignment",
    async run(session) {
      const { net } = session;
      if (!net.canCut) {
        throw new NotApplicable("nodes have no addresses of their own here, so nothing can be cut");
      }
      await session.begin();
      await session.probe();
      await net.cut([2, 3]);
      try {
        const startedAtMs = performance.now();
        const answers = await Promise.all([0, 1, 2, 3].map(async (from) => {
          const to = from ^ 1;
          const got = [];
          for (let turn = 0; turn < 3; turn++) got.push(await session.tryPay(from, to, 1 + from));
          return got;
        }));
        session.note(
          `while cut: ${
            answers.flat().filter((answer) => answer === "accepted").length
          } of 12 accepted`,
        );
        for (const among of [[0, 1], [2, 3]]) await tryToSettle(session, among);
        await rest(CUT_MS_MIN - (performance.now() - startedAtMs));
      } finally {
        await net.mend();
      }
      await together(session, 3);
    },
  },
  {
    ...COMMON,
    code: "L506",
    points: 2,
    title: "A node that runs at a fifth of its speed keeps up in the end",
    why: "Machines differ; blocks that arrive late still arrive",
    basis: "beyond the assignment",
    async run(session) {
      const { net } = session;
      await session.begin();
      let isSlow = true;
      const slowing = (async () => {
        while (isSlow) {
          await net.nodes[1]?.setFrozen(true);
          await rest(160);
          await net.nodes[1]?.setFrozen(false);
          await rest(40);
        }
      })();
      try {
        const startedAtMs = performance.now();
        for (let turn = 0; turn < 6 || performance.now() - startedAtMs < SLOW_MS; turn++) {
          const from = [0, 2, 3][turn % 3] as number;
          if (turn < 12) await session.tryPay(from, (from + 1) % 4, 1);
          else await rest(200);
        }
      } finally {
        isSlow = false;
        await slowing;
        await net.nodes[1]?.setFrozen(false);
      }
      if (session.accepted.length === 0) throw new Failure("no payment was accepted");
      await together(session, 2);
    },
  },
  {
    ...COMMON,
    code: "L507",
    points: 3,
    title:
      "A node killed in the middle of payments: what the others accepted is kept, no coin is lost or doubled",
    why: "A block half sent is a block for some",
    basis: "beyond the assignment",
    notFor: ({ restart }) => restart ? undefined : "the adapter says that nodes do not come back",
    async run(session) {
      await session.begin();
      const { net } = session;
      const paying = Promise.all([0, 1, 3].map(async (from) => {
        for (let turn = 0; turn < 6; turn++) await session.tryPay(from, (from + 1) % 4, 1);
      }));
      await rest(session.random.integer(50, 400));
      await net.nodes[2]?.kill();
      await paying;
      await net.nodes[2]?.start();
      await together(session, 2);
    },
  },
  {
    ...COMMON,
    code: "L508",
    points: 2,
    title: "After all nodes were stopped and started, the ledger is as it was",
    why: "Machines are switched off at night",
    basis: "beyond the assignment",
    notFor: ({ restart }) => restart ? undefined : "the adapter says that nodes do not come back",
    async run(session) {
      await session.begin();
      const { net } = session;
      await session.pay(0, 1, 13);
      await session.pay(2, 3, 21);
      await session.settle();
      if (net.hasChain) await session.untilConfirmed();
      await Promise.all(net.nodes.map((node) => node.stop()));
      await net.nodes[0]?.start();
      await Promise.all(net.nodes.slice(1).map((node) => node.start()));
      await together(session, 2);
      await session.probe();
    },
  },
];

/** All nodes tell the ledger's balances, and have one last block. */
async function together(session: TestSession, patience = 1): Promise<void> {
  await session.settle({ patienceMs: session.net.patienceMs * patience });
  if (session.net.hasChain) await session.untilOneTip();
  await session.probe().catch((error) => {
    if (error instanceof Failure || error instanceof Trouble) {
      throw new Failure(`all was well again, but then: ${error.message}`);
    }
    throw error;
  });
}

async function rest(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a half of the network; one that cannot go on alone is judged when it is whole again. */
async function tryToSettle(session: TestSession, among: readonly number[]): Promise<void> {
  try {
    await session.settle({ among, patienceMs: CUT_MS_MAX / 2 });
  } catch (error) {
    if (!(error instanceof Failure || error instanceof Trouble)) throw error;
  }
}
