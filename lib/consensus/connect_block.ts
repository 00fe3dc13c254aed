/**
 * Computes what a block changes in the UTXO set, checking every transaction on the way.
 *
 * Reads a view and returns a net change; whoever called applies it. So a bad block leaves no trace.
 *
 * @module
 */
import type { Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { Output, Transaction } from "../primitives/transaction.ts";
import { err, ok, type Result } from "../result.ts";
import { checkTransactionAlone, checkTransactionInputs } from "./check_transaction.ts";
import type { BlockError, TransactionError } from "./rule_table.ts";
import type { TransactionVerifier } from "./transaction_verifier.ts";
import type { NamedUtxo, Utxo, UtxoDelta, UtxoView } from "./utxo.ts";

/** What an empty block changes where mining is not paid. */
const NO_CHANGE: Result<UtxoDelta, never> = ok({ spent: [], created: [] });

/**
 * The block's change, or the first transaction that breaks a rule.
 *
 * A transaction may spend what an earlier one of the same block created. Where the network has a reward
 * or fees, the block creates one output more for its miner: outpoint (block hash, 0).
 */
export function connectBlock(
  block: Block,
  base: UtxoView,
  context: { params: Params; verifier: TransactionVerifier },
): Result<UtxoDelta, BlockError> {
  const isEmpty = block.transactions.length === 0 && context.params.reward === 0;
  return isEmpty ? NO_CHANGE : connectTransactions(block, base, context);
}

function connectTransactions(
  block: Block,
  base: UtxoView,
  { params, verifier }: { params: Params; verifier: TransactionVerifier },
): Result<UtxoDelta, BlockError> {
  const { height, miner } = block.header;
  const created = new Map<Outpoint, Utxo>();
  const spentHere = new Set<Outpoint>();
  const spent: NamedUtxo[] = [];
  const utxos: UtxoView = {
    get: (outpoint) =>
      spentHere.has(outpoint) ? undefined : created.get(outpoint) ?? base.get(outpoint),
  };

  const context = { utxos, params };
  const bad = (index: number, { txid }: Transaction, cause: TransactionError) =>
    err({ code: "block-bad-transaction" as const, txid, index, cause });
  for (const [index, transaction] of block.transactions.entries()) {
    const alone = checkTransactionAlone(transaction);
    if (!alone.ok) return bad(index, transaction, alone.error);
    const inputs = checkTransactionInputs(transaction, alone.value, context);
    if (!inputs.ok) return bad(index, transaction, inputs.error);
    if (!verifier.verify(transaction)) {
      return bad(index, transaction, { code: "tx-bad-signature", txid: transaction.txid });
    }

    for (const named of inputs.value) {
      spentHere.add(named[0]);
      if (!created.delete(named[0])) spent.push(named);
    }
    for (let outputIndex = 0; outputIndex < transaction.outputs.length; outputIndex++) {
      const { owner, amount } = transaction.outputs[outputIndex] as Output;
      created.set(transaction.outpoints[outputIndex] as Outpoint, { owner, amount, height });
    }
  }

  const earned = (params.reward + params.fee * block.transactions.length) as Amount;
  if (earned > 0) {
    created.set(minerOutpointOf(block.hash), { owner: miner, amount: earned, height });
  }
  return ok({ spent, created: [...created] });
}

/** The name of the output that pays a block's miner. */
export function minerOutpointOf(hash: BlockHash): Outpoint {
  return outpointOf(hash as string as Txid, 0);
}

/** Genesis' change: the coins that everything starts from. */
export function connectGenesis(genesis: Block): UtxoDelta {
  const created = genesis.transactions.flatMap(({ txid, outputs }) =>
    outputs.map(({ owner, amount }, index): NamedUtxo => [
      outpointOf(txid, index),
      { owner, amount, height: 0 as Height },
    ])
  );
  return { spent: [], created };
}
