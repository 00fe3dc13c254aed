/**
 * Reads the main chain above a height from a node's raw blocks: what a replay's result comes from.
 *
 * Keeps of each block what a record needs, and of its transactions only where the wanted ones stand.
 *
 * @module
 */
import { ByteReader } from "../bytes.ts";
import type { ApiClient } from "../client/api_client.ts";
import { decodeBlock } from "../primitives/block.ts";
import { targetOfCompact, workOfTarget } from "../primitives/target.ts";
import { invariant } from "../result.ts";
import { ClusterError } from "./cluster_error.ts";

/** A block of the main chain. */
export interface ChainBlock {
  readonly hash: string;
  readonly height: number;
  /** When its miner made it, by the miner's own word. */
  readonly timestampMs: number;
  readonly transactionCount: number;
  /** The hashes that its target takes on average. */
  readonly work: number;
}

export interface MainChain {
  /** Lowest first. */
  readonly blocks: readonly ChainBlock[];
  /** The block of each wanted transaction. */
  readonly places: ReadonlyMap<string, ChainBlock>;
}

export interface ReadChainOptions {
  /** The lowest height to read. */
  readonly fromHeight: number;
  readonly isWanted: (txid: string) => boolean;
  readonly onBlock?: (block: ChainBlock) => void;
}

/** Reads the blocks from a height to the tip. */
export async function readMainChain(
  client: Pick<ApiClient, "rawBlocks">,
  { fromHeight, isWanted, onBlock }: ReadChainOptions,
): Promise<MainChain> {
  const blocks: ChainBlock[] = [];
  const places = new Map<string, ChainBlock>();
  for (;;) {
    const answer = await client.rawBlocks({ from: fromHeight + blocks.length });
    if (!answer.ok) throw new ClusterError(answer.error.message);
    if (answer.value.length === 0) return { blocks, places };
    const reader = new ByteReader(answer.value);
    while (reader.remainingBytes > 0) {
      const block = decodeBlock(reader.bytes(reader.u32()));
      if (block === undefined || reader.failed) {
        throw new ClusterError("Cannot read blocks: got malformed ones, wanted a node's answer");
      }
      const { hash, header, transactions } = block;
      const { height, timestampMs } = header;
      const target = targetOfCompact(header.compactTarget);
      invariant(target !== undefined, "A block of the chain has a target");
      const work = Number(workOfTarget(target));
      const read = { hash, height, timestampMs, transactionCount: transactions.length, work };
      for (const { txid } of transactions) if (isWanted(txid)) places.set(txid, read);
      blocks.push(read);
      onBlock?.(read);
    }
  }
}

/** Reads what all nodes have in common: the whole chain where they agree, else up to where they part. */
export async function readCommonChain(
  clients: readonly Pick<ApiClient, "rawBlocks">[],
  options: ReadChainOptions & { readonly tips: readonly string[] },
): Promise<MainChain> {
  const readers = clients.filter((_, index) =>
    options.tips.indexOf(options.tips[index] ?? "") === index
  );
  const [first, ...others] = await Promise.all(
    readers.map((client) => readMainChain(client, options)),
  );
  if (first === undefined) return { blocks: [], places: new Map() };
  const isCommon = (index: number) =>
    others.every(({ blocks }) => blocks[index]?.hash === first.blocks[index]?.hash);
  const parting = first.blocks.findIndex((_, index) => !isCommon(index));
  if (parting < 0) return first;
  const blocks = first.blocks.slice(0, parting);
  const hashes = new Set(blocks.map(({ hash }) => hash));
  return {
    blocks,
    places: new Map([...first.places].filter(([, { hash }]) => hashes.has(hash))),
  };
}
