/**
 * Takes a database up where the process before left it.
 *
 * ```
 * the row of the node → large tables to the tip → commitment to the tip → everything against everything
 * ```
 *
 * A process that was killed left the large tables (`table_backlog.ts`) and the commitment to the unspent
 * outputs (`lagging_commitment.ts`) behind the tip: what they lack is in the undo data of the blocks above
 * them. Then all is held against all (`check_stored_chain.ts`).
 *
 * Called by the SQLite store, outside of a transaction, before it takes commits.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { bytesOfHex, formatHex } from "../bytes.ts";
import type { UtxoCommitment } from "../consensus/utxo_commitment.ts";
import type { Params } from "../params.ts";
import type { BlockHash } from "../primitives/header.ts";
import { invariant } from "../result.ts";
import type { ChainTables, NamedChange } from "./chain_tables.ts";
import { checkStoredChain, type StoredChainSummary } from "./check_stored_chain.ts";
import { type CommitmentLimits, LaggingCommitment } from "./lagging_commitment.ts";
import { blobOf } from "./row_values.ts";
import { StoreFailure } from "./store_failure.ts";
import { TableBacklog } from "./table_backlog.ts";

/** Tables that are all at the tip. */
export interface ResumedTables extends StoredChainSummary {
  readonly tip: BlockHash;
  readonly commitment: LaggingCommitment;
}

/** Throws a {@link StoreFailure} that says what does not fit. */
export function resumeTables(
  { db, chain }: { readonly db: DatabaseSync; readonly chain: ChainTables },
  params: Params,
  limits: CommitmentLimits,
): ResumedTables {
  const row = db.prepare("SELECT tip, utxo_commitment, utxo_tip, commitment_tip FROM node").get();
  invariant(row !== undefined, "A membership stands in the row of the node");
  const hashIn = (column: string) => formatHex(blobOf(row, column)) as BlockHash;
  const tip = hashIn("tip");

  const tables = hashIn("utxo_tip");
  if (tables !== tip) {
    const changes = changesAbove(chain, tables, tip);
    db.exec("BEGIN IMMEDIATE");
    chain.write(TableBacklog.replay(changes));
    db.prepare("UPDATE node SET utxo_tip = ?").run(bytesOfHex(tip));
    db.exec("COMMIT");
  }

  const value = BigInt(`0x${hashIn("utxo_commitment")}`) as UtxoCommitment;
  const mark = { value, hash: hashIn("commitment_tip") };
  const commitment = new LaggingCommitment(mark, limits);
  for (const { hash, delta } of changesAbove(chain, mark.hash, tip)) {
    commitment.connect(hash, delta);
  }
  commitment.addAll();

  const found = checkStoredChain({
    params,
    entries: chain.entries(),
    tip,
    utxos: chain.utxos(),
    commitment: commitment.mark.value,
  });
  return { ...found, tip, commitment };
}

/** What the blocks above one of the main chain changed, up to the tip. */
function changesAbove(chain: ChainTables, hash: BlockHash, tip: BlockHash): readonly NamedChange[] {
  const changes = chain.changesBetween(hash, tip);
  if (changes !== undefined) return changes;
  throw new StoreFailure(
    "store-damaged",
    `Cannot open the database: got unspent outputs of block ${hash}, wanted one below the tip`,
  );
}
