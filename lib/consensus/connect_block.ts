/**
 * Computes what a block changes in the UTXO set, checking every transaction on the way.
 *
 * Reads a view and returns a net change; whoever called applies it. So a bad block leaves no trace.
 *
 * @module
 */
import { HexMap } from "../hex_map.ts";
import type { Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { Output, Transaction } from "../primitives/transaction.ts";
import { err, invariant, ok, type Result } from "../result.ts";
import { checkTransactionAlone, checkTransactionInputs } from "./check_transaction.ts";
import type { BlockError, TransactionError } from "./rule_table.ts";
import type { TransactionVerifier } from "./transaction_verifier.ts";
import type { LateDelta, NamedUtxo, Utxo, UtxoDelta, UtxoView } from "./utxo.ts";

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
  if (isEmpty) return NO_CHANGE;
  const connected = new BlockConnection(block, base, context).advance();
  invariant(connected !== undefined, "A block that is gone through to its end has a verdict");
  return connected.ok ? ok(connected.value.delta) : connected;
}

/** A block that is being gone through, some transactions at a time. The view must not change meanwhile. */
export class BlockConnection {
  readonly block: Block;
  readonly #base: UtxoView;
  readonly #params: Params;
  readonly #verifier: TransactionVerifier;
  readonly #created: HexMap<Outpoint, Utxo>;
  readonly #spentHere: HexMap<Outpoint, true>;
  readonly #spent: NamedUtxo[] = [];
  /** What is unspent behind the transactions that were gone through. */
  readonly #utxos: UtxoView = {
    get: (outpoint) =>
      this.#spentHere.has(outpoint)
        ? undefined
        : this.#created.get(outpoint) ?? this.#base.get(outpoint),
  };
  #count = 0;

  constructor(
    block: Block,
    base: UtxoView,
    { params, verifier }: { params: Params; verifier: TransactionVerifier },
  ) {
    this.block = block;
    this.#base = base;
    this.#params = params;
    this.#verifier = verifier;
    // Nearly all have one input and two outputs.
    const count = block.transactions.length;
    this.#created = new HexMap(2 * count);
    this.#spentHere = new HexMap(count);
  }

  /**
   * Goes through so many more transactions. Gives the block's change once all were gone through, or the first
   * one that breaks a rule; nothing before.
   */
  advance(countMax = Infinity): Result<LateDelta, BlockError> | undefined {
    const { transactions } = this.block;
    const end = Math.min(transactions.length, this.#count + countMax);
    for (; this.#count < end; this.#count++) {
      const transaction = transactions[this.#count] as Transaction;
      const cause = this.#goThrough(transaction);
      if (cause === undefined) continue;
      const { txid } = transaction;
      return err({ code: "block-bad-transaction", txid, index: this.#count, cause });
    }
    return end < transactions.length ? undefined : ok(this.#finish());
  }

  /** Checks the next transaction and notes what it changes; gives the rule that it breaks. */
  #goThrough(transaction: Transaction): TransactionError | undefined {
    const { outputs, outpoints, txid } = transaction;
    const alone = checkTransactionAlone(transaction);
    if (!alone.ok) return alone.error;
    const context = { utxos: this.#utxos, params: this.#params };
    const inputs = checkTransactionInputs(transaction, alone.value, context);
    if (!inputs.ok) return inputs.error;
    if (!this.#verifier.verify(transaction)) return { code: "tx-bad-signature", txid };

    for (const named of inputs.value) {
      this.#spentHere.set(named[0], true);
      if (!this.#created.delete(named[0])) this.#spent.push(named);
    }
    const { height } = this.block.header;
    for (let index = 0; index < outputs.length; index++) {
      const { owner, amount } = outputs[index] as Output;
      this.#created.set(outpoints[index] as Outpoint, { owner, amount, height });
    }
    return undefined;
  }

  #finish(): LateDelta {
    const { hash, header: { height, miner }, transactions } = this.block;
    const earned = (this.#params.reward + this.#params.fee * transactions.length) as Amount;
    if (earned > 0) {
      this.#created.set(minerOutpointOf(hash), { owner: miner, amount: earned, height });
    }
    const delta = { spent: this.#spent, created: [...this.#created] };
    return { delta, spent: this.#spentHere, created: this.#created };
  }
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
