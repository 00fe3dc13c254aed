/**
 * What happens to a network of five hosts whose network breaks: run beside the bridge by
 * `lib/runtime/e2e_partition_test.ts`, with the prefix of the hosts' names as its argument.
 *
 * Ends with exit code 0 when everything held, otherwise with the assertion that did not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cutWay, mendWay, setPlugged, wayNames } from "./network_hosts.ts";
import {
  askNode,
  type NodeProcess,
  type NodeProcesses,
  untilAnswer,
  withNodeProcesses,
} from "./spawned_node.ts";
import { oneTip, payFrom } from "./scenario_steps.ts";

const NODES = 5;
const PORT = "5000";
const hosts = wayNames(Deno.args[0] ?? "");

await withNodeProcesses(
  async (processes) => {
    const nodes = await startNetwork(processes);
    const pay = (from: number, to: number, amount: number) =>
      payFrom(processes, nodes[from] as NodeProcess, { name: `node-${from}`, to, amount });

    // F08 R02: both halves go on by themselves; the heavier one wins, and no payment is lost (M06).
    await partition([0, 1], [2, 3, 4], cutWay);
    await pay(0, 1, 5);
    await pay(2, 3, 7);
    await confirmed(nodes.slice(0, 2), { 0: 95, 1: 105 });
    await confirmed(nodes.slice(2), { 2: 93, 3: 107 });
    await pay(3, 4, 1);
    await confirmed(nodes.slice(2), { 3: 106, 4: 101 });
    await confirmed(nodes.slice(0, 2), { 2: 100, 3: 100, 4: 100 });
    await partition([0, 1], [2, 3, 4], mendWay);
    await confirmed(nodes, { 0: 95, 1: 105, 2: 93, 3: 106, 4: 101 });
    await oneTip(nodes);
    console.log("partition healed");

    // One way is lost: those two hear of each other through the others.
    await cutWay(hosts, 4, 0);
    await pay(0, 4, 10);
    await pay(4, 0, 20);
    await confirmed(nodes, { 0: 105, 4: 91 });
    await mendWay(hosts, 4, 0);
    await oneTip(nodes);
    console.log("one-way link mended");

    // R02: a host hangs without closing anything; the others do not wait for it.
    await setPlugged(hosts, 2, false);
    const others = nodes.filter((_, index) => index !== 2);
    const startedAtMs = performance.now();
    await pay(1, 3, 5);
    // Whoever waited for it would do so for the four seconds of a request.
    assert(performance.now() - startedAtMs < 3500, "A payment waited for a host that hangs");
    await confirmed(others, { 1: 100, 3: 111 });
    await setPlugged(hosts, 2, true);
    await confirmed(nodes, { 1: 100, 3: 111 });
    await oneTip(nodes);
    console.log("hanging host is back");

    // R03: one that was away for some blocks catches up.
    await (nodes[3] as NodeProcess).stop("SIGKILL");
    for (let count = 0; count < 3; count++) {
      await pay(0, 1, 1);
      await confirmed(nodes.slice(0, 2), { 1: 101 + count });
    }
    nodes[3] = processes.start("node-3", argsOf(3));
    await nodes[3].ready();
    await confirmed(nodes, { 0: 102, 1: 103 });
    await oneTip(nodes);
    console.log("killed host caught up");
  },
  (name) => ["ip", "netns", "exec", hosts.namespaceOf(Number(name.replace("node-", "")))],
);

function argsOf(index: number): string[] {
  const role = index === 0
    ? ["-b", "-n", `${NODES}`, "--difficulty", "3", "--block-wait", "200ms"]
    : ["--bootstrap-url", `http://${hosts.addressOf(0)}:${PORT}`];
  return ["--host", hosts.addressOf(index), "--port", PORT, "--allow-plain-token", ...role];
}

async function startNetwork(processes: NodeProcesses): Promise<NodeProcess[]> {
  const nodes: NodeProcess[] = [];
  for (let index = 0; index < NODES; index++) {
    const node = processes.start(`node-${index}`, argsOf(index));
    nodes.push(node);
    // One after the other, so that host i has id i.
    if (index === 0) await node.listening();
    else await node.until(({ id }) => typeof id === "number", "has joined");
  }
  await Promise.all(nodes.map((node) => node.ready()));
  nodes.forEach((node, index) => assert.equal(node.id, index));
  return nodes;
}

async function partition(
  left: readonly number[],
  right: readonly number[],
  change: typeof cutWay,
): Promise<void> {
  for (const a of left) {
    for (const b of right) {
      await change(hosts, a, b);
      await change(hosts, b, a);
    }
  }
}

/** Waits until all these nodes have these confirmed balances, and the supply is what it should be. */
async function confirmed(
  nodes: readonly NodeProcess[],
  wanted: Readonly<Record<number, number>>,
): Promise<void> {
  for (const node of nodes) {
    const { supply } = await untilAnswer(
      async () => (await askNode(node, "/balances")).json,
      ({ balances }) =>
        Object.entries(wanted).every(([id, coins]) => balances[Number(id)]?.confirmed === coins),
    );
    assert.equal(supply, 100 * NODES);
  }
}
