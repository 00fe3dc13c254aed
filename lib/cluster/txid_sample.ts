/**
 * Which transactions of a load are followed one by one: all of them, or, of a long load, one in 2, 4, 8, …
 * by their ids, so that memory stays bounded and every node's observer follows the same ones.
 *
 * An id is a hash: what is followed is a fair sample. Pure.
 *
 * @module
 */
export class TxidSample {
  #below = 2 ** 32;

  /** The share of all transactions that are followed. */
  get share(): number {
    return this.#below / 2 ** 32;
  }

  isKept(txid: string): boolean {
    return parseInt(txid.slice(0, 8), 16) < this.#below;
  }

  /** Follows half as many from now on. */
  halve(): void {
    this.#below /= 2;
  }
}
