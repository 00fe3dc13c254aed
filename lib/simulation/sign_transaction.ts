/**
 * Signed transactions for simulated wallets and for tests: valid ones, and valid ones with one thing
 * spoiled.
 *
 * Knows the rules only so far as to meet them; `lib/wallet` is what real payments use, so that a test
 * of the rules does not lean on the code that follows them.
 *
 * @module
 */
import { bytesOfHex } from "../bytes.ts";
import type { NamedUtxo } from "../consensus/utxo.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { signMessage } from "../crypto/signature.ts";
import type { Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import {
  type Output,
  sealTransaction,
  signingMessage,
  type Transaction,
  txidOf,
  type UnsignedTransaction,
} from "../primitives/transaction.ts";

/** What a payment is made of. */
export interface PaymentOptions {
  readonly params: Params;
  readonly from: KeyPair;
  readonly to: PublicKey;
  readonly amount: number;
}

/** Signs whatever it is given, valid or not, for one network. */
export function signTransaction(
  unsigned: UnsignedTransaction,
  { keyPair, params }: { readonly keyPair: KeyPair; readonly params: Params },
): Transaction {
  const message = signingMessage(params.genesisHashBytes, bytesOfHex(txidOf(unsigned)));
  return sealTransaction(unsigned, signMessage(keyPair, message));
}

/**
 * Pays from all the coins that are given, the rest back as change, the network's fee left out.
 *
 * The amount may be anything, for tests of what is refused; no change where nothing is left.
 */
export function payment(
  coins: Iterable<NamedUtxo>,
  { params, from, to, amount }: PaymentOptions,
): Transaction {
  const spent = [...coins];
  const inputSum = spent.reduce((sum, [, utxo]) => sum + utxo.amount, 0);
  const change = inputSum - amount - params.fee;
  const outputs: Output[] = [{ owner: to, amount: amount as Amount }];
  if (change > 0) outputs.push({ owner: from.publicKey, amount: change as Amount });
  const inputs = spent.map(([outpoint]) => outpoint);
  return signTransaction({ sender: from.publicKey, inputs, outputs }, { keyPair: from, params });
}

/** Changes a transaction and keeps its signature, as somebody without the key would. */
export function tamperTransaction(
  transaction: Transaction,
  changes: Partial<UnsignedTransaction>,
): Transaction {
  const { sender, inputs, outputs, signature } = transaction;
  return sealTransaction({ sender, inputs, outputs, ...changes }, signature);
}

/** Changes a transaction and signs it again, as its owner could. */
export function resignTransaction(
  transaction: Transaction,
  changes: Partial<UnsignedTransaction>,
  context: { readonly keyPair: KeyPair; readonly params: Params },
): Transaction {
  const { sender, inputs, outputs } = transaction;
  return signTransaction({ sender, inputs, outputs, ...changes }, context);
}
