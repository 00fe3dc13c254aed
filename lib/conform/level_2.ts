/**
 * Level 2, ledger: what may be paid, and that no coin appears or vanishes.
 *
 * What must be refused is told in `level_2_refusals.ts`.
 *
 * @module
 */
import type { ConformTest } from "./conform_test.ts";
import { LEVEL_2_COMMON as COMMON, LEVEL_2_REFUSALS } from "./level_2_refusals.ts";
import type { TestSession } from "./test_session.ts";
import { Failure } from "./trouble.ts";
import { pageThatPays } from "./web_page.ts";

export const LEVEL_2: readonly ConformTest[] = [
  ...LEVEL_2_REFUSALS,
  {
    ...COMMON,
    code: "L208",
    points: 1,
    title: "Paying oneself is refused or changes nothing",
    why: "Whether it is allowed is open; that no coin appears is not",
    basis: "beyond the assignment",
    async run(session) {
      await session.begin();
      const answer = await session.net.pay(1, 1, 5);
      session.note(`a payment to itself: ${answer}`);
      if (answer === "accepted") session.accepted.push({ from: 1, to: 1, amount: 5 });
      await session.probe();
    },
  },
  {
    ...COMMON,
    code: "L209",
    points: 3,
    title: "Two payments at once from one wallet: each that is accepted is done, and done once",
    why: "Two transactions must never spend the same output",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const from = richest(session);
      const others = session.indexes.filter((index) => index !== from);
      for (let round = 0; round < 3; round++) {
        const answers = await Promise.all(
          others.flatMap((to) => [session.tryPay(from, to, 2), session.tryPay(from, to, 3)]),
        );
        session.note(`round ${round + 1}: ${answers.join(", ")}`);
        if (!answers.includes("accepted")) {
          throw new Failure(`none of ${answers.length} payments at once was accepted`);
        }
        await session.settle();
      }
    },
  },
  {
    ...COMMON,
    code: "L210",
    points: 2,
    title: "Two payments at once that only one can afford: never both",
    why: "The inputs of an accepted transaction are spent",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const from = richest(session);
      const others = session.indexes.filter((index) => index !== from);
      const amount = Math.floor((session.expected[from] ?? 0) / 2) + 1;
      const answers = await Promise.all(others.map((to) => session.tryPay(from, to, amount)));
      session.note(answers.join(", "));
      if (answers.filter((answer) => answer === "accepted").length > 1) {
        throw new Failure(
          `both payments of ${amount} were accepted though the wallet had ${
            2 * amount - 1
          } at most`,
        );
      }
      await session.settle();
    },
  },
  {
    ...COMMON,
    code: "L211",
    points: 2,
    title: "Change comes back and can be spent again",
    why: "Outputs: the receiver's, and the sender's change",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const from = richest(session);
      const to = (from + 1) % session.count;
      for (const amount of [3, 5, 7, 2]) {
        await session.pay(from, to, amount);
        await session.settle();
      }
    },
  },
  {
    ...COMMON,
    code: "L212",
    points: 2,
    title: "The same payment twice is two payments",
    why: "A transaction's id is the hash of its content, and its inputs differ",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const from = richest(session);
      await session.pay(from, (from + 1) % session.count, 4);
      await session.settle();
      await session.pay(from, (from + 1) % session.count, 4);
      await session.settle();
    },
  },
  {
    ...COMMON,
    code: "L213",
    points: 2,
    title: "A wallet can be emptied, and then pays no more",
    why: "A balance is the sum of unspent outputs, no more and no less",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const from = richest(session);
      const to = (from + 1) % session.count;
      await session.pay(from, to, session.expected[from] as number);
      await session.settle();
      await session.mustRefuse(from, session.receiver(to), 1, "a payment from an empty wallet");
      await session.probe();
    },
  },
  {
    ...COMMON,
    code: "L214",
    points: 2,
    title: "What was received can be paid on, together with what one had",
    why: "A transaction may have several inputs",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const from = richest(session);
      const [a, b] = session.indexes.filter((index) => index !== from) as [number, number];
      await session.pay(from, a, Math.ceil((session.expected[from] as number) / 2));
      await session.settle();
      await session.pay(a, b, session.expected[a] as number);
      await session.settle();
    },
  },
  {
    ...COMMON,
    code: "L215",
    points: 3,
    title: "The supply is the same after every step of a random hour at the market",
    why: "100·n NBC exist, from genesis on",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const { random, count } = session;
      for (let step = 0; step < 12; step++) {
        const from = random.integer(0, count - 1);
        const to = (from + random.integer(1, count - 1)) % count;
        const have = session.expected[from] ?? 0;
        if (have === 0) continue;
        if (random.chance(0.25)) {
          await session.mustRefuse(
            from,
            session.receiver(to),
            have + random.integer(1, 50),
            "more than there is",
          );
        } else await session.pay(from, to, random.integer(1, have));
        await session.settle();
      }
    },
  },
  {
    ...COMMON,
    code: "L216",
    points: 1,
    title: "A refusal is an answer: no server error (HTTP 5xx), no silence",
    why: "A client has to know why; an exception in a handler leaves things half done",
    basis: "beyond the assignment",
    async run(session) {
      await session.begin();
      const to = session.receiver(1);
      const cases: readonly (readonly [string, unknown])[] = [
        ["too much", 100_000],
        ["0", 0],
        ["-1", -1],
        ["text", "abc"],
        ["empty text", ""],
      ];
      const bad: string[] = [];
      for (const [what, amount] of cases) {
        const answer = await session.net.payTo(0, to, amount);
        if (answer === "crashed" || answer === "silent") {
          bad.push(`${what}: ${answer === "crashed" ? "HTTP 5xx" : answer}`);
        }
        if (answer === "accepted") throw new Failure(`a payment of ${what} was accepted`);
      }
      if (bad.length > 0) {
        throw new Failure(`a bad payment is answered as if the node had failed: ${bad.join(", ")}`);
      }
    },
  },
  {
    ...COMMON,
    code: "L217",
    points: 2,
    title: "A web page of another site, open in somebody's browser, cannot pay",
    why: "A spend endpoint on one's own machine is reached by every page that one visits",
    basis: "beyond the assignment",
    notFor: ({ operations: { pay } }) =>
      pay !== undefined && "http" in pay ? undefined : "the adapter does not pay by HTTP",
    async run(session) {
      await session.begin();
      const why = await pageThatPays(session.net, { from: 0, to: 1, amount: 1 });
      if (why !== undefined) throw new Failure(why);
      await session.probe();
    },
  },
];

function richest({ expected }: TestSession): number {
  return expected.indexOf(Math.max(...expected));
}
