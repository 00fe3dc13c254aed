/**
 * Why a link does not come about, or ends: codes that both ends and people read.
 *
 * @module
 */

/** Why a handshake is refused; the answer's JSON carries it. */
export type HandshakeCode =
  | "opening-malformed"
  | "protocol-version-unsupported"
  /** The caller wants somebody else. */
  | "identity-mismatch"
  | "join-token-wrong"
  | "session-unknown"
  /** Noise message 3 cannot be read, or proves another node than it names. */
  | "handshake-failed"
  | "peers-busy";

export interface HandshakeError {
  readonly code: HandshakeCode;
  /** For people. */
  readonly text: string;
}

/** Why a node closes a stream; the WebSocket's close frame carries number and code. */
export type StreamEndCode = keyof typeof STREAM_END_CODES;

export const STREAM_END_CODES = {
  /** The node stops, or has a newer stream. */
  "stream-ended": 4000,
  /** A frame that the other end did not seal, or not now. */
  "frame-undecipherable": 4001,
  "frame-malformed": 4002,
  "message-malformed": 4003,
  /** Larger than this node takes from such a peer. */
  "frame-oversized": 4004,
  /** More at a time than the window allows. */
  "peer-floods": 4005,
  "acknowledgement-malformed": 4006,
  /** No acknowledgement for too long. */
  "timeout": 4007,
  /** Nobody who is that peer answers at the address that it advertises. */
  "address-unproven": 4008,
  "peers-busy": 4009,
  /** A stranger that was not let in for too long. */
  "not-admitted": 4010,
} as const;

export const HANDSHAKE_TEXTS: Readonly<Record<HandshakeCode, string>> = {
  "opening-malformed": "Cannot read the opening: the bytes are not those of docs/protocol.md",
  "protocol-version-unsupported": "Cannot talk: this node speaks protocol version 2",
  "identity-mismatch": "Cannot talk: the opening is for another node's key",
  "join-token-wrong": "Cannot talk: the join token is not the fleet's",
  "session-unknown": "Cannot open a stream: no handshake of this name waits",
  "handshake-failed": "Cannot open a stream: the sender's key and record are not proved",
  "peers-busy": "Cannot shake hands now: there are too many callers; try again",
};
