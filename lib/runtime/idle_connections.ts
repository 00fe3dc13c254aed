/**
 * The connections that do nothing at the moment, in bounds: which of them has to go for one more.
 *
 * Of one address that has too many, one of its own goes; of too many in all, one of the address that has
 * most. One that has never sent a whole request goes first, then the one that has rested longest; never the
 * one that has just come. So whoever holds connections open keeps nobody out, not even callers of its own
 * address. Addresses of members are counted apart: strangers never cost them one.
 *
 * Decides and does nothing; `connection_server.ts` closes.
 *
 * @module
 */

export interface IdleConnection {
  /** The caller's, or the group that it stands for. */
  readonly address: string;
  /** It has sent a whole request. */
  readonly isProven: boolean;
}

export interface IdleLimits {
  readonly idleMax: number;
  readonly idlePerAddressMax: number;
}

interface AddressEntry<T> {
  readonly isReserved: boolean;
  /** The one that has rested longest first. */
  readonly unproven: Set<T>;
  readonly proven: Set<T>;
}

export class IdleConnections<T extends IdleConnection> {
  readonly #limits: IdleLimits;
  readonly #isReserved: (address: string) => boolean;
  readonly #byAddress = new Map<string, AddressEntry<T>>();
  #ofStrangers = 0;

  constructor(limits: IdleLimits, isReserved: (address: string) => boolean) {
    this.#limits = limits;
    this.#isReserved = isReserved;
  }

  /** Connections of addresses that are nobody's in particular. */
  get ofStrangers(): number {
    return this.#ofStrangers;
  }

  /** Takes one in; the answer has to go, and is taken out. */
  add(connection: T): T | undefined {
    const { address } = connection;
    let entry = this.#byAddress.get(address);
    if (entry === undefined) {
      const isReserved = this.#isReserved(address);
      entry = { isReserved, unproven: new Set(), proven: new Set() };
      this.#byAddress.set(address, entry);
    }
    (connection.isProven ? entry.proven : entry.unproven).add(connection);
    if (!entry.isReserved) this.#ofStrangers++;
    const crowded = sizeOf(entry) > this.#limits.idlePerAddressMax
      ? entry
      : this.#ofStrangers > this.#limits.idleMax
      ? this.#heaviest()
      : undefined;
    const victim = crowded && oldestOf(crowded, connection);
    if (victim !== undefined) this.delete(victim);
    return victim;
  }

  delete(connection: T): void {
    const entry = this.#byAddress.get(connection.address);
    if (entry === undefined) return;
    // It may have been proven since it was taken in.
    if (!entry.unproven.delete(connection) && !entry.proven.delete(connection)) return;
    if (!entry.isReserved) this.#ofStrangers--;
    if (sizeOf(entry) === 0) this.#byAddress.delete(connection.address);
  }

  /** The stranger's address with most of them; of several, the one that came first. */
  #heaviest(): AddressEntry<T> | undefined {
    let heaviest: AddressEntry<T> | undefined;
    for (const entry of this.#byAddress.values()) {
      if (entry.isReserved) continue;
      if (heaviest === undefined || sizeOf(entry) > sizeOf(heaviest)) heaviest = entry;
    }
    return heaviest;
  }
}

function sizeOf({ unproven, proven }: AddressEntry<unknown>): number {
  return unproven.size + proven.size;
}

function oldestOf<T>({ unproven, proven }: AddressEntry<T>, newest: T): T | undefined {
  for (const connections of [unproven, proven]) {
    for (const connection of connections) if (connection !== newest) return connection;
  }
  return undefined;
}
