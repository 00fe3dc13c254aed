/**
 * Who is in the network: the bootstrap node's certificate of the ring, and each node's own signed word on
 * where it is.
 *
 * Membership does not change once the ring is complete; addresses may. So they are two things, signed by
 * two keys, and any node can hand either on without being trusted.
 *
 * - Certificate: the bootstrap key signs `"noobcash/ring/1" ‖ genesis hash ‖ public keys in the order of
 *   their ids`.
 * - Record: a node's key signs `"noobcash/record/1" ‖ sequence (8) ‖ URL (UTF-8)`; the highest sequence is
 *   the newest.
 *
 * @module
 */
import { bytesOfHex, ByteWriter, concatBytes, utf8Bytes } from "../bytes.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { type Signature, signMessage, verifySignature } from "../crypto/signature.ts";
import type { Params } from "../params.ts";

/** The most bytes that a node's URL has. */
export const URL_SIZE_BYTES_MAX = 256;

/** The complete ring: node i has the i-th key. */
export interface RingCertificate {
  readonly publicKeys: readonly PublicKey[];
  readonly signature: Signature;
}

/** A node's word on where it is reached. */
export interface AddressRecord {
  readonly publicKey: PublicKey;
  /** `http://host:port`, no path; empty for an observer that takes no calls. */
  readonly url: string;
  /** Grows with each change: the time of the change in ms. */
  readonly sequence: number;
  readonly signature: Signature;
}

export function signRing(
  publicKeys: readonly PublicKey[],
  keyPair: KeyPair,
  params: Params,
): RingCertificate {
  return { publicKeys, signature: signMessage(keyPair, ringMessage(publicKeys, params)) };
}

/** Verifies that the network's bootstrap node made this ring and that it is complete. */
export function verifyRing(ring: RingCertificate, params: Params): boolean {
  return ring.publicKeys.length === params.nodes &&
    new Set(ring.publicKeys).size === params.nodes &&
    ring.publicKeys[0] === params.bootstrapKey &&
    verifySignature(params.bootstrapKey, ringMessage(ring.publicKeys, params), ring.signature);
}

export function signRecord(
  { url, sequence }: { readonly url: string; readonly sequence: number },
  keyPair: KeyPair,
): AddressRecord {
  const signature = signMessage(keyPair, recordMessage(url, sequence));
  return { publicKey: keyPair.publicKey, url, sequence, signature };
}

/** Verifies that the node itself says this, and that the URL is one that can be called, or none. */
export function verifyRecord(record: AddressRecord): boolean {
  return (record.url === "" || isNodeUrl(record.url)) &&
    verifySignature(
      record.publicKey,
      recordMessage(record.url, record.sequence),
      record.signature,
    );
}

/**
 * Tells whether a text is `http://host:port` and nothing more.
 *
 * @example
 * ```ts
 * import { isNodeUrl } from "./ring.ts";
 * import assert from "node:assert/strict";
 *
 * assert(isNodeUrl("http://127.0.0.1:5000"));
 * assert(!isNodeUrl("http://127.0.0.1:5000/path"));
 * assert(!isNodeUrl("file:///etc/passwd"));
 * ```
 */
export function isNodeUrl(text: string): boolean {
  if (text.length > URL_SIZE_BYTES_MAX || !URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "http:" || url.protocol === "https:") && url.origin === text;
}

function ringMessage(publicKeys: readonly PublicKey[], params: Params): Uint8Array {
  return concatBytes([
    utf8Bytes("noobcash/ring/1"),
    params.genesisHashBytes,
    ...publicKeys.map((publicKey) => bytesOfHex(publicKey)),
  ]);
}

function recordMessage(url: string, sequence: number): Uint8Array {
  return new ByteWriter().bytes(utf8Bytes("noobcash/record/1")).u64(sequence).bytes(utf8Bytes(url))
    .finish();
}
