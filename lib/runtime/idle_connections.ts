/**
 * The connections that do nothing at the moment, in bounds: which of them has to go for one more.
 *
 * Of one address that has too many, one of its own goes; of too many in all, one of the address that has
 * most. One that has never sent a whole request goes first, then the one that has rested longest; never the
 * one that has just come. Of very many that have sent nothing whole the newest but {@link FRESH_MAX} goes: it has
 * had its time, the older ones are about to be closed anyway, and what dies young costs the engine least. So
 * whoever holds connections open keeps nobody out, not even callers of its own address. Addresses of members are
 * counted apart: strangers never cost them one.
 *
 * Decides and does nothing; `connections.ts` has the answer closed.
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

/**
 * Newcomers of an address that are safe while it has older ones that have sent nothing whole: as many as may have
 * queued at the listening socket, since they are taken in together before the first of them is read.
 */
export const FRESH_MAX = 512;

interface AddressEntry<T> {
  readonly isReserved: boolean;
  /** The newest that have sent nothing whole; the first that came first, as in the others. */
  readonly fresh: Set<T>;
  readonly unproven: Set<T>;
  /** The one that has rested longest first. */
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
      entry = { isReserved, fresh: new Set(), unproven: new Set(), proven: new Set() };
      this.#byAddress.set(address, entry);
    }
    (connection.isProven ? entry.proven : entry.fresh).add(connection);
    if (!entry.isReserved) this.#ofStrangers++;
    const crowded = sizeOf(entry) > this.#limits.idlePerAddressMax
      ? entry
      : this.#ofStrangers > this.#limits.idleMax
      ? this.#heaviest()
      : undefined;
    const victim = crowded && victimOf(crowded, connection);
    if (victim !== undefined) this.delete(victim);
    age(entry);
    return victim;
  }

  delete(connection: T): void {
    const entry = this.#byAddress.get(connection.address);
    if (entry === undefined) return;
    // It may have been proven since it was taken in.
    const { fresh, unproven, proven } = entry;
    if (![fresh, unproven, proven].some((set) => set.delete(connection))) return;
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

function sizeOf({ fresh, unproven, proven }: AddressEntry<unknown>): number {
  return fresh.size + unproven.size + proven.size;
}

/** Too many newcomers: the first of them is one no more. */
function age<T>({ fresh, unproven }: AddressEntry<T>): void {
  const [first] = fresh;
  if (fresh.size <= FRESH_MAX || first === undefined) return;
  fresh.delete(first);
  unproven.add(first);
}

function victimOf<T>({ fresh, unproven, proven }: AddressEntry<T>, newest: T): T | undefined {
  const [first] = fresh;
  if (fresh.size > FRESH_MAX) return first;
  for (const connections of [unproven, fresh, proven]) {
    for (const connection of connections) if (connection !== newest) return connection;
  }
  return undefined;
}
