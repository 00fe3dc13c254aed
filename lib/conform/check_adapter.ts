/**
 * Tries every operation of an adapter once on a network of two, and shows what came back.
 *
 * @module
 */
import { randomStream } from "../random/random_stream.ts";
import { type Operation, OPERATION_NAMES } from "./adapter_schema.ts";
import { NetworkUnderTest } from "./network_under_test.ts";
import { NotApplicable, Trouble } from "./trouble.ts";
import type { WorkerEvent } from "./worker_event.ts";
import type { Workplace } from "./workplace.ts";

const VALUE_KEPT = 600;
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
  );
  try {
    for (const operation of ORDER) {
      if (!net.has(operation)) continue;
      net.caller.begin();
      let [value, ok] = ["", true];
      try {
        value = await tryOne(net, operation);
      } catch (error) {
        if (!(error instanceof Trouble || error instanceof NotApplicable)) throw error;
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
      if (operation === "pay" && ok) await settled(net);
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
      return await net.pay(0, net.nodes.length - 1, 3);
    case "lastTransactions":
      return JSON.stringify(withoutRaw(await net.lastTransactions(0)));
    case "chain":
    case "block":
      return JSON.stringify(withoutRaw((await net.chain(0)).slice(-1)));
    case "forge":
      return await net.forge(0, "valid-transaction", {
        from: 0,
        to: net.nodes.length - 1,
        amount: 1,
      });
    default:
      return "not tried";
  }
}

async function settled(net: NetworkUnderTest): Promise<void> {
  await net.until(async () => {
    const got = await net.balance(net.nodes.length - 1);
    return got === net.adapter.parameters.coins ? "the payment has not arrived" : undefined;
  }).catch((error) => {
    if (!(error instanceof Error)) throw error;
  });
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
