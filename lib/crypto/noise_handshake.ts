/**
 * The Noise protocol's handshake (revision 34) with X25519, ChaCha20-Poly1305 and SHA-256.
 *
 * ```
 * XXpsk0:  initiator → responder   psk, e
 *          initiator ← responder   e, ee, s, es
 *          initiator → responder   s, se            then both split: one cipher for each direction
 * ```
 *
 * A pure state machine: bytes in, bytes out; keys are arguments, the ephemeral one must be new each time. A
 * message that cannot be read ends the handshake. Patterns without pre-messages only.
 *
 * Called by `lib/peers`; knows no node, no socket and no payload.
 *
 * @module
 */
import { concatBytes, utf8Bytes } from "../bytes.ts";
import { invariant } from "../result.ts";
import { HASH_SIZE_BYTES, sha256 } from "./hash.ts";
import { noiseHkdf } from "./hmac.ts";
import { CIPHER_TAG_SIZE_BYTES, NoiseCipher } from "./noise_cipher.ts";
import { agree, X25519_SIZE_BYTES, type X25519KeyPair } from "./x25519.ts";

/** The most bytes of one Noise message. */
export const NOISE_MESSAGE_SIZE_BYTES_MAX = 65_535;

export type NoiseToken = "e" | "s" | "ee" | "es" | "se" | "ss" | "psk";

export interface NoisePattern {
  readonly name: string;
  /** What each message carries, the initiator's first. */
  readonly messages: readonly (readonly NoiseToken[])[];
}

/** Both have a static key, neither knows the other's before, and who lacks the shared key gets nowhere. */
export const XX_PSK0: NoisePattern = {
  name: "XXpsk0",
  messages: [["psk", "e"], ["e", "ee", "s", "es"], ["s", "se"]],
};

export interface NoiseHandshakeOptions {
  readonly pattern: NoisePattern;
  readonly isInitiator: boolean;
  /** What both have to agree on already. */
  readonly prologue: Uint8Array;
  readonly static?: X25519KeyPair;
  readonly ephemeral: X25519KeyPair;
  /** Shared secrets of 32 bytes, one for each place where the pattern mixes one in. */
  readonly preSharedKeys?: readonly Uint8Array[];
}

/** The two ciphers of a link, as one of its ends sees them. */
export interface NoiseCiphers {
  readonly send: NoiseCipher;
  readonly receive: NoiseCipher;
}

export class NoiseHandshake {
  readonly #options: NoiseHandshakeOptions;
  readonly #hasPreSharedKey: boolean;
  #chainingKey: Uint8Array<ArrayBuffer>;
  #hash: Uint8Array<ArrayBuffer>;
  #cipher: NoiseCipher | undefined;
  #remoteEphemeral: Uint8Array | undefined;
  #remoteStatic: Uint8Array | undefined;
  #messageCount = 0;
  #preSharedKeyCount = 0;
  #isBroken = false;

  constructor(options: NoiseHandshakeOptions) {
    this.#options = options;
    const { pattern, prologue } = options;
    this.#hasPreSharedKey = pattern.messages.flat().includes("psk");
    const name = utf8Bytes(`Noise_${pattern.name}_25519_ChaChaPoly_SHA256`);
    if (name.length <= HASH_SIZE_BYTES) {
      this.#hash = new Uint8Array(HASH_SIZE_BYTES);
      this.#hash.set(name);
    } else {
      this.#hash = sha256(name);
    }
    this.#chainingKey = this.#hash;
    this.#mixHash(prologue);
  }

  /** Tells whether all messages have been written and read. */
  get isComplete(): boolean {
    return this.#messageCount === this.#options.pattern.messages.length;
  }

  /** Whom the other end has proved to be, once its message with `s` was read. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#remoteStatic;
  }

  /** Names this handshake alone, for both ends. */
  get hash(): Uint8Array<ArrayBuffer> {
    return this.#hash;
  }

  /** Makes the next message, which is this end's; `undefined`: the other's key is of low order, and it is over. */
  writeMessage(payload: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const tokens = this.#takeTurn(true);
    const { ephemeral } = this.#options;
    const parts: Uint8Array[] = [];
    for (const token of tokens) {
      if (token === "e") {
        parts.push(ephemeral.publicKey);
        this.#mixEphemeral(ephemeral.publicKey);
      } else if (token === "s") {
        parts.push(this.#encryptAndHash(this.#static().publicKey));
      } else if (!this.#mixToken(token)) {
        this.#isBroken = true;
        return undefined;
      }
    }
    parts.push(this.#encryptAndHash(payload));
    return concatBytes(parts);
  }

  /** Reads the other end's next message; `undefined`: it is not that, and the handshake is over. */
  readMessage(message: Uint8Array): Uint8Array | undefined {
    const tokens = this.#takeTurn(false);
    const payload = message.length > NOISE_MESSAGE_SIZE_BYTES_MAX
      ? undefined
      : this.#readParts(tokens, message);
    this.#isBroken = payload === undefined;
    return payload;
  }

  /** The ciphers of this end. */
  split(): NoiseCiphers {
    invariant(this.isComplete && !this.#isBroken, "A handshake is complete before it is split");
    const [first, second] = noiseHkdf(this.#chainingKey, new Uint8Array(0), 2)
      .map((key) => new NoiseCipher(key)) as [NoiseCipher, NoiseCipher];
    return this.#options.isInitiator
      ? { send: first, receive: second }
      : { send: second, receive: first };
  }

  #takeTurn(isWriting: boolean): readonly NoiseToken[] {
    const { pattern, isInitiator } = this.#options;
    const tokens = pattern.messages[this.#messageCount];
    const isInitiatorsTurn = this.#messageCount % 2 === 0;
    invariant(tokens !== undefined && !this.#isBroken, "The handshake goes on");
    invariant(isWriting === (isInitiatorsTurn === isInitiator), "It is that end's turn");
    this.#messageCount++;
    return tokens;
  }

  #readParts(tokens: readonly NoiseToken[], message: Uint8Array): Uint8Array | undefined {
    let offset = 0;
    for (const token of tokens) {
      if (token === "e" || token === "s") {
        const isEncrypted = token === "s" && this.#cipher !== undefined;
        const sizeBytes = X25519_SIZE_BYTES + (isEncrypted ? CIPHER_TAG_SIZE_BYTES : 0);
        const part = message.subarray(offset, offset + sizeBytes);
        offset += sizeBytes;
        if (part.length < sizeBytes) return undefined;
        if (token === "e") {
          this.#remoteEphemeral = part.slice();
          this.#mixEphemeral(this.#remoteEphemeral);
        } else {
          this.#remoteStatic = this.#decryptAndHash(part);
          if (this.#remoteStatic === undefined) return undefined;
        }
      } else if (!this.#mixToken(token)) {
        return undefined;
      }
    }
    return this.#decryptAndHash(message.subarray(offset));
  }

  /** False when the other end's key is of low order. */
  #mixToken(token: Exclude<NoiseToken, "e" | "s">): boolean {
    if (token === "psk") {
      const preSharedKey = this.#options.preSharedKeys?.[this.#preSharedKeyCount++];
      invariant(preSharedKey?.length === 32, "The pattern wants a shared key of 32 bytes");
      const [chainingKey, hashed, key] = noiseHkdf(this.#chainingKey, preSharedKey, 3);
      this.#chainingKey = chainingKey as Uint8Array<ArrayBuffer>;
      this.#mixHash(hashed as Uint8Array);
      this.#cipher = new NoiseCipher(key as Uint8Array);
      return true;
    }
    const isInitiator = this.#options.isInitiator;
    const ownIsStatic = token === "ss" || token === (isInitiator ? "se" : "es");
    const remoteIsStatic = token === "ss" || token === (isInitiator ? "es" : "se");
    const own = ownIsStatic ? this.#static() : this.#options.ephemeral;
    const remote = remoteIsStatic ? this.#remoteStatic : this.#remoteEphemeral;
    invariant(remote !== undefined, "The pattern brings keys before it uses them");
    const shared = agree(own, remote);
    if (shared !== undefined) this.#mixKey(shared);
    return shared !== undefined;
  }

  #static(): X25519KeyPair {
    const own = this.#options.static;
    invariant(own !== undefined, "The pattern wants a static key");
    return own;
  }

  #mixEphemeral(publicKey: Uint8Array): void {
    this.#mixHash(publicKey);
    // With a shared key there may be no agreement before the first cipher (section 9.2).
    if (this.#hasPreSharedKey) this.#mixKey(publicKey);
  }

  #mixKey(inputKey: Uint8Array): void {
    const [chainingKey, key] = noiseHkdf(this.#chainingKey, inputKey, 2);
    this.#chainingKey = chainingKey as Uint8Array<ArrayBuffer>;
    this.#cipher = new NoiseCipher(key as Uint8Array);
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = sha256(concatBytes([this.#hash, data]));
  }

  #encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#cipher?.encrypt(plaintext, this.#hash) ?? plaintext;
    this.#mixHash(sealed);
    return sealed;
  }

  #decryptAndHash(data: Uint8Array): Uint8Array | undefined {
    const opened = this.#cipher === undefined
      ? data.slice()
      : this.#cipher.decrypt(data, this.#hash);
    this.#mixHash(data);
    return opened;
  }
}
