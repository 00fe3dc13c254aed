/**
 * What a server knows of each of its connections, so that each has a bound: how long it may take to its
 * first request, how long it may rest, how many rest at a time, and how long an answer may be on its way.
 *
 * ```
 * taken in → first request within a time → answered → rests → next request … → ended by either side
 *          ↘ too many rest: the oldest of whoever has most goes (`idle_connections.ts`)
 * ```
 *
 * Connections over which the owner has shown the token, and those that carry a request or a stream, are not
 * among those that have to go. An upgraded one (WebSocket) is forgotten: streams have bounds of their own.
 *
 * Called by the servers, which know how a connection is closed.
 *
 * @module
 */
import type { PlainDoor } from "../http/plain_doors.ts";
import type { Asked } from "../http/plain_request.ts";
import { addressGroupOf } from "../peers/peer_budgets.ts";
import { type BucketSize, NamedBuckets, TokenBucket } from "../peers/token_bucket.ts";
import { type IdleConnection, IdleConnections, type IdleLimits } from "./idle_connections.ts";

export interface ConnectionLimits extends IdleLimits {
  /** From the connection to the end of its first request's headers. */
  readonly firstRequestMsMax: number;
  /** Between an answer and the next request. Clients close earlier by themselves. */
  readonly restMsMax: number;
  /** How long an answer may be on its way, and how many are for more than a second, but for the owner's. */
  readonly sendMsMax: number;
  readonly sendingMax: number;
  /** New ones of each address that is no member's, and of all such together. */
  readonly newPerAddress: BucketSize;
  readonly newOfStrangers: BucketSize;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  // One takes some 8 KB, and a new one in its place half a millisecond: fewer would only change more often. Of
  // strangers the address with most gives way, so one that has all of them keeps nobody out.
  idleMax: 1_024,
  idlePerAddressMax: 1_024,
  firstRequestMsMax: 10_000,
  restMsMax: 120_000,
  sendMsMax: 30_000,
  sendingMax: 32,
  newPerAddress: { perSecond: 100, burst: 500 },
  newOfStrangers: { perSecond: 400, burst: 2_000 },
};
/** Addresses of which new connections are counted. */
const ADDRESSES_MAX = 4_096;

/** Opens the WebSocket that a request asks for; nothing when it asks for none, which it is told. */
export type Upgrade = (
  request: Request,
  options: {
    readonly idleTimeout: number;
    /** Asked while a frame comes, with how much of it is there: whether that may be kept. */
    readonly mayKeep?: ((sizeBytes: number) => boolean) | undefined;
  },
) => { readonly socket: WebSocket; readonly response: Response } | undefined;

export interface ServingOptions {
  /**
   * @param address the caller's
   * @param upgrade opens a WebSocket; nothing where a connection cannot carry one
   */
  readonly handle: (
    request: Request,
    address: string,
    upgrade?: Upgrade,
  ) => Response | Promise<Response>;
  /** Tells whether a request shows the node's token. */
  readonly isOwner?: (request: Asked) => boolean;
  /** Answer plain requests before they reach the server. */
  readonly doors?: readonly PlainDoor[];
  /** Tells whether an address is a member's. */
  readonly isReserved?: (address: string) => boolean;
  readonly limits?: ConnectionLimits;
}

export interface Connection extends IdleConnection {
  isProven: boolean;
  /** The owner's: never has to go for another one. */
  isTrusted: boolean;
  /** Requests that are not answered. */
  openCount: number;
  /** Since when nothing is asked. */
  restsSinceMs: number;
  /** Since when its last answer is on its way. */
  sendsSinceMs: number;
  /** Closes it at once, whatever it does. */
  cancel: () => void;
  /** Lets it end with what is under way. */
  finish: () => void;
}

/** An answer that takes longer is not read as fast as it comes. */
const SLOW_MS_MIN = 1_000;
/**
 * How often in the shortest time it is looked for those that have taken too long, and how many go at a time: a
 * thousand that came together would hold everybody up together.
 */
const SWEEPS_PER_LIMIT = 100;
const SWEEP_GAP_MS_MIN = 10;
const CUT_PER_SWEEP = 10;
/** A look that comes so much later than it was due: this process stood still, and has not read what came. */
const STALL_MS = 1_000;

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #isOwner: (request: Asked) => boolean;
  readonly #all = new Set<Connection>();
  readonly #idle: IdleConnections<Connection>;
  /** Those of whose first request half has come: as many again, so that neither kind costs the other its place. */
  readonly #half: IdleConnections<Connection>;
  /** Those to which an answer is on its way, the one that was sent first in front. */
  readonly #sending = new Set<Connection>();
  readonly #sweeping: ReturnType<typeof setInterval>;
  readonly #sweepMs: number;
  #sweptAtMs = performance.now();
  readonly #isReserved: (address: string) => boolean;
  readonly #newByAddress: NamedBuckets;
  readonly #newOfStrangers: TokenBucket;
  readonly #empty = Promise.withResolvers<void>();
  #isClosing = false;

  constructor(
    { isOwner = () => false, isReserved = () => false, limits = CONNECTION_LIMITS }: ServingOptions,
  ) {
    this.#limits = limits;
    this.#isOwner = isOwner;
    this.#isReserved = isReserved;
    this.#newByAddress = new NamedBuckets(limits.newPerAddress, ADDRESSES_MAX);
    this.#newOfStrangers = new TokenBucket(limits.newOfStrangers, performance.now());
    this.#idle = new IdleConnections(limits, isReserved);
    this.#half = new IdleConnections(limits, isReserved);
    const { firstRequestMsMax, restMsMax, sendMsMax } = limits;
    const sweepMs = Math.min(firstRequestMsMax, restMsMax, sendMsMax) / SWEEPS_PER_LIMIT;
    this.#sweepMs = Math.max(SWEEP_GAP_MS_MIN, sweepMs);
    this.#sweeping = setInterval(() => this.#sweep(), this.#sweepMs);
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Tells whether one more connection of an address is to be taken in: members' always are. */
  mayConnect(address: string): boolean {
    const group = addressGroupOf(address);
    if (this.#isReserved(group)) return true;
    const nowMs = performance.now();
    return this.#newByAddress.of(group, nowMs).take(nowMs) && this.#newOfStrangers.take(nowMs);
  }

  /** Takes a new one in; another one may have to go for it. */
  take(address: string, { cancel, finish }: Pick<Connection, "cancel" | "finish">): Connection {
    const connection: Connection = {
      address: addressGroupOf(address),
      isProven: false,
      isTrusted: false,
      openCount: 0,
      restsSinceMs: performance.now(),
      sendsSinceMs: performance.now(),
      cancel,
      finish,
    };
    this.#all.add(connection);
    if (this.#isClosing) connection.cancel();
    else this.#idle.add(connection)?.cancel();
    return connection;
  }

  /** A whole request has come. */
  begin(connection: Connection, request: Asked): void {
    if (connection.openCount++ === 0 && !connection.isTrusted) this.#stir(connection);
    connection.isProven = true;
    if (!connection.isTrusted && this.#isOwner(request)) connection.isTrusted = true;
  }

  /** Half of the first request has come: it is waited for where the connection is. */
  waitFor(connection: Connection): void {
    this.#stir(connection);
    this.#half.add(connection)?.cancel();
  }

  /**
   * An answer that has an end is on its way. Whoever does not read it makes this process keep it: of too many
   * such connections the slowest goes.
   */
  send(connection: Connection): void {
    if (connection.isTrusted || !this.#all.has(connection)) return;
    const nowMs = performance.now();
    connection.sendsSinceMs = nowMs;
    this.#sending.delete(connection);
    this.#sending.add(connection);
    const [slowest] = this.#sending;
    if (slowest === undefined || this.#sending.size <= this.#limits.sendingMax) return;
    if (nowMs - slowest.sendsSinceMs < SLOW_MS_MIN) return;
    this.#sending.delete(slowest);
    slowest.cancel();
  }

  /** A request is answered. */
  rest(connection: Connection): void {
    if (connection.openCount === 1) this.#sending.delete(connection);
    if (--connection.openCount > 0 || !this.#all.has(connection)) return;
    connection.restsSinceMs = performance.now();
    if (this.#isClosing) connection.cancel();
    else if (!connection.isTrusted) this.#idle.add(connection)?.cancel();
  }

  /** It is closed, or out of this server's hands. */
  forget(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    this.#stir(connection);
    this.#sending.delete(connection);
    if (this.#isClosing && this.#all.size === 0) this.#empty.resolve();
  }

  /** Ends those that rest, and resolves when all others have ended with what was under way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#sweeping);
    for (const connection of [...this.#all]) {
      if (connection.openCount === 0) connection.cancel();
      else connection.finish();
    }
    if (this.#all.size > 0) await this.#empty.promise;
  }

  #stir(connection: Connection): void {
    this.#idle.delete(connection);
    this.#half.delete(connection);
  }

  #sweep(): void {
    const nowMs = performance.now();
    const hasStoodStill = nowMs - this.#sweptAtMs > this.#sweepMs + STALL_MS;
    this.#sweptAtMs = nowMs;
    if (hasStoodStill) return;
    let count = 0;
    for (const { cancel } of this.#late(nowMs)) {
      if (count++ >= CUT_PER_SWEEP) return;
      cancel();
    }
  }

  /** Those that have taken too long. */
  *#late(nowMs: number): Iterable<Connection> {
    const { restMsMax, firstRequestMsMax, sendMsMax } = this.#limits;
    for (const connection of this.#sending) {
      if (nowMs - connection.sendsSinceMs > sendMsMax) yield connection;
    }
    for (const connection of this.#all) {
      const msMax = connection.isProven ? restMsMax : firstRequestMsMax;
      if (connection.openCount === 0 && nowMs - connection.restsSinceMs > msMax) yield connection;
    }
  }
}

/** What a node sends without knowing its end: events and the laboratory's feed. */
export function isStream({ headers }: Response): boolean {
  const type = headers.get("content-type");
  return type !== null &&
    (type.startsWith("text/event-stream") || type.startsWith("application/x-ndjson"));
}
