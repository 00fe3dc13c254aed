/**
 * Validates a whole chain from genesis: structure, work, every signature, every coin.
 *
 * ```
 * blocks ─→ signatures to the pool ─→ (bounded window) ─→ Chain.accept, in order ─→ audit
 * ```
 *
 * The core's own door judges every block; the pool only runs ahead of it with the signatures. Keeps no
 * bodies: memory grows with headers and unspent outputs. Called by `noobcash chain` and the benchmark.
 *
 * @module
 */
import { Chain } from "../../consensus/chain.ts";
import { type ChangeRecord, noChange, recordOfChange } from "../../consensus/chain_change.ts";
import type { BlockError } from "../../consensus/rule_table.ts";
import { createTransactionVerifier } from "../../consensus/transaction_verifier.ts";
import {
  commitmentOf,
  formatCommitment,
  type UtxoCommitment,
} from "../../consensus/utxo_commitment.ts";
import { type Params, supplyAt } from "../../params.ts";
import type { Amount } from "../../primitives/amount.ts";
import type { Block } from "../../primitives/block.ts";
import type { BlockHash, Height } from "../../primitives/header.ts";
import { err, invariant, ok, type Result } from "../../result.ts";
import type { VerificationPool } from "./verification_pool.ts";

export interface ValidateOptions {
  readonly params: Params;
  readonly pool: VerificationPool;
  /** The clock: blocks may not come from the future. */
  readonly nowMs: number;
  /** Gets every change in order, with the block that made it: an import stores it. */
  readonly onConnected?: (change: ChangeRecord, block: Block) => void;
  /** Called after each block. */
  readonly onProgress?: (height: Height, transactionCount: number) => void;
}

/** What a valid chain comes to. */
export interface ChainAudit {
  readonly tip: BlockHash;
  readonly height: Height;
  readonly transactionCount: number;
  readonly utxoCount: number;
  readonly supply: Amount;
  /** What the parameters say that the supply is. */
  readonly supplyExpected: Amount;
  readonly utxoCommitment: UtxoCommitment;
}

export type ValidationError =
  | {
    readonly code: "chain-bad-block";
    readonly height: Height;
    readonly hash: BlockHash;
    readonly cause: BlockError;
  }
  /** Valid blocks, but not one chain: what follows does not lie on the one before. */
  | { readonly code: "chain-not-linear"; readonly height: Height; readonly hash: BlockHash };

/** How many transactions are with the pool at most while the core waits for the first of them. */
const WINDOW_TRANSACTIONS_MAX = 2048;

/** Validates the blocks above genesis, lowest first. */
export async function validateChain(
  blocks: Iterable<Block> | AsyncIterable<Block>,
  { params, pool, nowMs, onConnected, onProgress }: ValidateOptions,
): Promise<Result<ChainAudit, ValidationError>> {
  const verifier = createTransactionVerifier(params);
  const nothing = { readBlock: () => undefined, readDelta: () => undefined };
  const chain = new Chain(params, { verifier, reader: nothing });
  const ahead: { block: Block; verified: Promise<void> }[] = [];
  let aheadCount = 0;
  let transactionCount = 0;

  const takeFirst = async (): Promise<Result<void, ValidationError>> => {
    const first = ahead.shift();
    invariant(first !== undefined, "A block is ahead");
    const { block, verified } = first;
    await verified;
    aheadCount -= block.transactions.length;
    transactionCount += block.transactions.length;

    const { hash, header: { height, previousHash } } = block;
    if (previousHash !== chain.tip.hash) return err({ code: "chain-not-linear", height, hash });
    const change = noChange();
    const accepted = chain.accept(block, nowMs, change);
    if (!accepted.ok) return err({ code: "chain-bad-block", height, hash, cause: accepted.error });
    onConnected?.(recordOfChange(change, chain), block);
    chain.releasePersisted();
    onProgress?.(height, transactionCount);
    return ok(undefined);
  };

  for await (const block of blocks) {
    ahead.push({ block, verified: pool.verify(block.transactions, { verifier, params }) });
    aheadCount += block.transactions.length;
    while (aheadCount > WINDOW_TRANSACTIONS_MAX) {
      const taken = await takeFirst();
      if (!taken.ok) return taken;
    }
  }
  while (ahead.length > 0) {
    const taken = await takeFirst();
    if (!taken.ok) return taken;
  }

  return ok({
    tip: chain.tip.hash,
    height: chain.height,
    transactionCount,
    utxoCount: chain.utxos.size,
    supply: chain.utxos.supply,
    supplyExpected: supplyAt(params, chain.height),
    utxoCommitment: commitmentOf(chain.utxos.entries()),
  });
}

/** An audit as JSON: the keys are stable. */
export function auditJson(audit: ChainAudit) {
  return { ...audit, utxoCommitment: formatCommitment(audit.utxoCommitment) };
}
