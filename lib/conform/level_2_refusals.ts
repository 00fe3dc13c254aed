/**
 * Level 2, ledger: payments that must be refused, after which every balance is as before.
 *
 * @module
 */
import type { ConformTest } from "./conform_test.ts";
import type { NetworkWish } from "./network_wish.ts";
import type { TestSession } from "./test_session.ts";

const SMALL: NetworkWish = { nodes: 3, capacity: 1, difficulty: "usual" };
export const LEVEL_2_COMMON = {
  level: 2,
  needs: ["pay", "balance"],
  network: SMALL,
} as const;
const COMMON = LEVEL_2_COMMON;

export const LEVEL_2_REFUSALS: readonly ConformTest[] = [
  {
    ...COMMON,
    code: "L201",
    points: 3,
    title: "More than there is cannot be paid",
    why:
      "A transaction is valid when its inputs are unspent outputs of the sender that cover the amount",
    basis: "assignment",
    run: (session) =>
      refused(session, (have) => have + 1, "a payment of one more than the balance"),
  },
  {
    ...COMMON,
    code: "L202",
    points: 2,
    title: "Nothing cannot be paid",
    why: "A payment moves coins; one of 0 only fills blocks",
    basis: "beyond the assignment",
    run: (session) => refused(session, () => 0, "a payment of 0"),
  },
  {
    ...COMMON,
    code: "L203",
    points: 3,
    title: "A negative amount cannot be paid",
    why: "A negative payment takes coins from the receiver, who did not sign",
    basis: "assignment",
    run: (session) => refused(session, () => -5, "a payment of -5"),
  },
  {
    ...COMMON,
    code: "L204",
    points: 1,
    title: "A fraction cannot be paid",
    why: "Amounts are whole NBC; sums of fractions are not exact",
    basis: "beyond the assignment",
    run: (session) => refused(session, () => 1.5, "a payment of 1.5"),
  },
  {
    ...COMMON,
    code: "L205",
    points: 1,
    title: "Text in place of an amount is refused",
    why: "Whatever a client sends, a node checks it",
    basis: "beyond the assignment",
    run: (session) => refused(session, () => "abc", 'a payment of "abc"'),
  },
  {
    ...COMMON,
    code: "L206",
    points: 1,
    title: "An amount beyond every whole number of JSON is refused",
    why: "From 2^53 on, numbers lose their last digits on the way",
    basis: "beyond the assignment",
    run: (session) => refused(session, () => 2 ** 53, "a payment of 2^53"),
  },
  {
    ...COMMON,
    code: "L207",
    points: 2,
    title: "A receiver that does not exist is refused, and nothing is reserved for it",
    why: "Coins for nobody are lost",
    basis: "assignment",
    async run(session) {
      await session.begin();
      const nobody = {
        to: 4711,
        toAddress: "nobody",
        toHost: "127.0.0.1",
        toPort: 1,
        toUrl: "http://127.0.0.1:1",
      };
      await session.mustRefuse(0, nobody, 1, "a payment to node 4711");
      // All coins can still be spent.
      const all = session.expected[0] ?? 0;
      if (all > 0) await session.pay(0, 1, all);
      await session.settle();
    },
  },
];

/** A payment that must not be done; afterwards all balances are as before and the network lives. */
async function refused(
  session: TestSession,
  amountOf: (have: number) => unknown,
  what: string,
): Promise<void> {
  await session.begin();
  await session.mustRefuse(0, session.receiver(1), amountOf(session.expected[0] ?? 0), what);
  await session.probe();
}
