/**
 * Reads a node's main chain above a height, from its raw blocks.
 *
 * @module
 */
import { ByteReader } from "../bytes.ts";
import type { ApiClient } from "../client/api_client.ts";
import { type Block, decodeBlock } from "../primitives/block.ts";
import { ClusterError } from "./start_cluster.ts";

/** Reads the blocks from a height to the tip. */
export async function readMainChain(client: ApiClient, from: number): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  for (;;) {
    const answer = await client.rawBlocks({ from: from + blocks.length });
    if (!answer.ok) throw new ClusterError(answer.error.message);
    if (answer.value.length === 0) return blocks;

    const reader = new ByteReader(answer.value);
    while (reader.remainingBytes > 0) {
      const block = decodeBlock(reader.bytes(reader.u32()));
      if (block === undefined || reader.failed) {
        throw new ClusterError("Cannot read blocks: got malformed ones, wanted a node's answer");
      }
      blocks.push(block);
    }
  }
}
