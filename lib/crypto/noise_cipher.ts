/**
 * A key and a counter (Noise, section 5.1, `CipherState`) with ChaCha20-Poly1305 (RFC 8439).
 *
 * Each message takes the next nonce, so one that is lost, doubled, moved or changed makes itself and all that
 * follow unreadable. A nonce is used once: the counter never goes back.
 *
 * @module
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { invariant } from "../result.ts";

/** The size of a key in bytes. */
export const CIPHER_KEY_SIZE_BYTES = 32;
/** What encryption adds to a message. */
export const CIPHER_TAG_SIZE_BYTES = 16;

const ALGORITHM = "chacha20-poly1305";
const OPTIONS = { authTagLength: CIPHER_TAG_SIZE_BYTES } as const;
const NONCE_SIZE_BYTES = 12;
const NOTHING = new Uint8Array(0);

export class NoiseCipher {
  #key: Uint8Array;
  #nonce = 0;

  constructor(key: Uint8Array) {
    invariant(key.length === CIPHER_KEY_SIZE_BYTES, "A cipher's key has 32 bytes");
    this.#key = key;
  }

  /** How many messages this cipher has dealt with. */
  get nonce(): number {
    return this.#nonce;
  }

  encrypt(plaintext: Uint8Array, associated: Uint8Array = NOTHING): Uint8Array<ArrayBuffer> {
    const sealed = seal(this.#key, nonceBytes(BigInt(this.#nonce)), plaintext, associated);
    this.#nonce++;
    return sealed;
  }

  /** Gives back the message; `undefined` when somebody else made it, or it is out of turn. */
  decrypt(
    ciphertext: Uint8Array,
    associated: Uint8Array = NOTHING,
  ): Uint8Array<ArrayBuffer> | undefined {
    const opened = open(this.#key, nonceBytes(BigInt(this.#nonce)), ciphertext, associated);
    if (opened !== undefined) this.#nonce++;
    return opened;
  }

  /** Takes the next key (section 4.2, `REKEY`): what was sent before cannot be read with it. The counter goes on. */
  rekey(): void {
    const zeros = new Uint8Array(CIPHER_KEY_SIZE_BYTES);
    const sealed = seal(this.#key, nonceBytes(2n ** 64n - 1n), zeros, NOTHING);
    this.#key = sealed.slice(0, CIPHER_KEY_SIZE_BYTES);
  }
}

function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
  if (associated.length > 0) cipher.setAAD(associated, { plaintextLength: plaintext.length });
  const sealed = new Uint8Array(plaintext.length + CIPHER_TAG_SIZE_BYTES);
  sealed.set(cipher.update(plaintext));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

function open(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  associated: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const plaintextLength = ciphertext.length - CIPHER_TAG_SIZE_BYTES;
  if (plaintextLength < 0) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
  if (associated.length > 0) decipher.setAAD(associated, { plaintextLength });
  decipher.setAuthTag(ciphertext.subarray(plaintextLength));
  const opened = new Uint8Array(plaintextLength);
  opened.set(decipher.update(ciphertext.subarray(0, plaintextLength)));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return opened;
}

/** 32 zero bits, then the counter, little endian. */
function nonceBytes(counter: bigint): Uint8Array {
  const nonce = new Uint8Array(NONCE_SIZE_BYTES);
  new DataView(nonce.buffer).setBigUint64(4, counter, true);
  return nonce;
}
