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
import { type Outpoint, outpointOf, txidOfOutpoint } from "../primitives/outpoint.ts";
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

  /** The preferred ones first. */
  get tiers(): readonly CoinTier[] {
    return [this.#confirmed, this.#change, this.#receipts];
  }

  /** A transaction came, went or was confirmed. */
  reviewTransaction({ txid, sender, inputs, outputs }: Transaction): void {
    if (sender === this.owner) { for (const outpoint of inputs) this.review(outpoint); }
    for (const [index, output] of outputs.entries()) {
      if (output.owner === this.owner) this.review(outpointOf(txid, index));
    }
  }

  /** An output was created, spent, confirmed or lost. */
  review(outpoint: Outpoint): void {
    const utxo = this.#ledger.mempool.get(outpoint);
    const tier = utxo?.owner === this.owner ? this.#tierOf(outpoint) : undefined;
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

  #tierOf(outpoint: Outpoint): CoinsByAmount {
    const parent = this.#ledger.mempool.entry(txidOfOutpoint(outpoint));
    if (parent === undefined) return this.#confirmed;
    return parent.transaction.sender === this.owner ? this.#change : this.#receipts;
  }
}
