/**
 * The links between simulated nodes: when a message arrives, if at all.
 *
 * Each ordered pair of nodes has a latency that is drawn once, each message its own jitter, each node an
 * uplink that sends one byte after the other. Messages of a pair stay in order, as on one connection,
 * unless they are reordered on purpose. Links can be cut in one direction; nodes can be split into
 * groups. Knows nothing of what is in a message.
 *
 * @module
 */
import { type Distribution, draw } from "../random/distribution.ts";
import { type RandomStream, randomStream, type Seed } from "../random/random_stream.ts";
import { FlatRows, NO_PLACE } from "./flat_rows.ts";

export interface LinkProfile {
  /** One way, in ms. */
  readonly latency: Distribution;
  /** Added to each message, in ms. */
  readonly jitter: Distribution;
  readonly lossProbability: number;
  readonly duplicateProbability: number;
  /** The share of messages that may overtake others, by up to {@link REORDER_MS_MAX}. */
  readonly reorderProbability: number;
  /** What a node's uplink carries, in bytes a millisecond; `undefined` for no limit. */
  readonly uplink: Distribution | undefined;
}

/** Where a link's latency and its last arrival stand in its record. */
const LATENCY = 1;
const LAST_ARRIVAL = 2;
/** How late a reordered message may be. */
export const REORDER_MS_MAX = 2000;

/** A network that loses nothing and is never slow: 20 ms from anywhere to anywhere. */
export const PERFECT_LINKS: LinkProfile = {
  latency: { kind: "constant", value: 20 },
  jitter: { kind: "constant", value: 0 },
  lossProbability: 0,
  duplicateProbability: 0,
  reorderProbability: 0,
  uplink: undefined,
};

interface Sender {
  readonly stream: RandomStream;
  readonly uplinkBytesPerMs: number;
  uplinkFreeAtMs: number;
}

/** What a message takes its way by. */
interface Route {
  readonly from: number;
  readonly to: number;
  readonly sizeBytes: number;
  readonly nowMs: number;
}

export class LinkModel {
  readonly #seed: Seed;
  readonly #senders: Sender[] = [];
  /** Latency and last arrival of each link, by sender. */
  readonly #links = new FlatRows(2);
  readonly #cutLinks = new Set<number>();
  readonly #latencies = new Map<number, number>();
  #profile: LinkProfile;
  /** Whether each message of a link takes as long as the others, whatever else is sent. */
  #isSteady: boolean;
  /** The group of each node; nodes that are not named stand in group 0. */
  #groups: ReadonlyMap<number, number> = new Map();

  constructor(seed: Seed, profile: LinkProfile) {
    this.#seed = seed;
    this.#profile = profile;
    this.#isSteady = isSteady(profile);
  }

  get profile(): LinkProfile {
    return this.#profile;
  }

  /** No message draws a lot, and each takes as long as the others of its link. */
  get isSteady(): boolean {
    return this.#isSteady;
  }

  /** Changes the weather; latencies that were drawn before stay. */
  setProfile(profile: LinkProfile): void {
    this.#profile = profile;
    this.#isSteady = isSteady(profile);
  }

  /** Splits the network; nodes hear only those of their own group. */
  partition(groups: ReadonlyMap<number, number>): void {
    this.#groups = groups;
  }

  /** Cuts or mends one direction of one link. */
  setCut(from: number, to: number, isCut: boolean): void {
    if (isCut) this.#cutLinks.add(keyOf(from, to));
    else this.#cutLinks.delete(keyOf(from, to));
  }

  /** Sets one link's latency by hand. */
  setLatency(from: number, to: number, latencyMs: number): void {
    this.#latencies.set(keyOf(from, to), latencyMs);
    const place = this.#links.placeOf(from, to);
    if (place === NO_PLACE) return;
    this.#links.figures[place + LATENCY] = latencyMs;
    this.#links.figures[place + LAST_ARRIVAL] = 0;
  }

  /** From now on every link has this latency and no other trouble. */
  calm(latencyMs: number): void {
    this.heal();
    this.setProfile({ ...PERFECT_LINKS, latency: { kind: "constant", value: latencyMs } });
    this.#latencies.clear();
    const { figures } = this.#links;
    this.#links.forEach((place) => figures[place + LATENCY] = latencyMs);
  }

  /** Mends every link and joins all groups. */
  heal(): void {
    this.#groups = new Map();
    this.#cutLinks.clear();
  }

  /** Tells whether anything gets from one node to another. */
  isReachable(from: number, to: number): boolean {
    if (this.#cutLinks.size > 0 && this.#cutLinks.has(keyOf(from, to))) return false;
    if (this.#groups.size === 0) return true;
    return (this.#groups.get(from) ?? 0) === (this.#groups.get(to) ?? 0);
  }

  /** The link's latency without jitter and bandwidth. */
  latencyMs(from: number, to: number): number {
    const place = this.#placeOf(from, to);
    return this.#links.figures[place + LATENCY] as number;
  }

  /**
   * When a message that is sent now arrives, where every message of a link takes as long as the others: no
   * lot is drawn then. `undefined` where it is not so, or where nothing gets through.
   */
  steadyArrivalMs(from: number, to: number, nowMs: number): number | undefined {
    if (!this.#isSteady || !this.isReachable(from, to)) return undefined;
    const place = this.#placeOf(from, to);
    const { figures } = this.#links;
    const { jitter } = this.#profile;
    const jitterMs = jitter.kind === "constant" ? jitter.value : 0;
    const plannedMs = nowMs + (figures[place + LATENCY] as number) + jitterMs;
    const arrivalMs = Math.max(plannedMs, figures[place + LAST_ARRIVAL] as number);
    figures[place + LAST_ARRIVAL] = arrivalMs;
    return arrivalMs;
  }

  /** Sends a message; says when it arrives: once, twice, or never. */
  send({ from, to, sizeBytes, nowMs }: Route): readonly number[] {
    const profile = this.#profile;
    const sender = this.#senderOf(from);
    const { stream } = sender;
    let sentAtMs = nowMs;
    if (profile.uplink !== undefined) {
      sentAtMs = Math.max(nowMs, sender.uplinkFreeAtMs) + sizeBytes / sender.uplinkBytesPerMs;
      sender.uplinkFreeAtMs = sentAtMs;
    }
    if (stream.chance(profile.lossProbability) || !this.isReachable(from, to)) return NEVER;

    const place = this.#placeOf(from, to);
    const { figures } = this.#links;
    const plannedMs = sentAtMs + (figures[place + LATENCY] as number) +
      draw(profile.jitter, stream);
    const isReordered = stream.chance(profile.reorderProbability);
    const inOrderMs = isReordered
      ? plannedMs
      : Math.max(plannedMs, figures[place + LAST_ARRIVAL] as number);
    if (!isReordered) figures[place + LAST_ARRIVAL] = inOrderMs;
    const arrivalsMs = [isReordered ? late(inOrderMs, stream) : inOrderMs];
    if (stream.chance(profile.duplicateProbability)) arrivalsMs.push(late(inOrderMs, stream));
    return arrivalsMs;
  }

  #senderOf(from: number): Sender {
    let sender = this.#senders[from];
    if (sender === undefined) {
      const stream = randomStream(this.#seed, `node/${from}/network`);
      const { uplink } = this.#profile;
      const uplinkBytesPerMs = uplink === undefined
        ? Infinity
        : Math.max(1e-6, draw(uplink, stream));
      sender = { stream, uplinkBytesPerMs, uplinkFreeAtMs: 0 };
      this.#senders[from] = sender;
    }
    return sender;
  }

  /** Draws a link's latency when it is used for the first time. */
  #placeOf(from: number, to: number): number {
    const known = this.#links.placeOf(from, to);
    if (known !== NO_PLACE) return known;
    const latencyMs = this.#latencies.get(keyOf(from, to)) ??
      draw(this.#profile.latency, randomStream(this.#seed, `link/${from}/${to}`));
    const place = this.#links.add(from, to);
    this.#links.figures[place + LATENCY] = latencyMs;
    return place;
  }
}

const NEVER: readonly number[] = [];

function late(arrivalMs: number, stream: RandomStream): number {
  return arrivalMs + stream.uniform(0, REORDER_MS_MAX);
}

function isSteady(profile: LinkProfile): boolean {
  return profile.uplink === undefined && profile.jitter.kind === "constant" &&
    profile.lossProbability === 0 && profile.duplicateProbability === 0 &&
    profile.reorderProbability === 0;
}

/** One number for an ordered pair; a million nodes fit. */
function keyOf(from: number, to: number): number {
  return from * 0x100_0000 + to;
}
