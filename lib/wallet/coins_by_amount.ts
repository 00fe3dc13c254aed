/**
 * Coins in the order of their amounts: which is the smallest that suffices, and which are the largest.
 *
 * Coins of one amount lie together, the first that came first. Finding costs the logarithm of how many
 * amounts there are; adding one of a new amount moves the larger ones, as one block of memory.
 *
 * @module
 */
import type { NamedUtxo, Utxo } from "../consensus/utxo.ts";
import { lowerBound } from "../lower_bound.ts";
import type { Outpoint } from "../primitives/outpoint.ts";
import { invariant } from "../result.ts";

/** Spendable coins of one kind, as choosing looks at them. */
export interface CoinTier {
  /** The sum of all amounts. */
  readonly sum: number;
  /** The smallest coin of at least that amount, the oldest among equals. */
  smallestOf(amountMin: number): NamedUtxo | undefined;
  largestFirst(): Iterable<NamedUtxo>;
}

export class CoinsByAmount implements CoinTier {
  readonly #byAmount = new Map<number, Map<Outpoint, Utxo>>();
  /** In ascending order. */
  readonly #amounts: number[] = [];
  #sum = 0;

  constructor(coins: Iterable<NamedUtxo> = []) {
    for (const [outpoint, utxo] of coins) this.add(outpoint, utxo);
  }

  get sum(): number {
    return this.#sum;
  }

  /** Adds a coin that is not there yet. */
  add(outpoint: Outpoint, utxo: Utxo): void {
    const { amount } = utxo;
    let coins = this.#byAmount.get(amount);
    if (coins === undefined) {
      coins = new Map();
      this.#byAmount.set(amount, coins);
      this.#amounts.splice(this.#placeOf(amount), 0, amount);
    }
    invariant(!coins.has(outpoint), `No coin is there twice: ${outpoint}`);
    coins.set(outpoint, utxo);
    this.#sum += amount;
  }

  /** Takes a coin out that is there. */
  remove(outpoint: Outpoint, amount: number): void {
    const coins = this.#byAmount.get(amount);
    invariant(
      coins !== undefined && coins.delete(outpoint),
      `A coin that is taken out is there: ${outpoint}`,
    );
    this.#sum -= amount;
    if (coins.size > 0) return;
    this.#byAmount.delete(amount);
    this.#amounts.splice(this.#placeOf(amount), 1);
  }

  smallestOf(amountMin: number): NamedUtxo | undefined {
    const amount = this.#amounts[this.#placeOf(amountMin)];
    for (const coin of this.#byAmount.get(amount ?? -1) ?? []) return coin;
    return undefined;
  }

  *largestFirst(): Generator<NamedUtxo, undefined> {
    for (let place = this.#amounts.length - 1; place >= 0; place--) {
      yield* this.#byAmount.get(this.#amounts[place] as number) ?? [];
    }
  }

  /** Where the first amount stands that is not smaller. */
  #placeOf(amount: number): number {
    const amounts = this.#amounts;
    return lowerBound(amounts.length, (place) => (amounts[place] as number) < amount);
  }
}
