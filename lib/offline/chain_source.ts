/**
 * Where a chain comes from that is to be verified or exported: a stopped node's folder, or a running
 * node.
 *
 * Both give the network, the main chain's blocks above genesis from the bottom up, and what their owner
 * says that they come to. Nothing that they say is believed here.
 *
 * @module
 */
import { ByteReader } from "../bytes.ts";
import type { ApiClient, ClientError } from "../client/api_client.ts";
import { formatCommitment } from "../consensus/utxo_commitment.ts";
import type { UtxoDelta } from "../consensus/utxo.ts";
import { parseAddress } from "../crypto/address.ts";
import { createParams, type Params } from "../params.ts";
import { type Block, BLOCK_SIZE_BYTES_MAX, decodeBlock } from "../primitives/block.ts";
import type { BlockHash, Header } from "../primitives/header.ts";
import { err, ok, type Result } from "../result.ts";
import { lockDataFolder } from "../store/data_folder.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";
import { StoreFailure } from "../store/store_failure.ts";

export interface ChainSource {
  /** As people call it. */
  readonly name: string;
  readonly params: Params;
  readonly height: number;
  readonly tip: BlockHash;
  /** What the owner's unspent outputs commit to, as 64 hex characters. */
  readonly utxoCommitment: string;
  readonly blocks: Iterable<Block> | AsyncIterable<Block>;
  /** Checks everything that the owner keeps beside the chain; throws what does not fit. */
  readonly checkRest?: () => void;
  /** The undo data that the owner keeps of a block; a node does not show it. */
  readonly readDelta?: (block: Block) => UtxoDelta | undefined;
  close(): void;
}

/** A running node did not give what it was asked for. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly error: ClientError;

  constructor(error: ClientError) {
    super(error.message);
    this.error = error;
  }
}

/** Opens the folder of a node that is not running. Throws a {@link StoreFailure} where it cannot. */
export function openFolderSource(dataDir: string): ChainSource {
  const folder = lockDataFolder(dataDir);
  try {
    const store = openSqliteStore(folder.databasePath);
    const snapshot = store.load();
    if (snapshot === undefined) {
      store.close();
      throw new StoreFailure(
        "store-foreign",
        `Cannot read the chain in "${dataDir}": got a folder without a network, wanted one with a chain`,
      );
    }
    const { membership: { params }, entries, tip } = snapshot;
    const hashes = mainHashes(entries, tip);
    return {
      name: `folder "${dataDir}"`,
      params,
      height: hashes.length,
      tip,
      utxoCommitment: formatCommitment(store.utxoCommitment),
      blocks: blocksOf(hashes, (hash) => store.readBlock(hash)),
      readDelta: (block) => store.readDelta(block.hash, block),
      checkRest: () => store.checkRows(),
      close() {
        store.close();
        folder.close();
      },
    };
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** Asks a running node for its chain as it is now. */
export async function openNodeSource(client: ApiClient): Promise<Result<ChainSource, ClientError>> {
  const params = await client.params();
  if (!params.ok) return params;
  const audit = await client.audit();
  if (!audit.ok) return audit;

  const bootstrapKey = parseAddress(params.value.bootstrap);
  const created = bootstrapKey === undefined
    ? undefined
    : createParams({ ...params.value, bootstrapKey });
  if (!created?.ok || created.value.genesis.hash !== params.value.genesisHash) {
    return err(unexpected(client.url, "parameters that do not make its genesis"));
  }
  const { height, tipHash, utxoCommitment } = audit.value;
  return ok({
    name: `node ${client.url}`,
    params: created.value,
    height,
    tip: tipHash as BlockHash,
    utxoCommitment,
    blocks: fetchBlocks(client, height),
    close() {},
  });
}

/** The main chain's hashes above genesis, the lowest first. */
function mainHashes(
  entries: readonly { readonly hash: BlockHash; readonly header: Header }[],
  tip: BlockHash,
): BlockHash[] {
  const parents = new Map(entries.map(({ hash, header }) => [hash, header.previousHash]));
  const hashes: BlockHash[] = [];
  for (let hash = tip;;) {
    const parent = parents.get(hash);
    if (parent === undefined) return hashes.reverse();
    hashes.push(hash);
    hash = parent;
  }
}

function* blocksOf(
  hashes: readonly BlockHash[],
  readBlock: (hash: BlockHash) => Block | undefined,
): Generator<Block> {
  for (const hash of hashes) {
    const block = readBlock(hash);
    if (block === undefined) {
      throw new StoreFailure(
        "store-damaged",
        `Cannot read the database: it has no body of block ${hash}`,
      );
    }
    yield block;
  }
}

async function* fetchBlocks(client: ApiClient, height: number): AsyncGenerator<Block> {
  for (let from = 1; from <= height;) {
    const answer = await client.rawBlocks({ from, limit: Math.min(500, height - from + 1) });
    if (!answer.ok) throw new SourceError(answer.error);

    const reader = new ByteReader(answer.value);
    if (reader.remainingBytes === 0) {
      throw new SourceError(unexpected(client.url, `no block at height ${from}`));
    }
    while (reader.remainingBytes > 0) {
      const block = decodeBlock(reader.sized(BLOCK_SIZE_BYTES_MAX));
      if (block === undefined) {
        throw new SourceError(unexpected(client.url, `bytes that are no block at height ${from}`));
      }
      from++;
      yield block;
    }
  }
}

function unexpected(url: string, got: string): ClientError {
  return {
    kind: "unexpected",
    code: "answer-unexpected",
    message: `Cannot understand ${url}: got ${got}, wanted a node's answer`,
  };
}
