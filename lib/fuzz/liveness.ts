/**
 * What a mended network must come to: the liveness half of the fuzzer.
 *
 * @module
 */
import type { Network } from "../node/state.ts";
import type { Params } from "../params.ts";
import type { NodeChecker } from "./node_checker.ts";
import { demand } from "./violation.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { World } from "../simulation/world.ts";

/** Tells whether a node is not yet where a mended network should be. */
export function isNodeBehind(node: SimNode, first: SimNode): boolean {
  const network = node.state?.network;
  const firstNetwork = first.state?.network;
  if (network === undefined || firstNetwork === undefined) return true;
  if (node.state?.phase !== "ready") return true;
  if (network.chain.tip.hash !== firstNetwork.chain.tip.hash) return true;
  return hasMoreToMine(network);
}

/** Throws a violation unless the whole network has come to rest on one tip. */
export function checkAtRest(
  world: World,
  { params, checker, honest, isDone }: {
    readonly params: Params;
    readonly checker: NodeChecker;
    readonly honest: readonly SimNode[];
    readonly isDone: boolean;
  },
): void {
  const { ledger } = checker;
  demand(isDone, "not-at-rest", () => `after ${Math.round(world.nowMs)} ms: ${describe(honest)}`);

  for (const node of honest) checker.auditRestart(node);
  const network = honest[0]?.state?.network as Network;
  const state = ledger.stateOf(network.chain.tip.hash);
  const paid = new Set<string>();
  for (let at = state; at !== undefined; at = at.parent) {
    for (const { sender, outputs } of network.chain.block(at.hash)?.transactions ?? []) {
      const receiver = outputs[0];
      if (sender === params.bootstrapKey && receiver?.amount === params.coinsPerNode) {
        paid.add(receiver.owner);
      }
    }
  }
  demand(
    paid.size === params.nodes - 1,
    "first-coins",
    () => `got ${paid.size} nodes paid, wanted ${params.nodes - 1}`,
  );

  for (const { node, transaction } of checker.acknowledged()) {
    const { txid } = transaction;
    const here = node.state?.network;
    if (!honest.includes(node) || here === undefined) continue;
    demand(
      state?.txids.has(txid) === true || here.failed.has(txid) || here.mempool.has(txid) ||
        checker.hasLeft(node, txid),
      "payment-lost",
      () => `node ${node.index} ${txid}`,
    );
  }
}

/** Something waits that could be in a block by now. */
function hasMoreToMine({ mempool, params }: Network): boolean {
  return params.strict ? mempool.size >= params.capacity : mempool.size > 0;
}

function describe(nodes: readonly SimNode[]): string {
  return nodes.map(({ index, state }) => {
    const network = state?.network;
    if (state === undefined || network === undefined) return `${index} off or joining`;
    const { chain, mempool } = network;
    return `${index} ${state.phase} ${chain.height} ${
      chain.tip.hash.slice(0, 8)
    } pool ${mempool.size}`;
  }).join("; ");
}
