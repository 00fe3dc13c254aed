/**
 * What a peer can be charged with: a closed list, so that a new fault does not compile until it stands
 * here and in docs/protocol.md.
 *
 * @module
 */
import type { InvalidCode } from "../consensus/block_tree.ts";
import type { RuleCode } from "../consensus/rule_table.ts";

/** What the transport found out: bytes that are no message, or more of them than allowed. */
export type LinkFault =
  | "stream-ended"
  | "frame-undecipherable"
  | "frame-malformed"
  | "message-malformed"
  | "frame-oversized"
  | "peer-floods"
  | "acknowledgement-malformed"
  | "timeout"
  | "address-unproven"
  | "peers-busy"
  | "not-admitted";

/** A header that broke a rule before its block was here. */
export type HeaderFault = RuleCode | "headers-not-in-a-row";

export type PeerFault =
  | LinkFault
  | HeaderFault
  /** A block of a branch that was found to be invalid. */
  | InvalidCode
  | "peer-foreign-genesis"
  | "peer-protocol-version"
  | "peer-lies-about-work"
  | "peer-stalls";
