/**
 * One wallet's spendable coins, kept up to date, so that a payment costs the same however many there are.
 *
 * Four tiers (D6, U04): confirmed, the wallet's own unconfirmed change, what others have paid it and no
 * block carries yet, and last its immature rewards. A block that loses takes its reward with it for good,
 * and with the reward every payment that spends it (U07); all other coins come back. So a reward waits
 * for {@link REWARD_CONFIRMATIONS_MIN} confirmations, unless nothing else suffices. That is this wallet's
 * caution and no rule of the network: anybody may spend a reward in the next block.
 *
 * What a waiting transaction spends stands in no tier. Whoever changes chain or pool says what that was
 * about; each output is looked up anew, so nothing is ever counted from a change alone.
 *
 * @module
 */
import { HexMap } from "../hex_map.ts";
import type { Chain } from "../consensus/chain.ts";
import type { ChainChange } from "../consensus/chain_change.ts";
import { minerOutpointOf } from "../consensus/connect_block.ts";
import type { Utxo } from "../consensus/utxo.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { type Outpoint, type Txid, txidOfOutpoint } from "../primitives/outpoint.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { CoinsByAmount, type CoinTier } from "./coins_by_amount.ts";

/**
 * From so many confirmations on a reward is as good as any other coin; in the tip's block it has one. Six
 * is the depth at which people take a block for settled, and ties among honest nodes are one or two deep.
 */
export const REWARD_CONFIRMATIONS_MIN = 6;

/** What the coins stand in. */
export interface CoinLedger {
  readonly chain: Pick<Chain, "params" | "height" | "atHeight" | "utxos">;
  readonly mempool: Pick<Mempool, "get" | "entry" | "unconfirmedCoinsOf">;
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
  readonly #immature = new CoinsByAmount();
  readonly #places = new HexMap<Outpoint, Place>();
  /** Whether blocks of this network create coins at all. */
  readonly #hasRewards: boolean;
  /** The chain's height at the last count. */
  #height: number;

  /** Counts all that the wallet has. */
  constructor(owner: PublicKey, ledger: CoinLedger) {
    this.owner = owner;
    this.#ledger = ledger;
    const { chain, mempool } = ledger;
    this.#hasRewards = chain.params.reward + chain.params.fee > 0;
    this.#height = chain.height;
    for (const outpoint of chain.utxos.coinsOf(owner).keys()) this.review(outpoint);
    for (const outpoint of mempool.unconfirmedCoinsOf(owner).keys()) this.review(outpoint);
  }

  /** The tiers, the preferred one first. */
  get tiers(): readonly CoinTier[] {
    return [this.#confirmed, this.#change, this.#receipts, this.#immature];
  }

  /** The main chain changed, and the pool has followed it. */
  followChain({ connected, disconnected }: Pick<ChainChange, "connected" | "disconnected">): void {
    for (const { block } of disconnected) {
      for (const transaction of block.transactions) this.reviewTransaction(transaction);
    }
    for (const { block } of connected) {
      for (const transaction of block.transactions) this.#reviewConfirmed(transaction);
    }
    if (!this.#hasRewards) return;
    for (const { block } of [...disconnected, ...connected]) {
      if (block.header.miner === this.owner) this.review(minerOutpointOf(block.hash));
    }
    this.#reviewAges();
  }

  /** A transaction came, or went unconfirmed. */
  reviewTransaction(transaction: Transaction): void {
    if (transaction.sender === this.owner) {
      for (const outpoint of transaction.inputs) this.review(outpoint);
    }
    this.#reviewOutputs(transaction);
  }

  /** A transaction has gone into the main chain: nobody can spend what it spends any more. */
  #reviewConfirmed(transaction: Transaction): void {
    // Whoever spends a coin owns it: of others' transactions no input is looked up.
    if (transaction.sender === this.owner) {
      for (const outpoint of transaction.inputs) {
        if (this.#places.has(outpoint)) this.review(outpoint);
      }
    }
    this.#reviewOutputs(transaction);
  }

  /**
   * Rewards that the change did not touch have other confirmations now. Those that can have come of age, or
   * have become young again where the chain got shorter, lie in a few blocks at most.
   */
  #reviewAges(): void {
    const { chain } = this.#ledger;
    const [low, high] = [
      Math.min(this.#height, chain.height),
      Math.max(this.#height, chain.height),
    ];
    this.#height = chain.height;
    const first = low - REWARD_CONFIRMATIONS_MIN + 2;
    // What lies above the lower height was connected or disconnected by the change.
    const last = Math.min(high - REWARD_CONFIRMATIONS_MIN + 1, low);
    for (let height = Math.max(first, 1); height <= last; height++) {
      const entry = chain.atHeight(height);
      if (entry?.header.miner === this.owner) this.review(minerOutpointOf(entry.hash));
    }
  }

  #reviewOutputs({ txid, outputs, outpoints }: Transaction): void {
    for (let index = 0; index < outputs.length; index++) {
      const isOwn = outputs[index]?.owner === this.owner;
      if (isOwn) this.review(outpoints[index] as Outpoint, txid);
    }
  }

  /** An output was created, spent, confirmed or lost. */
  review(outpoint: Outpoint, txid: Txid = txidOfOutpoint(outpoint)): void {
    const utxo = this.#ledger.mempool.get(outpoint);
    const tier = utxo?.owner === this.owner ? this.#tierOf(txid, utxo.height) : undefined;
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

  #tierOf(txid: Txid, height: number): CoinsByAmount {
    const parent = this.#ledger.mempool.entry(txid);
    if (parent === undefined) {
      return this.#isImmature(txid, height) ? this.#immature : this.#confirmed;
    }
    return parent.transaction.sender === this.owner ? this.#change : this.#receipts;
  }

  /** Whether a confirmed coin is a reward, which bears its block's hash, and too young. */
  #isImmature(txid: Txid, height: number): boolean {
    if (!this.#hasRewards) return false;
    const { chain } = this.#ledger;
    if (chain.height - height + 1 >= REWARD_CONFIRMATIONS_MIN) return false;
    return chain.atHeight(height)?.hash === txid as string;
  }
}
