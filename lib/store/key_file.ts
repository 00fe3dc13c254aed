/**
 * A node's key as a file: plain, or sealed under a passphrase.
 *
 * | kind | text |
 * |---|---|
 * | plain | 64 hex characters: the Ed25519 seed |
 * | sealed | one JSON object: `kind` "noobcash-key", `version` 1, `publicKey`, scrypt's `n`, `r`, `p` and `salt`, AES-256-GCM's `nonce`, and `sealed`: the seed and its tag |
 *
 * The public key stands in clear and is authenticated with the seed. The work of scrypt is done before a
 * passphrase can turn out to be wrong, so a wrong one takes as long as a right one. Passphrases come as
 * bytes, and are wiped as soon as the key is made from them. Pure but for the salt and nonce, which come
 * as arguments.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, scryptSync } from "node:crypto";
import { formatHex, parseHex, utf8Bytes } from "../bytes.ts";
import {
  keyPairOfSeed,
  parsePublicKey,
  type PublicKey,
  SECRET_KEY_SIZE_BYTES,
} from "../crypto/keys.ts";
import { err, ok, type Result } from "../result.ts";

const KIND = "noobcash-key";
const VERSION = 1;
/** 64 MiB and about half a second: what OWASP asks for. */
const SCRYPT = { n: 65_536, r: 8, p: 2 } as const;
/** What a file may ask for at most: a foreign one must not take all of a machine. */
const SCRYPT_MEMORY_BYTES_MAX = 256 * 1024 * 1024;
const SCRYPT_P_MAX = 16;
const SALT_SIZE_BYTES = 32;
const NONCE_SIZE_BYTES = 12;
const TAG_SIZE_BYTES = 16;
export const KEY_TEXT_SIZE_MAX = 4096;

/** A key file, as far as it can be read without a passphrase. */
export type KeyFile =
  | { readonly kind: "plain"; readonly seed: Uint8Array }
  | { readonly kind: "sealed"; readonly publicKey: PublicKey; readonly sealed: SealedKey };

export interface SealedKey {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Why a sealed key does not open. */
export type KeyFileError = "passphrase-wrong";

/** Reads a key file; `undefined` when it is none. */
export function parseKeyFile(text: string): KeyFile | undefined {
  if (text.length > KEY_TEXT_SIZE_MAX) return undefined;
  const trimmed = text.trim();
  const seed = parseHex(trimmed, SECRET_KEY_SIZE_BYTES);
  if (seed !== undefined) return { kind: "plain", seed };
  const fields = fieldsOf(trimmed);
  if (fields === undefined || fields["kind"] !== KIND || fields["version"] !== VERSION) {
    return undefined;
  }
  const { n, r, p } = fields;
  const publicKey = parsePublicKey(String(fields["publicKey"]));
  const salt = parseHex(String(fields["salt"]), SALT_SIZE_BYTES);
  const nonce = parseHex(String(fields["nonce"]), NONCE_SIZE_BYTES);
  const bytes = parseHex(String(fields["sealed"]), SECRET_KEY_SIZE_BYTES + TAG_SIZE_BYTES);
  if (!publicKey || !salt || !nonce || !bytes || !isBearable(n, r, p)) return undefined;
  return {
    kind: "sealed",
    publicKey,
    sealed: { n: n as number, r: r as number, p: p as number, salt, nonce, bytes },
  };
}

export function plainKeyText(seed: Uint8Array): string {
  return `${formatHex(seed)}\n`;
}

/** Seals a seed. Wipes the passphrase. */
export function sealedKeyText(
  seed: Uint8Array,
  passphrase: Uint8Array,
  randomBytes: (size: number) => Uint8Array,
): string {
  const { publicKey } = keyPairOfSeed(seed);
  const [salt, nonce] = [randomBytes(SALT_SIZE_BYTES), randomBytes(NONCE_SIZE_BYTES)];
  const key = keyOf(passphrase, { ...SCRYPT, salt });
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(utf8Bytes(publicKey)));
  const bytes = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
  key.fill(0);
  return `${
    JSON.stringify({
      kind: KIND,
      version: VERSION,
      publicKey,
      ...SCRYPT,
      salt: formatHex(salt),
      nonce: formatHex(nonce),
      sealed: formatHex(bytes),
    })
  }\n`;
}

/** Opens a sealed key. Wipes the passphrase. */
export function openSealedKey(
  { publicKey, sealed }: Extract<KeyFile, { readonly kind: "sealed" }>,
  passphrase: Uint8Array,
): Result<Uint8Array, KeyFileError> {
  const key = keyOf(passphrase, sealed);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.nonce);
    decipher.setAAD(Buffer.from(utf8Bytes(publicKey)));
    decipher.setAuthTag(Buffer.from(sealed.bytes.subarray(SECRET_KEY_SIZE_BYTES)));
    const seed = Buffer.concat([
      decipher.update(sealed.bytes.subarray(0, SECRET_KEY_SIZE_BYTES)),
      decipher.final(),
    ]);
    return keyPairOfSeed(seed).publicKey === publicKey
      ? ok(new Uint8Array(seed))
      : err("passphrase-wrong");
  } catch {
    // The tag does not fit: that is what a wrong passphrase looks like.
    return err("passphrase-wrong");
  } finally {
    key.fill(0);
  }
}

function keyOf(
  passphrase: Uint8Array,
  { n, r, p, salt }: Pick<SealedKey, "n" | "r" | "p" | "salt">,
): Uint8Array {
  // A composed letter and its parts are one letter to whoever types it.
  const text = new TextDecoder().decode(passphrase).normalize("NFKC");
  passphrase.fill(0);
  return new Uint8Array(
    scryptSync(text, salt, 32, { N: n, r, p, maxmem: 2 * SCRYPT_MEMORY_BYTES_MAX }),
  );
}

function isBearable(n: unknown, r: unknown, p: unknown): boolean {
  const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
  return isWhole(n) && isWhole(r) && isWhole(p) && n >= 2 && (n & (n - 1)) === 0 && r >= 1 &&
    p >= 1 && p <= SCRYPT_P_MAX && 128 * n * r <= SCRYPT_MEMORY_BYTES_MAX;
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
