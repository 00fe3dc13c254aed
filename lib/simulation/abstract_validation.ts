/**
 * Abstract validation: blocks and transactions as sizes and ids, for networks that are too large to look
 * into everything at every node.
 *
 * Relay, requests, the tree of blocks, work, times, fork choice, pool, coins, templates and the network
 * are the program's own. Left out is what looks inside: no signature is verified, no Merkle root and no
 * size of a block is checked, keys are numbers, addresses are unsigned. A block's id is its header's hash
 * and a transaction's is its own, as ever. As all nodes are honest, every check that is left out would
 * have passed, so the figures are the same, bit by bit.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import type { BlockCheck } from "../consensus/check_block.ts";
import type { TransactionVerifier } from "../consensus/transaction_verifier.ts";
import { sha256Hex } from "../crypto/hash.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { type Signature, SIGNATURE_SIZE_BYTES } from "../crypto/signature.ts";
import { ok } from "../result.ts";
import type { AddressRecord } from "../wire/ring.ts";
import { urlOfNode, WORLD_EPOCH_MS } from "./sim_node.ts";

const FINE = ok(undefined);
const NO_SIGNATURE = "00".repeat(SIGNATURE_SIZE_BYTES) as Signature;

/** Looks into no block. */
export const abstractBlockCheck: BlockCheck = () => FINE;

/** Takes every signature for good. */
export const ABSTRACT_VERIFIER: TransactionVerifier = {
  verify: () => true,
  isVerified: () => true,
  remember() {},
};

/** A node's key as a number. The first node's is real: genesis pays it, and it signs payments. */
export function abstractKeyPair(index: number): KeyPair {
  const first = numberedKeyPair(0);
  if (index === 0) return first;
  const publicKey = sha256Hex(utf8Bytes(`noobcash/abstract-key/${index}`)) as PublicKey;
  return { publicKey, secret: first.secret };
}

/** Where a node is, unsigned. */
export function abstractRecord(index: number, { publicKey }: KeyPair): AddressRecord {
  const url = urlOfNode(index);
  return { publicKey, url, sequence: WORLD_EPOCH_MS, signature: NO_SIGNATURE };
}
