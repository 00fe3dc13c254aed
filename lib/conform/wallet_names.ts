/**
 * Whose wallet is whose: the ids and addresses that an implementation gives to its nodes.
 *
 * Where it tells no ids, they follow the order of starting.
 *
 * @module
 */

export class WalletNames {
  readonly #ids: (number | undefined)[] = [];
  readonly #addresses: (string | undefined)[] = [];

  learnId(index: number, id: number): void {
    this.#ids[index] = id;
  }

  learnAddress(index: number, address: string): void {
    this.#addresses[index] = address;
  }

  /** The id that the implementation gave to the node that was started as number `index`. */
  idOf(index: number): number {
    return this.#ids[index] ?? index;
  }

  addressOf(index: number): string | undefined {
    return this.#addresses[index];
  }

  /** Whose wallet a text names: a node's index, of `count` nodes; `undefined` for nobody's. */
  indexOf(wallet: unknown, count: number): number | undefined {
    const text = String(wallet);
    const byAddress = this.#addresses.findIndex((address) =>
      address !== undefined && address === text
    );
    if (byAddress >= 0) return byAddress;
    const id = /^(?:id|node)?\s*([0-9]{1,4})$/.exec(text)?.[1];
    if (id === undefined) return undefined;
    for (let index = 0; index < count; index++) {
      if (this.idOf(index) === Number(id)) return index;
    }
    return undefined;
  }
}
