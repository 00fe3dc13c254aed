/**
 * How a network of an implementation comes up: the order of the nodes, their wallets, the coins at the start.
 *
 * ```
 * bootstrap node → the others in any order → afterStart → ids, addresses → everybody has the coins
 * ```
 *
 * @module
 */
import type { RandomStream } from "../random/random_stream.ts";
import type { AskedNodes } from "./asked_nodes.ts";
import { awakeMs } from "./awake_time.ts";
import { machineSlowness } from "./machine_load.ts";

import type { NodeUnderTest } from "./node_under_test.ts";
import { Failure, Trouble } from "./trouble.ts";

const LOOK_MS = 100;
/** How long a node has to join that does not tell whether it has. */
const JOIN_MS = 3_000;
/** How long nodes wait for a bootstrap node that is not there yet. */
const BOOTSTRAP_LATE_MS = 1_000;

/** Starts all nodes as the test wishes. */
export async function startNodes(network: AskedNodes, random: RandomStream): Promise<void> {
  const { adapter, wish } = network;
  const [bootstrap, ...others] = network.nodes as [NodeUnderTest, ...NodeUnderTest[]];
  const shuffled = random.shuffle(others);
  if (wish.order === "bootstrap-last") {
    for (const node of shuffled) await node.launch();
    await new Promise((resolve) => setTimeout(resolve, BOOTSTRAP_LATE_MS));
    await bootstrap.start();
    await Promise.all(others.map((node) => node.untilReady()));
  } else {
    await bootstrap.start();
    if (wish.order === "one-twice") await startTwice(network, others[0] as NodeUnderTest);
    if (adapter.order === "one-by-one") {
      for (const node of others) if (!node.isRunning) await node.start();
    } else {
      await Promise.all(
        shuffled.filter((node) => !node.isRunning).map((node) => node.launch()),
      );
      await Promise.all(others.map((node) => node.untilReady()));
    }
  }
  if (adapter.afterStart !== undefined) {
    await network.call(0, "afterStart", { spec: adapter.afterStart });
  }
}

/**
 * Learns who the nodes are, and waits until everybody has the coins.
 *
 * @param triedMs waits no longer, and goes on without what they do not tell: who asks next sees what is wrong
 */
export async function learnNodes(network: AskedNodes, triedMs?: number): Promise<void> {
  for (const learn of [learnIds, learnAddresses, untilWhole]) {
    await learn(network, triedMs ?? network.patienceMs).catch((error) => {
      const isOfNodes = error instanceof Trouble || error instanceof Failure;
      if (!isOfNodes || triedMs === undefined) throw error;
    });
  }
}

/** A node that joins, is killed, and joins again from the same folder. */
async function startTwice(network: AskedNodes, node: NodeUnderTest): Promise<void> {
  await node.start();
  const joinedBy = awakeMs() + JOIN_MS * machineSlowness();
  // One that tells its id has joined; the others get the time.
  while (awakeMs() < joinedBy) {
    if (network.has("id") && await tellsId(network, node.index)) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await node.kill();
  await node.start();
}

async function tellsId(network: AskedNodes, index: number): Promise<boolean> {
  try {
    return await network.id(index) >= 0;
  } catch (error) {
    if (error instanceof Trouble) return false;
    throw error;
  }
}

/** Where an implementation does not tell ids, they follow the order of starting. */
async function learnIds(network: AskedNodes, patienceMs: number): Promise<void> {
  if (!network.has("id")) return;
  await network.until(async () => {
    for (const { index } of network.nodes) network.names.learnId(index, await network.id(index));
    return undefined;
  }, { patienceMs }).catch(asStartTrouble);
}

async function learnAddresses(network: AskedNodes, patienceMs: number): Promise<void> {
  if (!network.has("address")) return;
  await network.until(async () => {
    for (const { index } of network.nodes) {
      const { value } = await network.ask(index, "address");
      if (value === undefined || value === null || value === "") {
        return `node ${index} tells no address`;
      }
      network.names.learnAddress(index, String(value));
    }
    return undefined;
  }, { patienceMs }).catch(asStartTrouble);
}

/** Gives the start-up payments time to arrive; tests say what is wrong when they have not. */
async function untilWhole(network: AskedNodes, patienceMs: number): Promise<void> {
  if (!network.has("balance")) return;
  const { coins } = network.adapter.parameters;
  await network.until(async () => {
    for (const { index } of network.nodes) {
      const got = await network.balance(index);
      if (got !== coins) return `node ${index} has ${got}`;
    }
    return undefined;
  }, { patienceMs }).catch((error) => {
    if (!(error instanceof Failure)) throw error;
  });
}

function asStartTrouble(error: unknown): never {
  if (error instanceof Failure) throw new Trouble("never-ready", error.message);
  throw error;
}
