/**
 * The rules of a transaction, in the order in which they cost: alone, against unspent outputs, signature.
 *
 * Pure; the pool and the connecting of blocks both come through here.
 *
 * @module
 */
import type { Params } from "../params.ts";
import { addAmounts, type Amount, NO_AMOUNT, paymentAmountOf } from "../primitives/amount.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import {
  type Output,
  type Transaction,
  TRANSACTION_OUTPUTS_MAX,
  WALLET_ZERO,
} from "../primitives/transaction.ts";
import { err, ok, type Result } from "../result.ts";
import type { TransactionError } from "./rule_table.ts";
import type { NamedUtxo, UtxoView } from "./utxo.ts";

/**
 * Checks what needs nothing but the transaction: a sender who is not wallet 0, at least one input and
 * none twice, one or two outputs of at least 1 NBC each, the second one the sender's own change.
 *
 * @example
 * ```ts
 * import { testParams } from "../testing/test_params.ts";
 * import { checkTransactionAlone } from "./check_transaction.ts";
 * import assert from "node:assert/strict";
 *
 * const [minting] = testParams().genesis.transactions;
 * const checked = checkTransactionAlone(minting!);
 * assert(!checked.ok && checked.error.code === "tx-sender-reserved");
 * ```
 */
export function checkTransactionAlone(transaction: Transaction): Result<Amount, TransactionError> {
  const { sender, inputs, outputs } = transaction;
  if (sender === WALLET_ZERO) return err({ code: "tx-sender-reserved", sender });
  if (inputs.length === 0) return err({ code: "tx-no-inputs" });
  if (inputs.length > 1) {
    const seen = new Set<Outpoint>();
    for (const outpoint of inputs) {
      if (seen.has(outpoint)) return err({ code: "tx-duplicate-input", outpoint });
      seen.add(outpoint);
    }
  }

  if (outputs.length === 0 || outputs.length > TRANSACTION_OUTPUTS_MAX) {
    return err({ code: "tx-output-count", got: outputs.length, max: TRANSACTION_OUTPUTS_MAX });
  }
  let outputSum: Amount | undefined = NO_AMOUNT;
  for (let index = 0; index < outputs.length; index++) {
    const { amount } = outputs[index] as Output;
    if (paymentAmountOf(amount) === undefined) {
      return err({ code: "tx-amount-invalid", index, amount });
    }
    if (outputSum !== undefined) outputSum = addAmounts(outputSum, amount);
  }
  const change = outputs[1];
  if (change !== undefined && change.owner !== sender) {
    return err({ code: "tx-change-misdirected", owner: change.owner });
  }

  return outputSum === undefined ? err({ code: "tx-outputs-overflow" }) : ok(outputSum);
}

/**
 * Checks a transaction against the unspent outputs: every input is there and the sender's, and
 * inputs = outputs + the network's fee, exactly. Gives the coins that it spends.
 */
export function checkTransactionInputs(
  transaction: Transaction,
  outputSum: Amount,
  { utxos, params }: { utxos: UtxoView; params: Params },
): Result<readonly NamedUtxo[], TransactionError> {
  const spent: NamedUtxo[] = [];
  let inputSum = 0;
  for (const outpoint of transaction.inputs) {
    const utxo = utxos.get(outpoint);
    if (utxo === undefined) return err({ code: "tx-input-missing", outpoint });
    if (utxo.owner !== transaction.sender) {
      return err({ code: "tx-input-foreign", outpoint, owner: utxo.owner });
    }
    inputSum += utxo.amount;
    spent.push([outpoint, utxo]);
  }

  const wanted = outputSum + params.fee;
  if (inputSum < wanted) {
    return err({ code: "tx-overspends", inputSum, outputSum, fee: params.fee });
  }
  if (inputSum > wanted) {
    return err({ code: "tx-underspends", inputSum, outputSum, fee: params.fee });
  }
  return ok(spent);
}
