/**
 * What scenarios on network hosts do and wait for.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readToken } from "../store/data_folder.ts";
import { askNode, type NodeProcess, type NodeProcesses, untilAnswer } from "./spawned_node.ts";

/** Lets a node pay; gives the txid. The payment is to be accepted, whatever becomes of it. */
export async function payFrom(
  processes: NodeProcesses,
  node: NodeProcess,
  { name, to, amount }: { readonly name: string; readonly to: number; readonly amount: number },
): Promise<string> {
  const token = readToken(`${processes.folder}/${name}`) as string;
  const { status, json } = await askNode(node, "/payments", { body: { to, amount }, token });
  assert.equal(status, 202, JSON.stringify(json));
  return json.txid;
}

/** Waits until these nodes have the same tip, and nothing waits for a block. */
export async function oneTip(nodes: readonly NodeProcess[]): Promise<void> {
  await untilAnswer(
    () => Promise.all(nodes.map(async (node) => (await askNode(node, "/status")).json.chain)),
    (chains) =>
      chains.every((chain) =>
        chain.tipHash === chains[0].tipHash && chain.transactionsWaiting === 0
      ),
  );
}
