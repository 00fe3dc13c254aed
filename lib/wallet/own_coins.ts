/**
 * One wallet's spendable coins, kept up to date, so that a payment costs the same however many there are.
 *
 * Three tiers (D6, U04): confirmed, the wallet's own unconfirmed change, what others have paid it and no
 * block carries yet. What a waiting transaction spends stands in none. Whoever changes chain or pool says
 * which transactions and outputs that was about; each is looked up anew, so nothing is ever counted from
 * a change alone.
 *
 * @module
 */
import type { Utxo } from "../consensus/utxo.ts";
import type { UtxoSet } from "../consensus/utxo_set.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { type Outpoint, type Txid, txidOfOutpoint } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { CoinsByAmount, type CoinTier } from "./coins_by_amount.ts";

/** What the coins stand in. */
export interface CoinLedger {
  readonly utxos: UtxoSet;
  readonly mempool: Mempool;
}

/** Where a coin is listed. */
interface Place {
  readonly tier: CoinsByAmount;
  readonly amount: number;
}

export class OwnCoins {
  readonly owner: PublicKey;
  readonly #ledger: CoinLedger;
  readonly #confirmed = new CoinsByAmount();
  readonly #change = new CoinsByAmount();
  readonly #receipts = new CoinsByAmount();
  readonly #places = new Map<Outpoint, Place>();

  /** Counts all that the wallet has. */
  constructor(owner: PublicKey, ledger: CoinLedger) {
    this.owner = owner;
    this.#ledger = ledger;
    for (const outpoint of ledger.utxos.coinsOf(owner).keys()) this.review(outpoint);
    for (const outpoint of ledger.mempool.unconfirmedCoinsOf(owner).keys()) this.review(outpoint);
  }

  /** The tiers, the preferred one first. */
  get tiers(): readonly CoinTier[] {
    return [this.#confirmed, this.#change, this.#receipts];
  }

  /** A transaction came, went or was confirmed. */
  reviewTransaction(transaction: Transaction): void {
    if (transaction.sender === this.owner) {
      for (const outpoint of transaction.inputs) this.review(outpoint);
    }
    this.#reviewOutputs(transaction);
  }

  /** The same of one that has gone into the main chain: nobody can spend what it spends any more. */
  reviewConfirmed(transaction: Transaction): void {
    for (const outpoint of transaction.inputs) {
      if (this.#places.has(outpoint)) this.review(outpoint);
    }
    this.#reviewOutputs(transaction);
  }

  #reviewOutputs({ txid, outputs, outpoints }: Transaction): void {
    for (const [index, outpoint] of outpoints.entries()) {
      if (outputs[index]?.owner === this.owner) this.review(outpoint, txid);
    }
  }

  /** An output was created, spent, confirmed or lost. */
  review(outpoint: Outpoint, txid: Txid = txidOfOutpoint(outpoint)): void {
    const utxo = this.#ledger.mempool.get(outpoint);
    const tier = utxo?.owner === this.owner ? this.#tierOf(txid) : undefined;
    const place = this.#places.get(outpoint);
    if (place?.tier === tier) return;
    if (place !== undefined) {
      place.tier.remove(outpoint, place.amount);
      this.#places.delete(outpoint);
    }
    if (tier === undefined) return;
    const { amount } = utxo as Utxo;
    tier.add(outpoint, utxo as Utxo);
    this.#places.set(outpoint, { tier, amount });
  }

  #tierOf(txid: Txid): CoinsByAmount {
    const parent = this.#ledger.mempool.entry(txid);
    if (parent === undefined) return this.#confirmed;
    return parent.transaction.sender === this.owner ? this.#change : this.#receipts;
  }
}
