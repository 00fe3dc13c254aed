/**
 * How two nodes learn who the other one is, before any message: the signed parts of a handshake.
 *
 * ```
 * A → B  POST /p2p/v1/hello        Hello: who I am, where I am, whom I want        signed by A
 * B → A  GET  /p2p/v1/identity     at the URL that A claims: was this hello yours? (challenge)
 * A → B                            Identity: it was                                signed by A
 * B → A  200                       HelloAnswer: it is me, and here is your session signed by B
 * A → B  GET  /p2p/v1/stream       the session opens one stream, once
 * ```
 *
 * A hello that was overheard opens nothing: A confirms only what it has just sent, and a hello for one
 * node is refused by every other one. A wrong or unreachable URL is found here, not by silence (N08).
 *
 * Bytes (integers big endian, texts UTF-8 with a 32-bit length in front):
 * - Hello: version 4, sender's key 32, sender's URL (text), recipient's key 32 (zeros: whoever is there),
 *   nonce 32, signature 64 over `"noobcash/hello/1" ‖` everything before it.
 * - Identity: key 32, URL (text), signature 64 over `"noobcash/identity/1" ‖ challenge 32 ‖ nonce of the
 *   hello 32 ‖ URL`.
 * - HelloAnswer: key 32, session 32, signature 64 over `"noobcash/hello-answer/1" ‖ nonce of the hello 32
 *   ‖ sender's key 32 ‖ session 32`.
 *
 * Knows no sockets; nonces, challenges and sessions are random bytes that the caller brings.
 *
 * @module
 */
import { ByteReader, bytesOfHex, ByteWriter, utf8Bytes } from "../bytes.ts";
import { type KeyPair, PUBLIC_KEY_SIZE_BYTES, type PublicKey } from "../crypto/keys.ts";
import {
  type Signature,
  SIGNATURE_SIZE_BYTES,
  signMessage,
  verifySignature,
} from "../crypto/signature.ts";
import { PROTOCOL_VERSION } from "../params.ts";
import { err, ok, type Result } from "../result.ts";
import { isNodeUrl, URL_SIZE_BYTES_MAX } from "./ring.ts";

/** The size of a nonce, a challenge and a session in bytes; in memory they are hex. */
export const NONCE_SIZE_BYTES = 32;
/** The most bytes that a hello has. */
export const HELLO_SIZE_BYTES_MAX = 4 + 32 + 4 + URL_SIZE_BYTES_MAX + 32 + 32 + 64;

const ANYBODY = "00".repeat(PUBLIC_KEY_SIZE_BYTES);

/** Why a handshake came to nothing. */
export type HandshakeCode =
  | "hello-malformed"
  | "hello-bad-signature"
  | "protocol-version-unsupported"
  /** Nobody answers at the URL that the other one claims. */
  | "address-unreachable"
  /** Somebody else answers there. */
  | "identity-mismatch";

export interface Hello {
  readonly protocolVersion: number;
  readonly publicKey: PublicKey;
  /** Where the sender is reached. */
  readonly url: string;
  /** Whom it wants to talk to; `undefined`: whoever is there. */
  readonly recipient: PublicKey | undefined;
  readonly nonce: string;
}

export interface Identity {
  readonly publicKey: PublicKey;
  readonly url: string;
}

export interface HelloAnswer {
  readonly publicKey: PublicKey;
  readonly session: string;
}

export function encodeHello(hello: Hello, keyPair: KeyPair): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(HELLO_SIZE_BYTES_MAX).u32(hello.protocolVersion)
    .hex(hello.publicKey).text(hello.url).hex(hello.recipient ?? ANYBODY).hex(hello.nonce);
  return writer.hex(signMessage(keyPair, tagged("noobcash/hello/1", [writer.finish()]))).finish();
}

/** Reads a hello and checks all that can be checked without a call back. */
export function decodeHello(bytes: Uint8Array): Result<Hello, { readonly code: HandshakeCode }> {
  const reader = new ByteReader(bytes);
  const protocolVersion = reader.u32();
  const publicKey = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const url = reader.text(URL_SIZE_BYTES_MAX);
  const recipient = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const nonce = reader.hex(NONCE_SIZE_BYTES);
  const signature = reader.hex(SIGNATURE_SIZE_BYTES) as Signature;
  if (!reader.finish() || !isNodeUrl(url)) return err({ code: "hello-malformed" });

  const signed = bytes.subarray(0, bytes.length - SIGNATURE_SIZE_BYTES);
  if (!verifySignature(publicKey, tagged("noobcash/hello/1", [signed]), signature)) {
    return err({ code: "hello-bad-signature" });
  }
  if (protocolVersion !== PROTOCOL_VERSION) return err({ code: "protocol-version-unsupported" });
  return ok({
    protocolVersion,
    publicKey,
    url,
    recipient: recipient === ANYBODY ? undefined : recipient,
    nonce,
  });
}

/** What a node answers when it is asked whether a hello is its own. */
export function encodeIdentity(
  { challenge, nonce, url }: {
    readonly challenge: string;
    readonly nonce: string;
    readonly url: string;
  },
  keyPair: KeyPair,
): Uint8Array<ArrayBuffer> {
  const signature = signMessage(keyPair, identityMessage({ challenge, nonce, url }));
  return new ByteWriter().hex(keyPair.publicKey).text(url).hex(signature).finish();
}

/** Reads an identity; `undefined` when it is malformed or not signed for this challenge and nonce. */
export function decodeIdentity(
  bytes: Uint8Array,
  { challenge, nonce }: { readonly challenge: string; readonly nonce: string },
): Identity | undefined {
  const reader = new ByteReader(bytes);
  const publicKey = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const url = reader.text(URL_SIZE_BYTES_MAX);
  const signature = reader.hex(SIGNATURE_SIZE_BYTES) as Signature;
  if (!reader.finish()) return undefined;
  const message = identityMessage({ challenge, nonce, url });
  return verifySignature(publicKey, message, signature) ? { publicKey, url } : undefined;
}

export function encodeHelloAnswer(
  { nonce, sender, session }: {
    readonly nonce: string;
    readonly sender: PublicKey;
    readonly session: string;
  },
  keyPair: KeyPair,
): Uint8Array<ArrayBuffer> {
  const signature = signMessage(keyPair, answerMessage({ nonce, sender, session }));
  return new ByteWriter().hex(keyPair.publicKey).hex(session).hex(signature).finish();
}

/** Reads the answer to a hello; `undefined` when it is malformed or not signed for this hello. */
export function decodeHelloAnswer(
  bytes: Uint8Array,
  { nonce, sender }: { readonly nonce: string; readonly sender: PublicKey },
): HelloAnswer | undefined {
  const reader = new ByteReader(bytes);
  const publicKey = reader.hex(PUBLIC_KEY_SIZE_BYTES) as PublicKey;
  const session = reader.hex(NONCE_SIZE_BYTES);
  const signature = reader.hex(SIGNATURE_SIZE_BYTES) as Signature;
  if (!reader.finish()) return undefined;
  const message = answerMessage({ nonce, sender, session });
  return verifySignature(publicKey, message, signature) ? { publicKey, session } : undefined;
}

function identityMessage(
  { challenge, nonce, url }: {
    readonly challenge: string;
    readonly nonce: string;
    readonly url: string;
  },
): Uint8Array {
  const parts = [bytesOfHex(challenge), bytesOfHex(nonce), utf8Bytes(url)];
  return tagged("noobcash/identity/1", parts);
}

function answerMessage(
  { nonce, sender, session }: {
    readonly nonce: string;
    readonly sender: PublicKey;
    readonly session: string;
  },
): Uint8Array {
  const parts = [bytesOfHex(nonce), bytesOfHex(sender), bytesOfHex(session)];
  return tagged("noobcash/hello-answer/1", parts);
}

function tagged(tag: string, parts: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter().bytes(utf8Bytes(tag));
  for (const part of parts) writer.bytes(part);
  return writer.finish();
}
