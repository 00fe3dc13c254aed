/**
 * The hellos that this node has just sent: what it confirms when somebody asks whether they are its own.
 *
 * @module
 */
import { formatHex } from "../bytes.ts";
import { NONCE_SIZE_BYTES } from "../wire/handshake.ts";

export class PendingHellos {
  readonly #nonces = new Set<string>();

  /** Makes the nonce of a new hello. */
  add(): string {
    const nonce = randomNonce();
    this.#nonces.add(nonce);
    return nonce;
  }

  /** The hello was answered, or nobody will. */
  remove(nonce: string): void {
    this.#nonces.delete(nonce);
  }

  has(nonce: string): boolean {
    return this.#nonces.has(nonce);
  }
}

/** 32 random bytes as hex. */
export function randomNonce(): string {
  return formatHex(crypto.getRandomValues(new Uint8Array(NONCE_SIZE_BYTES)));
}
