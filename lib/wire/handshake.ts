/**
 * How two nodes open a link: what goes over the wire before the first message.
 *
 * ```
 * A → B  POST /p2p/v2/handshake   opening: who I say I am, whom I want, Noise message 1
 * A ← B  200                      Noise message 2: proves B; names the session
 * A → B  GET  /p2p/v2/stream      Noise message 3: proves A, with A's signed record; opens the WebSocket
 * ```
 *
 * Noise is `XXpsk0` with X25519, ChaCha20-Poly1305 and SHA-256. The static keys are the nodes' own keys in
 * X25519's form, so a proof of one is a proof of the other; the pre-shared key is made of the join token.
 *
 * Bytes (integers big endian):
 * - Opening, 140: version 4, A's key 32, B's key 32 (zeros: whoever is there), number 8, tag 16, Noise
 *   message 1 (48, no payload). The first 76 are the prologue. The number grows with each opening of A's. The
 *   tag is the first 16 bytes of HMAC-SHA-256 over all the other bytes in order; its key is SHA-256 of
 *   `"noobcash/opening/2" ‖ X25519(A's static key, B's)`. Zeros when B's key is not known.
 * - Answer, 128: Noise message 2 with B's key as payload. Its first 32 bytes are the session's name.
 * - Stream request: session 32 ‖ Noise message 3 with A's record as payload: key 32, URL (length 4, UTF-8),
 *   sequence 8, signature 64.
 *
 * Nothing here knows a socket; random bytes are brought by the caller.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import {
  ByteReader,
  bytesOfHex,
  ByteWriter,
  concatBytes,
  equalBytes,
  utf8Bytes,
} from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { hmacSha256 } from "../crypto/hmac.ts";
import { type KeyPair, PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import { type Signature, SIGNATURE_SIZE_BYTES } from "../crypto/signature.ts";
import {
  agree,
  x25519KeyOfNode,
  type X25519KeyPair,
  x25519KeyPairOfNode,
} from "../crypto/x25519.ts";
import { type AddressRecord, URL_SIZE_BYTES_MAX } from "./ring.ts";

/** The most bytes of a join token. */
export const JOIN_TOKEN_SIZE_BYTES_MAX = 256;

/** Where peers call. */
export const P2P_PATH = "/p2p/v2";

/** The version, both keys and the number: what both ends agree on before Noise begins. */
const PROLOGUE_SIZE_BYTES = 4 + 2 * PUBLIC_KEY_SIZE_BYTES + 8;
const TAG_SIZE_BYTES = 16;
const NOISE_MESSAGE_1_SIZE_BYTES = 48;
export const OPENING_SIZE_BYTES = PROLOGUE_SIZE_BYTES + TAG_SIZE_BYTES +
  NOISE_MESSAGE_1_SIZE_BYTES;
export const ANSWER_SIZE_BYTES = 128;
export const SESSION_SIZE_BYTES = 32;
/** Session, static key and its tag, record and its tag. */
export const STREAM_REQUEST_SIZE_BYTES_MAX = SESSION_SIZE_BYTES + 48 +
  (PUBLIC_KEY_SIZE_BYTES + 4 + URL_SIZE_BYTES_MAX + 8 + SIGNATURE_SIZE_BYTES) + 16;

const ANYBODY = "00".repeat(PUBLIC_KEY_SIZE_BYTES);
const NO_TAG = new Uint8Array(TAG_SIZE_BYTES);

/** A node as it shows itself to others. */
export interface LinkIdentity {
  readonly keyPair: KeyPair;
  readonly static: X25519KeyPair;
  readonly record: AddressRecord;
  readonly preSharedKey: Uint8Array;
}

export interface Opening {
  readonly protocolVersion: number;
  /** Who the caller says it is; Noise message 3 proves it. */
  readonly sender: PublicKey;
  /** Whom it wants; `undefined`: whoever is there. */
  readonly recipient: PublicKey | undefined;
  readonly number: number;
  readonly prologue: Uint8Array;
  readonly tag: Uint8Array;
  readonly noiseMessage: Uint8Array;
}

/** Whether the one who opens is one whom the node knows: cheap to check, so it comes before all else. */
export type OpeningKey = Uint8Array & { readonly __brand: "OpeningKey" };

/** What a node shows and proves, made of its keys, its record and the fleet's token. */
export function linkIdentityOf(
  keyPair: KeyPair,
  record: AddressRecord,
  joinToken: string,
): LinkIdentity {
  return {
    keyPair,
    static: x25519KeyPairOfNode(keyPair),
    record,
    preSharedKey: sha256(concatBytes([utf8Bytes("noobcash/join-token/2"), utf8Bytes(joinToken)])),
  };
}

/** The key of two nodes' tags, the same at both; `undefined` when the other's key is none. */
export function openingKeyOf(own: X25519KeyPair, remote: PublicKey): OpeningKey | undefined {
  const publicKey = x25519KeyOfNode(remote);
  const shared = publicKey === undefined ? undefined : agree(own, publicKey);
  if (shared === undefined) return undefined;
  return sha256(concatBytes([utf8Bytes("noobcash/opening/2"), shared])) as Uint8Array as OpeningKey;
}

export function encodePrologue(
  { protocolVersion, sender, recipient, number }: Pick<
    Opening,
    "protocolVersion" | "sender" | "recipient" | "number"
  >,
): Uint8Array<ArrayBuffer> {
  return new ByteWriter(PROLOGUE_SIZE_BYTES).u32(protocolVersion).hex(sender)
    .hex(recipient ?? ANYBODY).u64(number).finish();
}

export function encodeOpening(
  prologue: Uint8Array,
  noiseMessage: Uint8Array,
  key: OpeningKey | undefined,
): Uint8Array<ArrayBuffer> {
  const tag = key === undefined ? NO_TAG : tagOf(key, prologue, noiseMessage);
  return concatBytes([prologue, tag, noiseMessage]);
}

/** Reads an opening's form; what it claims is not believed yet. */
export function decodeOpening(bytes: Uint8Array): Opening | undefined {
  if (bytes.length !== OPENING_SIZE_BYTES) return undefined;
  const reader = new ByteReader(bytes);
  const protocolVersion = reader.u32();
  const sender = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const recipient = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const number = reader.u64();
  const tag = reader.bytes(TAG_SIZE_BYTES);
  const noiseMessage = reader.bytes(NOISE_MESSAGE_1_SIZE_BYTES);
  if (!reader.finish()) return undefined;
  return {
    protocolVersion,
    sender,
    recipient: recipient === ANYBODY ? undefined : recipient,
    number,
    prologue: bytes.subarray(0, PROLOGUE_SIZE_BYTES),
    tag,
    noiseMessage,
  };
}

/** Tells whether an opening was made by the node whose key with ours this is. */
export function isTaggedWith({ prologue, noiseMessage, tag }: Opening, key: OpeningKey): boolean {
  return timingSafeEqual(tag, tagOf(key, prologue, noiseMessage));
}

export function encodeRecord(record: AddressRecord): Uint8Array<ArrayBuffer> {
  return new ByteWriter().hex(record.publicKey).text(record.url).u64(record.sequence)
    .hex(record.signature).finish();
}

/** Reads a record's form; its signature is not verified yet. */
export function decodeRecord(bytes: Uint8Array): AddressRecord | undefined {
  const reader = new ByteReader(bytes);
  const publicKey = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const url = reader.text(URL_SIZE_BYTES_MAX);
  const sequence = reader.u64();
  const signature = reader.hex(SIGNATURE_SIZE_BYTES) as Signature;
  return reader.finish() ? { publicKey, url, sequence, signature } : undefined;
}

/** Tells whether a static key that was proved is this node's. */
export function isStaticKeyOf(staticKey: Uint8Array, publicKey: PublicKey): boolean {
  const wanted = x25519KeyOfNode(publicKey);
  return wanted !== undefined && equalBytes(staticKey, wanted);
}

/** The key of a node in bytes, as message 2 carries it. */
export function encodeKey(publicKey: PublicKey): Uint8Array<ArrayBuffer> {
  return bytesOfHex(publicKey);
}

function tagOf(key: OpeningKey, prologue: Uint8Array, noiseMessage: Uint8Array): Uint8Array {
  return hmacSha256(key, concatBytes([prologue, noiseMessage])).subarray(0, TAG_SIZE_BYTES);
}
