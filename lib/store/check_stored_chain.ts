/**
 * Checks at start-up that what a database holds belongs together.
 *
 * Every header has its stored hash and its parent before it, the blocks from
 * the tip down to genesis are the main chain, no more and no less, the
 * unspent outputs add up to the supply of the tip's height and to the commitment that the last commit
 * left. Finds damage, a half-copied file and our own bugs. Signatures, work and bodies are not looked
 * at: that is `noobcash chain verify`.
 *
 * @module
 */
import type { StoredEntry } from "../consensus/block_tree.ts";
import { PACKED_UTXO_SIZE_BYTES, packedAmount } from "../consensus/packed_utxos.ts";
import {
  commitmentOfPacked,
  formatCommitment,
  type UtxoCommitment,
} from "../consensus/utxo_commitment.ts";
import { type Params, supplyAt } from "../params.ts";
import { type BlockHash, hashHeader, type Height } from "../primitives/header.ts";
import { StoreFailure } from "./store_failure.ts";

/** What was found. */
export interface StoredChainSummary {
  readonly height: Height;
  /** Beside genesis: main chain and side branches. */
  readonly blockCount: number;
  readonly utxoCount: number;
}

/** Throws a {@link StoreFailure} that says what does not fit. */
export function checkStoredChain(stored: {
  readonly params: Params;
  readonly entries: Iterable<StoredEntry & { readonly onMain: boolean }>;
  readonly tip: BlockHash;
  readonly utxos: Iterable<Uint8Array<ArrayBuffer>>;
  readonly commitment: UtxoCommitment;
}): StoredChainSummary {
  const { params, tip } = stored;
  const heights = new Map<BlockHash, Height>([[params.genesis.hash, 0 as Height]]);
  const mainParents = new Map<BlockHash, BlockHash>();
  for (const { hash, header, onMain } of stored.entries) {
    if (hashHeader(header) !== hash) throw damaged(`a header that is not block ${hash}`, "its own");
    const parentHeight = heights.get(header.previousHash);
    if (parentHeight === undefined || header.height !== parentHeight + 1) {
      throw damaged(`block ${hash} at height ${header.height}`, "its parent one below");
    }
    heights.set(hash, header.height);
    if (onMain) mainParents.set(hash, header.previousHash);
  }

  const height = heights.get(tip);
  if (height === undefined) throw damaged(`the tip ${tip}`, "a block that is stored");
  if (mainParents.size !== height) {
    throw damaged(`${mainParents.size} blocks on the main chain`, `${height}, the tip's height`);
  }
  for (let hash = tip; hash !== params.genesis.hash;) {
    const parent = mainParents.get(hash);
    if (parent === undefined) {
      throw damaged(`block ${hash} beside the main chain`, "it below the tip");
    }
    hash = parent;
  }

  let utxoCount = 0;
  let supply = 0;
  const counted = function* () {
    for (const page of stored.utxos) {
      const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
      for (let offset = 0; offset < page.length; offset += PACKED_UTXO_SIZE_BYTES) {
        const amount = packedAmount(view, offset);
        if (amount === undefined) throw damaged("an unspent output of no amount", "one");
        utxoCount++;
        supply += amount;
      }
      yield page;
    }
  };
  const commitment = commitmentOfPacked(counted());
  if (supply !== supplyAt(params, height)) {
    throw damaged(`coins of ${supply} NBC in all`, `${supplyAt(params, height)} NBC`);
  }
  if (commitment !== stored.commitment) {
    throw damaged(
      `a UTXO commitment of ${formatCommitment(commitment)}`,
      formatCommitment(stored.commitment),
    );
  }
  return { height, blockCount: heights.size - 1, utxoCount };
}

function damaged(got: string, wanted: string): StoreFailure {
  return new StoreFailure(
    "store-damaged",
    `Cannot open the database: got ${got}, wanted ${wanted}`,
  );
}
