/**
 * What the grader's door is asked about our own nodes, and their chains as it reads them.
 *
 * @module
 */
import { ByteReader } from "../bytes.ts";
import { type Block, BLOCK_SIZE_BYTES_MAX, decodeBlock } from "../primitives/block.ts";

/** One node as the grader tells of it. */
export interface DoorNode {
  readonly url: string;
  readonly folder: string;
  readonly capacity: number;
}

export interface Question {
  readonly id: number;
  readonly op: string;
  readonly node: number;
  readonly nodes: readonly DoorNode[];
  readonly what?: string;
  readonly from?: number;
  readonly to?: number;
  readonly amount?: number;
}

/** Beyond the time that the grader gives, on a busy machine, too: it alone says when an answer is late. */
const CALL_MS_MAX = 60_000;
const CHAIN_BLOCKS_MAX = 10_000;

/** All blocks of a node, from genesis on. */
export async function readChain({ url }: DoorNode): Promise<readonly Block[]> {
  const chain: Block[] = [];
  while (chain.length < CHAIN_BLOCKS_MAX) {
    const response = await fetch(`${url}/api/v1/blocks/raw?from=${chain.length}`, {
      signal: AbortSignal.timeout(CALL_MS_MAX),
    });
    if (!response.ok) {
      throw new Error(
        `the chain: HTTP ${response.status} ${(await response.text()).slice(0, 200)}`,
      );
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length === 0) return chain;
    const reader = new ByteReader(bytes);
    for (let read = 0; read < bytes.length;) {
      const encoded = reader.sized(BLOCK_SIZE_BYTES_MAX);
      read += 4 + encoded.length;
      const block = decodeBlock(encoded);
      if (block === undefined) throw new Error("the chain: got bytes that are no block");
      chain.push(block);
    }
  }
  return chain;
}
