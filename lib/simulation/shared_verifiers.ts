/**
 * Verifiers of signatures that all nodes of a world share, one for each network.
 *
 * @module
 */
import {
  createTransactionVerifier,
  type TransactionVerifier,
} from "../consensus/transaction_verifier.ts";
import type { Params } from "../params.ts";

export class SharedVerifiers {
  readonly #make: (params: Params) => TransactionVerifier;
  readonly #byGenesis = new Map<string, TransactionVerifier>();

  constructor(make: (params: Params) => TransactionVerifier = createTransactionVerifier) {
    this.#make = make;
  }

  of(params: Params): TransactionVerifier {
    const { hash } = params.genesis;
    const known = this.#byGenesis.get(hash);
    if (known !== undefined) return known;
    const verifier = this.#make(params);
    this.#byGenesis.set(hash, verifier);
    return verifier;
  }
}
