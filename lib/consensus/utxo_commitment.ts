/**
 * A number that stands for a whole UTXO set, kept up to date coin by coin.
 *
 * It is the sum modulo 2^256 of SHA-256(outpoint 36 ‖ owner 32 ‖ amount 8) over all coins (AdHash,
 * Bellare and Micciancio 1997): the order does not matter, adding and taking away are one addition. It
 * finds damage and bugs; it is no defence against somebody who builds a colliding set on purpose, and no
 * rule depends on it.
 *
 * @module
 */
import { sha256Into } from "../crypto/hash.ts";
import { indexOfOutpoint, txidOfOutpoint } from "../primitives/outpoint.ts";
import { PACKED_UTXO_SIZE_BYTES } from "./packed_utxos.ts";
import type { NamedUtxo, UtxoDelta } from "./utxo.ts";

/** A commitment: a number below 2^256. */
export type UtxoCommitment = bigint & { readonly __brand: "UtxoCommitment" };

export const EMPTY_COMMITMENT = 0n as UtxoCommitment;

const MODULUS_MASK = (1n << 256n) - 1n;

/** The commitment of a whole set, from nothing. */
export function commitmentOf(utxos: Iterable<NamedUtxo>): UtxoCommitment {
  const sum = new TermSum();
  for (const utxo of utxos) sum.add(utxo);
  return sum.addTo(0n);
}

/** The same of packed outputs, whose first 76 bytes are what is hashed. Leaves no garbage. */
export function commitmentOfPacked(pages: Iterable<Uint8Array>): UtxoCommitment {
  const sum = new TermSum();
  for (const page of pages) sum.addPacked(page);
  return sum.addTo(0n);
}

/**
 * The commitment after a block's change.
 *
 * @example
 * ```ts
 * import { testParams } from "../testing/test_params.ts";
 * import { connectGenesis } from "./connect_block.ts";
 * import { commitDelta, commitmentOf, EMPTY_COMMITMENT } from "./utxo_commitment.ts";
 * import assert from "node:assert/strict";
 *
 * const delta = connectGenesis(testParams().genesis);
 * assert.equal(commitDelta(EMPTY_COMMITMENT, delta), commitmentOf(delta.created));
 * ```
 */
export function commitDelta(commitment: UtxoCommitment, delta: UtxoDelta): UtxoCommitment {
  const sum = new TermSum();
  for (const utxo of delta.spent) sum.subtract(utxo);
  for (const utxo of delta.created) sum.add(utxo);
  return sum.addTo(commitment);
}

/** The commitment as 64 hex characters. */
export function formatCommitment(commitment: UtxoCommitment): string {
  return commitment.toString(16).padStart(64, "0");
}

/** One coin's bytes at a time: allocating them anew cost more than the hash and left garbage. */
const TERM_SIZE_BYTES = 76;
const DIGEST_WORDS = 8;
const term = new Uint8Array(TERM_SIZE_BYTES);
const termDigest = new Uint8Array(4 * DIGEST_WORDS);
const termDigestView = new DataView(termDigest.buffer);
const termTxid = term.subarray(0, 32) as HexTarget;
const termOwner = term.subarray(36, 68) as HexTarget;
const termView = new DataView(term.buffer);

type HexTarget = Uint8Array & { setFromHex(hex: string): unknown };

/** More terms than this might not add up exactly in 53 bits. */
const TERMS_MAX = 2 ** 20;

/** A sum of terms, word by word: a big integer for each term cost twice as much as its hash. */
export class TermSum {
  readonly #words = new Float64Array(DIGEST_WORDS);
  #count = 0;
  #carried = 0n;

  add(utxo: NamedUtxo): void {
    writeTerm(utxo);
    this.addTerm(1);
  }

  /** Adds all outputs of a page. */
  addPacked(page: Uint8Array): void {
    for (let offset = 0; offset < page.length; offset += PACKED_UTXO_SIZE_BYTES) {
      for (let index = 0; index < TERM_SIZE_BYTES; index++) {
        term[index] = page[offset + index] as number;
      }
      this.addTerm(1);
    }
  }

  subtract(utxo: NamedUtxo): void {
    writeTerm(utxo);
    this.addTerm(-1);
  }

  /** Adds or takes away the hash of the bytes that stand in `term`. */
  addTerm(sign: 1 | -1): void {
    if (this.#count++ === TERMS_MAX) this.#carry();
    sha256Into(term, termDigest);
    for (let word = 0; word < DIGEST_WORDS; word++) {
      this.#words[word] = (this.#words[word] as number) + sign * termDigestView.getUint32(4 * word);
    }
  }

  addTo(commitment: bigint): UtxoCommitment {
    this.#carry();
    return (commitment + this.#carried & MODULUS_MASK) as UtxoCommitment;
  }

  #carry(): void {
    for (const [word, value] of this.#words.entries()) {
      this.#carried += BigInt(value) << BigInt(32 * (DIGEST_WORDS - 1 - word));
    }
    this.#words.fill(0);
    this.#count = 1;
  }
}

/** Puts a coin's bytes into `term`. */
function writeTerm([outpoint, { owner, amount }]: NamedUtxo): void {
  termTxid.setFromHex(txidOfOutpoint(outpoint));
  termView.setUint32(32, indexOfOutpoint(outpoint));
  termOwner.setFromHex(owner);
  termView.setUint32(68, Math.floor(amount / 2 ** 32));
  termView.setUint32(72, amount % 2 ** 32);
}
