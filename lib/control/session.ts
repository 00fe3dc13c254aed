/**
 * Who may look and give orders: a code opens the room once, and is exchanged for a token.
 *
 * A code stands in a link's fragment, which no browser sends and no log keeps; whoever opens the link
 * exchanges it for a token at once, and it opens nothing after that. Codes and tokens are random, kept as
 * hashes, bounded in number, and die with the process.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";

/** The most links that wait to be opened, and the most browsers that are in; the oldest goes. */
export const CODES_MAX = 32;
export const TOKENS_MAX = 64;
/** How long a link can wait. */
export const CODE_AGE_MS_MAX = 12 * 3600 * 1000;

export class Sessions {
  readonly #codes: { readonly digest: Uint8Array; readonly bornMs: number }[] = [];
  readonly #tokens: Uint8Array[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A new code, good for one opening. */
  createCode(): string {
    const code = secretText();
    this.#codes.push({ digest: digestOf(code), bornMs: this.#nowMs() });
    if (this.#codes.length > CODES_MAX) this.#codes.shift();
    return code;
  }

  /** Exchanges a code for a token; `undefined` when the code is unknown, used or too old. */
  open(code: string): string | undefined {
    const digest = digestOf(code);
    const index = this.#codes.findIndex((each) => timingSafeEqual(each.digest, digest));
    const found = this.#codes[index];
    if (found === undefined) return undefined;
    this.#codes.splice(index, 1);
    if (this.#nowMs() - found.bornMs > CODE_AGE_MS_MAX) return undefined;
    return this.createToken();
  }

  createToken(): string {
    const token = secretText();
    this.#tokens.push(digestOf(token));
    if (this.#tokens.length > TOKENS_MAX) this.#tokens.shift();
    return token;
  }

  isValid(token: string): boolean {
    const digest = digestOf(token);
    return this.#tokens.some((each) => timingSafeEqual(each, digest));
  }
}

export function secretText(): string {
  return randomBytes(32).toString("base64url");
}

function digestOf(text: string): Uint8Array {
  return sha256(utf8Bytes(text));
}
