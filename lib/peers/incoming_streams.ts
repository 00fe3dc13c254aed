/**
 * The streams that others have opened to this node: how many of whom, and which of them reaches a peer.
 *
 * Members and observers have places of their own; the newest stream of one takes the place of its oldest.
 * Strangers share some places, of which one address gets a part; who is not let in for long has to go.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { StreamEndCode } from "./link_error.ts";
import { addressGroupOf, PEER_LIMITS, type PeerKind } from "./peer_budgets.ts";
import type { PeerStream } from "./peer_stream.ts";

interface Entry {
  readonly stream: PeerStream;
  readonly address: string;
  readonly admissionTimer: ReturnType<typeof setTimeout>;
}

export class IncomingStreams {
  readonly #kindOf: (publicKey: PublicKey) => PeerKind;
  readonly #strangerMsMax: number;
  /** The oldest of each peer first. */
  readonly #byKey = new Map<PublicKey, Entry[]>();
  /** From where each member has come last. */
  readonly #memberAddresses = new Map<PublicKey, string>();
  #count = 0;

  constructor(
    kindOf: (publicKey: PublicKey) => PeerKind,
    strangerMsMax: number = PEER_LIMITS.strangerStreamMsMax,
  ) {
    this.#kindOf = kindOf;
    this.#strangerMsMax = strangerMsMax;
  }

  get count(): number {
    return this.#count;
  }

  /** Address groups from which members have come; no more than there are members. */
  get memberAddresses(): Iterable<string> {
    return this.#memberAddresses.values();
  }

  /** Tells whether a stranger's stream has a place. */
  hasRoomForStranger(address: string): boolean {
    const group = addressGroupOf(address);
    let ofStrangers = 0;
    let ofAddress = 0;
    for (const [publicKey, entries] of this.#byKey) {
      if (this.#kindOf(publicKey) !== "stranger") continue;
      ofStrangers += entries.length;
      for (const entry of entries) if (entry.address === group) ofAddress++;
    }
    return ofStrangers < PEER_LIMITS.streamsOfStrangersMax &&
      ofAddress < PEER_LIMITS.streamsOfAddressMax;
  }

  /** Takes a stream in; the oldest of the same peer may have to go. */
  add(stream: PeerStream, address: string): void {
    const { publicKey } = stream;
    const entries = this.#byKey.get(publicKey) ?? [];
    this.#byKey.set(publicKey, entries);
    const admissionTimer = setTimeout(() => {
      if (this.#kindOf(publicKey) === "stranger") stream.end("not-admitted");
    }, this.#strangerMsMax);
    entries.push({ stream, address: addressGroupOf(address), admissionTimer });
    this.#count++;
    const isMember = this.#kindOf(publicKey) === "member";
    if (isMember) this.#memberAddresses.set(publicKey, addressGroupOf(address));
    const countMax = isMember ? PEER_LIMITS.streamsOfMemberMax : PEER_LIMITS.streamsOfObserverMax;
    if (entries.length > countMax) entries[0]?.stream.end("stream-ended");
  }

  /** The newest open stream of a peer. */
  of(publicKey: PublicKey): PeerStream | undefined {
    return this.#byKey.get(publicKey)?.findLast(({ stream }) => stream.isOpen)?.stream;
  }

  /** How far each member that has opened a stream is behind, in milliseconds. */
  lagsOfMembers(nowMs: number): Map<PublicKey, number> {
    const lags = new Map<PublicKey, number>();
    for (const [publicKey, entries] of this.#byKey) {
      if (this.#kindOf(publicKey) !== "member") continue;
      const lagsMs = entries.map(({ stream }) => stream.isOpen ? stream.lagMs(nowMs) : 0);
      lags.set(publicKey, Math.max(...lagsMs));
    }
    return lags;
  }

  remove(stream: PeerStream): void {
    const entries = this.#byKey.get(stream.publicKey) ?? [];
    const index = entries.findIndex((entry) => entry.stream === stream);
    const [entry] = index < 0 ? [] : entries.splice(index, 1);
    if (entry === undefined) return;
    clearTimeout(entry.admissionTimer);
    this.#count--;
    if (entries.length === 0) this.#byKey.delete(stream.publicKey);
  }

  endAll(code: StreamEndCode): PeerStream[] {
    const streams = [...this.#byKey.values()].flat().map(({ stream }) => stream);
    for (const stream of streams) stream.end(code);
    return streams;
  }
}
