/**
 * What a network of five hosts does over slow links that lose frames: run beside the bridge by
 * `lib/runtime/e2e_slow_network_test.ts`, with the prefix of the hosts' names and the links' delay in ms
 * as its arguments.
 *
 * Blocks are found within milliseconds and travel for hundreds of them, so that the nodes fork all the
 * time. Ends with exit code 0 when everything held, otherwise with the assertion that did not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ByteReader } from "../bytes.ts";
import { decodeBlock } from "../primitives/block.ts";
import { invariant } from "../result.ts";
import { wayNames } from "./network_hosts.ts";
import {
  askNode,
  type NodeProcess,
  type NodeProcesses,
  untilAnswer,
  withNodeProcesses,
} from "./spawned_node.ts";
import { oneTip, payFrom } from "./scenario_steps.ts";

const NODES = 5;
const FIRST_COINS = 100;
const PAYMENTS_PER_NODE = 8;
const PORT = "5000";
const hosts = wayNames(Deno.args[0] ?? "");
const delayMs = Number(Deno.args[1]);

await withNodeProcesses(
  async (processes) => {
    const nodes = Array.from(
      { length: NODES },
      (_, host) => processes.start(`node-${host}`, argsOf(host)),
    );
    await Promise.all(nodes.map((node) => node.ready()));
    assert.deepEqual(nodes.map(({ id }) => id).toSorted(), [0, 1, 2, 3, 4]);
    await linksAreSlow(nodes);
    console.log("network is up");

    const balances = nodes.map(() => FIRST_COINS);
    const paying = nodes.map((_, host) => payOthers({ processes, nodes, host, balances }));
    const txids = (await Promise.all(paying)).flat();
    assert.equal(new Set(txids).size, NODES * PAYMENTS_PER_NODE);
    console.log("payments accepted");

    for (const node of nodes) {
      await untilAnswer(
        async () => (await askNode(node, "/status")).json.chain.transactionsWaiting,
        (count) => count === 0,
      );
    }
    await oneTip(nodes);
    await Promise.all(nodes.map((node) => holdsEverything(node, balances, txids)));
    console.log("one tip, every payment once");
  },
  (name) => ["ip", "netns", "exec", hosts.namespaceOf(Number(name.replace("node-", "")))],
);

function argsOf(host: number): string[] {
  const role = host === 0
    ? ["-b", "-n", `${NODES}`, "--capacity", "5", "--difficulty", "4", "--block-wait", "500ms"]
    : ["--bootstrap-url", `http://${hosts.addressOf(0)}:${PORT}`];
  return ["--host", hosts.addressOf(host), "--port", PORT, "--allow-plain-token", ...role];
}

/** No answer comes before the delay is over. */
async function linksAreSlow(nodes: readonly NodeProcess[]): Promise<void> {
  for (const node of nodes) {
    const askedAtMs = performance.now();
    await askNode(node, "/status");
    const tookMs = performance.now() - askedAtMs;
    assert(tookMs >= delayMs, `An answer of ${node.url} took ${tookMs} ms`);
  }
}

/** Pays everybody else in turn, at once; keeps the books, and gives the txids. */
async function payOthers({ processes, nodes, host, balances }: {
  readonly processes: NodeProcesses;
  readonly nodes: readonly NodeProcess[];
  readonly host: number;
  readonly balances: number[];
}): Promise<string[]> {
  const node = nodes[host] as NodeProcess;
  const from = node.id as number;
  const amount = 1 + from;
  const txids: string[] = [];
  for (let count = 0; count < PAYMENTS_PER_NODE; count++) {
    const to = (from + 1 + count % (NODES - 1)) % NODES;
    txids.push(await payFrom(processes, node, { name: `node-${host}`, to, amount }));
    balances[from] = (balances[from] as number) - amount;
    balances[to] = (balances[to] as number) + amount;
  }
  return txids;
}

/** The node has all coins where they belong, and every payment in its main chain exactly once. */
async function holdsEverything(
  node: NodeProcess,
  wanted: readonly number[],
  txids: readonly string[],
): Promise<void> {
  const { supply, balances } = (await askNode(node, "/balances")).json;
  assert.equal(supply, FIRST_COINS * NODES);
  assert.deepEqual(balances.map(({ confirmed }: { confirmed: number }) => confirmed), wanted);

  const counts = new Map<string, number>();
  for (const txid of await confirmedTxids(node)) counts.set(txid, (counts.get(txid) ?? 0) + 1);
  for (const txid of txids) assert.equal(counts.get(txid), 1, `Payment ${txid} at ${node.url}`);
}

async function confirmedTxids(node: NodeProcess): Promise<string[]> {
  const response = await fetch(`${node.url}/api/v1/blocks/raw?from=1`);
  const reader = new ByteReader(await response.bytes());
  const txids: string[] = [];
  while (reader.remainingBytes > 0) {
    const block = decodeBlock(reader.bytes(reader.u32()));
    invariant(block !== undefined && !reader.failed, "A node's blocks can be read");
    txids.push(...block.transactions.map(({ txid }) => txid));
  }
  return txids;
}
