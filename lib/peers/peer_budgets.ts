/**
 * What a node spends on whom: members of the ring, observers, strangers.
 *
 * Each kind has a budget of its own, so whatever strangers do, what members need is there. A member's is its
 * own; strangers share one, and no address has more than a part of it. The numbers are in one table, with
 * what they are for beside each.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import { sealedSizeBytes } from "../crypto/noise_frame.ts";
import { BATCH_FILL_BYTES, BATCH_SIZE_BYTES_MAX } from "../wire/batch.ts";
import { NamedBuckets, TokenBucket } from "./token_bucket.ts";

/** Who somebody is to this node. */
export type PeerKind = "member" | "observer" | "stranger";

/** The largest frame that a peer sends, sealed. */
const FRAME_SIZE_BYTES_MAX = sealedSizeBytes(1 + BATCH_SIZE_BYTES_MAX);

export const PEER_LIMITS = {
  /** Handshakes of each member and each observer that prove who they are with their first bytes. */
  handshakesOfMember: { perSecond: 10, burst: 30 },
  handshakesOfObserver: { perSecond: 2, burst: 10 },
  /** Of all others: of one address, and together; what one costs tells `bench/handshake_bench.ts`. */
  handshakesOfAddress: { perSecond: 32, burst: 64 },
  handshakesOfStrangers: { perSecond: 64, burst: 128 },
  /** Milliseconds of this process that all strangers' handshakes may take, in a second. */
  strangersMs: { perSecond: 50, burst: 100 },
  /** The same once all members are known: who comes then can wait, and payments do not wait for many in a row. */
  lateStrangersMs: { perSecond: 25, burst: 10 },
  /** What one piece of work counts at most: longer ones have waited for a busy machine. */
  strangersWorkMsMax: 5,
  /** Addresses that are remembered. */
  addressesMax: 4096,

  /** Handshakes that wait for their last message, and how long. */
  waitingOfMembersMax: 4096,
  waitingOfStrangersMax: 128,
  waitingMsMax: 10_000,

  /** Streams that were opened to this node. */
  streamsOfMemberMax: 4,
  streamsOfObserverMax: 2,
  streamsOfStrangersMax: 128,
  streamsOfAddressMax: 64,
  /** How long a stranger may stay one. */
  strangerStreamMsMax: 30_000,

  /** The largest frame. A stranger has nothing to say but that it wants to join. */
  frameOfPeerSizeBytesMax: FRAME_SIZE_BYTES_MAX,
  frameOfStrangerSizeBytesMax: sealedSizeBytes(1 + BATCH_FILL_BYTES),
  /** Bytes of frames that wait to be taken: of each member and observer, and of all strangers together. */
  waitingOfMemberSizeBytesMax: 4 * FRAME_SIZE_BYTES_MAX,
  waitingOfObserverSizeBytesMax: FRAME_SIZE_BYTES_MAX,
  waitingOfStrangersSizeBytesMax: 1024 * 1024,
  /**
   * Bytes of all strangers' frames. Whatever is in a frame, it was kept until it was looked at, and for longer
   * by the engine, in several copies (8 MiB at once left 50 behind): when this is spent no more of them are let in,
   * and of those that are only what is as small as a wish to join is taken.
   */
  bytesOfStrangers: { perSecond: 64 * 1024, burst: 1024 * 1024 },
  frameOfModestStrangerSizeBytesMax: 2 * 1024,
  /** Messages that are taken: who sends more waits. */
  messagesOfObserver: { perSecond: 2_000, burst: 4_000 },
  messagesOfStrangers: { perSecond: 200, burst: 400 },
  messagesOfStranger: { perSecond: 10, burst: 20 },

  /** Calls to addresses that joiners advertise, while the ring is not complete: of one caller, and in all. */
  proofsOfAddress: { perSecond: 8, burst: 64 },
  proofs: { perSecond: 16, burst: 128 },
} as const;

/** Bytes of frames that count as a millisecond: they have to be opened, kept and collected. */
const BYTES_PER_MS = 64 * 1024;

/** What may come in over one stream. */
export interface StreamBudget {
  /**
   * Counts what has come of a frame that is not whole yet, instead of what was counted before; a code when that
   * may not be kept.
   */
  keep(sizeBytes: number): undefined | "frame-oversized" | "peer-floods";
  /** The frame that is not whole never will be: what has come of it was sent all the same. */
  abandon(): void;
  /** Takes a frame's place among those that wait; the answer gives it back, a code refuses the frame. */
  admit(sizeBytes: number): (() => void) | "frame-oversized" | "peer-floods";
  /** In how many milliseconds so many messages may be taken. */
  paceMs(messageCount: number): number;
}

interface Counter {
  sizeBytes: number;
}

export class PeerBudgets {
  readonly #kindOf: (publicKey: PublicKey) => PeerKind;
  readonly #nowMs: () => number;
  readonly #handshakes = {
    member: new NamedBuckets(PEER_LIMITS.handshakesOfMember, PEER_LIMITS.addressesMax),
    observer: new NamedBuckets(PEER_LIMITS.handshakesOfObserver, PEER_LIMITS.addressesMax),
    address: new NamedBuckets(PEER_LIMITS.handshakesOfAddress, PEER_LIMITS.addressesMax),
  };
  readonly #proofsOfAddress = new NamedBuckets(
    PEER_LIMITS.proofsOfAddress,
    PEER_LIMITS.addressesMax,
  );
  readonly #strangers;
  readonly #strangersWaiting: Counter = { sizeBytes: 0 };
  #strangersMs = 0;

  readonly #knowsMembers: () => boolean;

  /** @param knowsMembers whether no stranger can be one who is about to become a member */
  constructor(
    kindOf: (publicKey: PublicKey) => PeerKind,
    nowMs: () => number,
    knowsMembers: () => boolean = () => false,
  ) {
    this.#kindOf = kindOf;
    this.#nowMs = nowMs;
    this.#knowsMembers = knowsMembers;
    const atMs = nowMs();
    this.#strangers = {
      handshakes: new TokenBucket(PEER_LIMITS.handshakesOfStrangers, atMs),
      ms: new TokenBucket(PEER_LIMITS.strangersMs, atMs),
      lateMs: new TokenBucket(PEER_LIMITS.lateStrangersMs, atMs),
      messages: new TokenBucket(PEER_LIMITS.messagesOfStrangers, atMs),
      bytes: new TokenBucket(PEER_LIMITS.bytesOfStrangers, atMs),
      proofs: new TokenBucket(PEER_LIMITS.proofs, atMs),
    };
  }

  kindOf(publicKey: PublicKey): PeerKind {
    return this.#kindOf(publicKey);
  }

  /** Counts the handshake of somebody who has shown that it is that peer. */
  mayShakeHandsAs(kind: "member" | "observer", publicKey: PublicKey): boolean {
    const nowMs = this.#nowMs();
    return this.#handshakes[kind].of(publicKey, nowMs).take(nowMs);
  }

  /** Counts the handshake of somebody of whom nothing but its address is known. */
  mayShakeHandsFrom(address: string): boolean {
    const nowMs = this.#nowMs();
    const { handshakes, ms, lateMs, bytes } = this.#strangers;
    const time = this.#knowsMembers() ? lateMs : ms;
    return time.hasAny(nowMs) && bytes.hasAny(nowMs) &&
      this.#handshakes.address.of(addressGroupOf(address), nowMs).take(nowMs) &&
      handshakes.take(nowMs);
  }

  /** Does something for a stranger, and counts the time that it takes. */
  spendOnStranger<T>(work: () => T): T {
    const startedAtMs = this.#nowMs();
    const result = work();
    const endedAtMs = this.#nowMs();
    const tookMs = Math.min(endedAtMs - startedAtMs, PEER_LIMITS.strangersWorkMsMax);
    this.#strangers.ms.charge(endedAtMs, tookMs);
    this.#strangers.lateMs.charge(endedAtMs, tookMs);
    this.#strangersMs += tookMs;
    return result;
  }

  /** Milliseconds that strangers have taken so far, and what their frames count for. */
  get strangersMs(): number {
    return this.#strangersMs;
  }

  /** Counts a call to an address that a joiner advertises. */
  mayCallFor(address: string): boolean {
    const nowMs = this.#nowMs();
    return this.#proofsOfAddress.of(addressGroupOf(address), nowMs).take(nowMs) &&
      this.#strangers.proofs.take(nowMs);
  }

  /** Tells whether so much of a stranger's frame may be kept until the rest has come. */
  #mayStrangersBegin(sizeBytes: number): boolean {
    return sizeBytes <= PEER_LIMITS.frameOfModestStrangerSizeBytesMax ||
      this.#strangers.bytes.hasAny(this.#nowMs());
  }

  /** Counts a frame of a stranger, which has come already. */
  #mayStrangersSend(sizeBytes: number): boolean {
    const { bytes } = this.#strangers;
    const nowMs = this.#nowMs();
    const isLeft = bytes.hasAny(nowMs);
    this.#chargeBytes(sizeBytes);
    return isLeft || sizeBytes <= PEER_LIMITS.frameOfModestStrangerSizeBytesMax;
  }

  #chargeBytes(sizeBytes: number): void {
    this.#strangers.bytes.charge(this.#nowMs(), sizeBytes);
    this.#strangersMs += sizeBytes / BYTES_PER_MS;
  }

  /** The budget of a new stream. Who a peer is may change while it is open. */
  ofStream(publicKey: PublicKey): StreamBudget {
    const own: Counter = { sizeBytes: 0 };
    const atMs = this.#nowMs();
    const observer = new TokenBucket(PEER_LIMITS.messagesOfObserver, atMs);
    const stranger = new TokenBucket(PEER_LIMITS.messagesOfStranger, atMs);
    /** Of the frame that is not whole. */
    let begun = { sizeBytes: 0, letGo: () => {} };
    const settle = () => {
      const { sizeBytes, letGo } = begun;
      begun = { sizeBytes: 0, letGo: () => {} };
      letGo();
      return sizeBytes;
    };
    /** Takes a place among the frames that wait; a code when there is none. */
    const enter = (sizeBytes: number, kind: PeerKind) => {
      const isStranger = kind === "stranger";
      const frameSizeBytesMax = isStranger
        ? PEER_LIMITS.frameOfStrangerSizeBytesMax
        : PEER_LIMITS.frameOfPeerSizeBytesMax;
      if (sizeBytes > frameSizeBytesMax) return "frame-oversized";
      const counter = isStranger ? this.#strangersWaiting : own;
      if (counter.sizeBytes + sizeBytes > waitingSizeBytesMaxOf(kind)) return "peer-floods";
      counter.sizeBytes += sizeBytes;
      return () => {
        counter.sizeBytes -= sizeBytes;
      };
    };
    return {
      keep: (sizeBytes) => {
        settle();
        begun = { ...begun, sizeBytes };
        const kind = this.#kindOf(publicKey);
        if (kind === "stranger" && !this.#mayStrangersBegin(sizeBytes)) return "peer-floods";
        const entered = enter(sizeBytes, kind);
        if (typeof entered === "string") return entered;
        begun = { sizeBytes, letGo: entered };
        return undefined;
      },
      abandon: () => {
        const sizeBytes = settle();
        if (this.#kindOf(publicKey) === "stranger") this.#chargeBytes(sizeBytes);
      },
      admit: (sizeBytes) => {
        settle();
        const kind = this.#kindOf(publicKey);
        if (kind === "stranger" && !this.#mayStrangersSend(sizeBytes)) return "peer-floods";
        return enter(sizeBytes, kind);
      },
      paceMs: (count) => {
        const nowMs = this.#nowMs();
        const kind = this.#kindOf(publicKey);
        if (kind === "member") return 0;
        if (kind === "observer") return observer.takeLater(nowMs, count);
        const ofAllMs = this.#strangers.messages.takeLater(nowMs, count);
        return Math.max(stranger.takeLater(nowMs, count), ofAllMs);
      },
    };
  }
}

/** Whom an address stands for: an IPv6 host has 2^64 of them. */
export function addressGroupOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined
    ? 0
    : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const all = [
    ...groups,
    ...Array.from({ length: missing }, () => "0"),
    ...(tail ?? "").split(":"),
  ];
  return `${
    all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "").toLowerCase()).join(":")
  }::/64`;
}

function waitingSizeBytesMaxOf(kind: PeerKind): number {
  switch (kind) {
    case "member":
      return PEER_LIMITS.waitingOfMemberSizeBytesMax;
    case "observer":
      return PEER_LIMITS.waitingOfObserverSizeBytesMax;
    case "stranger":
      return PEER_LIMITS.waitingOfStrangersSizeBytesMax;
  }
}
