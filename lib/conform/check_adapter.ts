/**
 * Tries every operation of an adapter once on a network of two, and shows what came back.
 *
 * @module
 */
import { randomStream } from "../random/random_stream.ts";
import { type Operation, OPERATION_NAMES } from "./adapter_schema.ts";
import type { Answer } from "./asked_nodes.ts";
import { paymentsIn } from "./chain_payments.ts";
import { NetworkUnderTest } from "./network_under_test.ts";
import { Failure, NotApplicable, Trouble } from "./trouble.ts";
import type { WorkerEvent } from "./worker_event.ts";
import type { Workplace } from "./workplace.ts";

const VALUE_KEPT = 600;
const PAID = 3;
/** Whoever writes an adapter starts it again and again: what does not work is told soon. */
const TRIED_MS = 8_000;
/** The order of asking: first what reads, then what pays, then what reads the payment's effect. */
const ORDER: readonly Operation[] = [
  ...["id", "address", "peers", "balance", "balances", "pay"] as const,
  ...["lastTransactions", "chain", "block", "forge"] as const,
];

export async function runCheck(
  workplace: Workplace,
  seed: number,
  say: (event: WorkerEvent) => void,
): Promise<void> {
  const { adapter } = workplace;
  const net = await NetworkUnderTest.start(
    workplace,
    { nodes: Math.min(2, adapter.nodes.max), capacity: 1, difficulty: "usual" },
    randomStream(seed, "conform/check"),
    TRIED_MS,
  );
  try {
    for (const operation of ORDER) {
      if (!net.has(operation)) continue;
      net.caller.begin();
      let [value, ok] = ["", true];
      try {
        value = await tryOne(net, operation);
      } catch (error) {
        if (
          !(error instanceof Trouble || error instanceof NotApplicable || error instanceof Failure)
        ) throw error;
        [value, ok] = [error.message, false];
      }
      const call = net.caller.calls.at(-1);
      say({
        event: "check",
        operation,
        request: call?.request ?? "",
        answer: call?.answer ?? "",
        value: value.slice(0, VALUE_KEPT),
        ok,
      });
      if (operation === "pay" && ok) {
        const arrived = await untilArrived(net);
        say({ event: "check", operation: "balance", request: "", answer: "", ...arrived });
      }
    }
    for (const operation of OPERATION_NAMES) {
      if (!net.has(operation)) {
        say({
          event: "check",
          operation,
          request: "",
          answer: "",
          value: "the adapter does not have it",
          ok: true,
        });
      }
    }
  } finally {
    await net.close();
  }
}

async function tryOne(net: NetworkUnderTest, operation: Operation): Promise<string> {
  switch (operation) {
    case "id":
      return String(await net.id(1));
    case "address":
      return net.addressOf(1) ?? "none";
    case "peers":
      return String(await net.peerCount(0));
    case "balance":
      return (await Promise.all(net.nodes.map(({ index }) => net.balance(index)))).join(", ");
    case "balances":
      return (await net.balances(0)).join(", ");
    case "pay":
      return wanted(await net.pay(0, net.nodes.length - 1, PAID));
    case "lastTransactions":
      return JSON.stringify(withoutRaw(await net.lastTransactions(0)));
    case "chain":
    case "block":
      return JSON.stringify(withoutRaw(await lastBlock(net)));
    case "forge":
      return wanted(
        await net.forge(0, "valid-transaction", { from: 0, to: net.nodes.length - 1, amount: 1 }),
      );
    default:
      return "not tried";
  }
}

/** What is asked for here is right, so yes is the answer that is wanted. */
function wanted(answer: Answer): string {
  if (answer !== "accepted") throw new Failure(`got "${answer}", wanted it accepted`);
  return answer;
}

/** Waits until the receiver has the payment, and tells the balances then. */
async function untilArrived(
  net: NetworkUnderTest,
): Promise<{ readonly value: string; readonly ok: boolean }> {
  const to = net.nodes.length - 1;
  const { coins, partialBlocks } = net.adapter.parameters;
  try {
    // Where only full blocks are mined, the others fill this one.
    for (let count = 1; count < net.capacity && !partialBlocks; count++) await net.pay(0, to, 1);
    await net.until(async () => {
      const got = await net.balance(to);
      return got >= coins + PAID
        ? undefined
        : `node ${to} has ${got} after a payment of ${PAID}, which has not arrived`;
    });
    return { value: `${await tryOne(net, "balance")} after the payment`, ok: true };
  } catch (error) {
    if (!(error instanceof Failure || error instanceof Trouble)) throw error;
    return { value: error.message, ok: false };
  }
}

/** The last block of a chain whose payments can be told whose they are. */
async function lastBlock(net: NetworkUnderTest): Promise<unknown> {
  const chain = await net.chain(0);
  paymentsIn(chain, net.adapter);
  return chain.slice(-1);
}

function withoutRaw(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(
      value,
      (key, item) =>
        key === "raw" ? undefined : key === "preimage" && item !== undefined ? "…" : item,
    ),
  );
}
