/**
 * Another node, as far as this one knows it: plain data in parts, one a concern.
 *
 * A function takes the parts that it reads or changes, so that its signature says what it may touch. The
 * views at the end are what one needs in order to talk to a peer, to ask it, or to charge it.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { StatusMessage } from "../wire/message.ts";
import type { AddressRecord } from "../wire/ring.ts";

/** The messages of the current second. */
export interface MessageWindow {
  startMs: number;
  count: number;
}

/**
 * When a peer was charged with not answering, and how many points: questions from before that time are
 * paid for.
 */
export interface Silence {
  readonly chargedAtMs: number;
  readonly points: number;
}

/** Which node it is, and where it is reached. */
export interface PeerPlace {
  readonly publicKey: PublicKey;
  /** Its id in the ring; none for an observer. */
  id: number | undefined;
  record: AddressRecord;
  /** Where it is reached: as its record says, or as a handshake has shown since. */
  url: string;
}

/** Whether it is reached. */
export interface PeerLink {
  /** When it was last heard; 0 for never. */
  heardAtMs: number;
  /** Deliveries that failed since the last one that did not. */
  failureCount: number;
  /** Why the last delivery failed. */
  failureCode: string | undefined;
  /** Cut off by hand: a partition made for teaching. */
  isCut: boolean;
}

/** Where it says that it stands, and what that has led to. */
export interface PeerReport {
  /** The last status that it sent. */
  status: StatusMessage | undefined;
  /** How far its wall clock, as its last status says, is ahead of our steady time. */
  clockAheadMs: number | undefined;
  /** Statuses in a row with our tip and another pool. */
  poolMismatchCount: number;
  /** Statuses in a row that told of other side blocks than ours; counted where these count. */
  workMismatchCount: number;
  /** Whether it owes us the txids of its pool. */
  isPoolAsked: boolean;
}

/** When it hears our status next. */
export interface PeerGreeting {
  nextStatusAtMs: number;
}

/** Whether it behaves. Changed by peer_table.ts only. */
export interface PeerStanding {
  /** Misbehaviour: at 100 the peer is left alone for a while. Falls by one a second. */
  score: number;
  scoredAtMs: number;
  /** Until when nothing is heard from it or said to it; grows with each time. */
  backedOffUntilMs: number;
  backOffCount: number;
  /** Its last silence. */
  silence: Silence;
}

/** How much it may still say and get in the current second. */
export interface PeerQuota {
  readonly window: MessageWindow;
  /** Bytes of answers that it got since then, within a second. */
  servedSinceMs: number;
  servedBytes: number;
}

export interface Peer
  extends PeerPlace, PeerLink, PeerReport, PeerGreeting, PeerStanding, PeerQuota {}

/** A peer that something is sent to. */
export type Addressee = Readonly<Pick<Peer, "publicKey" | "url" | "isCut" | "backedOffUntilMs">>;

/** A peer that may or may not be worth asking. */
export type Candidate = Readonly<Pick<Peer, "isCut" | "backedOffUntilMs" | "failureCount">>;

/** A peer that can be asked for what it says that it has. */
export type Source = Addressee & Candidate & Readonly<Pick<Peer, "status">>;

/** A peer that can be charged with what it did. */
export type Suspect = Readonly<Pick<Peer, "publicKey">> & PeerStanding;
