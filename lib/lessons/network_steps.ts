/**
 * What lessons do to a network and ask of it: cut it, heal it, pay, look at tips.
 *
 * Everything goes through the nodes' own doors, as an operator's commands would.
 *
 * @module
 */
import type { ApiClient, ClientError } from "../client/api_client.ts";
import type { ClusterNode } from "../cluster/start_cluster.ts";
import { BLOCK_SIZE_BYTES_MAX } from "../primitives/block.ts";
import { ByteReader, formatHex } from "../bytes.ts";
import type { Result } from "../result.ts";
import type { BlockSummaryJson } from "../wire/api_chain.ts";
import type { Stage } from "./lesson.ts";

/** A node did not do what every node does; the code is translated for the reader. */
export class LessonError extends Error {
  override readonly name = "LessonError";
  readonly code: string;

  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

/** Where a node stands. */
export interface NodeTip {
  readonly id: number;
  readonly height: number;
  readonly hash: string;
  readonly waiting: number;
}

/** Gives what a node answered; throws when it refused. */
export async function answered<T>(answer: Promise<Result<T, ClientError>>): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new LessonError(result.error);
  return result.value;
}

/** Lets nodes of different groups neither hear nor call each other. */
export async function cut(groups: readonly (readonly ClusterNode[])[]): Promise<void> {
  const orders = groups.flatMap((group) => {
    const others = groups.filter((each) => each !== group).flat().map(({ address }) => address);
    return group.map(({ client }) => answered(client.disconnectPeers(others)));
  });
  await Promise.all(orders);
}

/** Lets everybody talk to everybody again. */
export async function heal(nodes: readonly ClusterNode[]): Promise<void> {
  await Promise.all(nodes.map(({ client }) => answered(client.reconnectPeers())));
}

export async function pauseMining(nodes: readonly ClusterNode[]): Promise<void> {
  await Promise.all(nodes.map(({ client }) => answered(client.pauseMining())));
}

export async function resumeMining(nodes: readonly ClusterNode[]): Promise<void> {
  await Promise.all(nodes.map(({ client }) => answered(client.resumeMining())));
}

export async function tipOf({ id, client }: ClusterNode): Promise<NodeTip> {
  const { chain } = await answered(client.status());
  if (chain === null) {
    const message = `Cannot go on: node ${id} has no chain`;
    throw new LessonError({ code: "not-ready", message });
  }
  return { id, height: chain.height, hash: chain.tipHash, waiting: chain.transactionsWaiting };
}

/** Waits until these nodes have the same tip and nothing waits. */
export async function untilOneTip(stage: Stage, nodes: readonly ClusterNode[]): Promise<void> {
  await stage.until(async () => {
    const tips = await Promise.all(nodes.map(tipOf));
    return tips.every(({ hash, waiting }) => hash === tips[0]?.hash && waiting === 0);
  }, "wait.oneTip");
}

export async function untilHeight(
  stage: Stage,
  node: ClusterNode,
  height: number,
): Promise<void> {
  await stage.until(async () => (await tipOf(node)).height >= height, "wait.height");
}

/** Pays and waits until the node's chain holds the payment; gives its id. */
export async function payConfirmed(
  stage: Stage,
  from: ClusterNode,
  { to, amount }: { readonly to: string | number; readonly amount: number },
): Promise<string> {
  const { txid } = await answered(from.client.pay(to, amount));
  await stage.until(() => isConfirmed(from.client, txid), "wait.confirmed");
  return txid;
}

/** Whether a node's chain holds a transaction; one that it does not know is in no chain. */
export async function isConfirmed(client: ApiClient, txid: string): Promise<boolean> {
  const state = await client.transaction(txid);
  if (state.ok) return state.value.state === "confirmed";
  if (state.error.code === "transaction-unknown") return false;
  throw new LessonError(state.error);
}

/** The supply that each node counts anew, as one text where they agree. */
export async function suppliesText(nodes: readonly ClusterNode[]): Promise<string> {
  const audits = await Promise.all(nodes.map(({ client }) => answered(client.audit())));
  return [...new Set(audits.map(({ supply }) => supply))].join(", ");
}

/** The encoded main-chain blocks from a height on, as hex. */
export async function rawBlocks(client: ApiClient, from: number): Promise<readonly string[]> {
  const reader = new ByteReader(await answered(client.rawBlocks({ from })));
  const blocks: string[] = [];
  while (reader.remainingBytes > 0) blocks.push(formatHex(reader.sized(BLOCK_SIZE_BYTES_MAX)));
  return blocks;
}

/** The blocks that nodes know and that are in no main chain: those of side branches, once each. */
export async function lostBlocks(
  nodes: readonly ClusterNode[],
): Promise<readonly BlockSummaryJson[]> {
  const lost = new Map<string, BlockSummaryJson>();
  for (const { client } of nodes) {
    const { tips } = await answered(client.tips());
    for (const tip of tips) {
      if (tip.status === "active") continue;
      let hash = tip.hash;
      for (let count = 0; count < tip.branchLength; count++) {
        const block = await answered(client.block(hash));
        lost.set(hash, block);
        hash = block.previousHash;
      }
    }
  }
  return [...lost.values()];
}
