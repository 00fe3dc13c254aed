/**
 * One run of the same workload at all nodes at once, and the chains that it leaves; most tests of level 3
 * look at it. Made once for a network, and again for a test that is repeated alone.
 *
 * @module
 */
import type { BlockView } from "./normalise.ts";
import { paymentsIn } from "./chain_payments.ts";
import type { AcceptedPayment, TestSession } from "./test_session.ts";
import { Failure, NotApplicable } from "./trouble.ts";

const LINES = 6;

export interface Course {
  /** What had been accepted when the chains were read; later tests may pay more. */
  readonly accepted: readonly AcceptedPayment[];
  readonly chains: readonly (readonly BlockView[])[];
  readonly settled: Error | undefined;
}

/** Every node pays at the same time; what the chains are afterwards. Once for a network. */
export function course(session: TestSession): Promise<Course> {
  const known = session.shared.get("course") as Promise<Course> | undefined;
  if (known !== undefined) return known;
  const made = runCourse(session);
  session.shared.set("course", made);
  return made;
}

async function runCourse(session: TestSession): Promise<Course> {
  await session.begin();
  const { random, count, net } = session;
  const plans = session.indexes.map((from) =>
    // One more at node 0, so that the last block is not full.
    Array.from({ length: LINES + Number(from === 0) }, () => ({
      from,
      to: (from + random.integer(1, count - 1)) % count,
      amount: random.integer(1, 5),
    }))
  );
  const answers = await Promise.all(plans.map(async (plan) => {
    const got: string[] = [];
    for (const { from, to, amount } of plan) got.push(await session.tryPay(from, to, amount));
    return got;
  }));
  session.note(`${session.accepted.length} of ${plans.flat().length} payments accepted`);
  if (!answers.flat().includes("accepted")) {
    throw new Failure("no payment of the workload was accepted");
  }
  let settled: Error | undefined;
  try {
    await session.settle();
    if (net.hasChain) await session.untilConfirmed();
  } catch (error) {
    // Whose payments stand in the chain cannot be told; its blocks and the balances can be judged.
    if (!(error instanceof NotApplicable)) {
      if (!(error instanceof Failure)) throw error;
      settled = error;
    }
  }
  const accepted = [...session.accepted];
  const chains = net.hasChain
    ? await Promise.all(session.indexes.map((index) => net.chain(index)))
    : [];
  return { accepted, chains, settled };
}

/** The same, where the chain can be read. */
export async function courseChains(session: TestSession): Promise<Course> {
  session.needChain();
  return await course(session);
}

/** The payments of a chain, as {@link paymentKey} names them. */
export function keysOf(session: TestSession, chain: readonly BlockView[]): readonly string[] {
  return paymentsIn(chain, session.net.adapter).map(({ key }) => key);
}

/** A list without the items of another; an item that occurs twice is taken away twice. */
export function without(list: readonly string[], taken: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const key of taken) left.set(key, (left.get(key) ?? 0) + 1);
  return list.filter((key) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}
