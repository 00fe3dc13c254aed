/**
 * Where callers become known: answers openings, and checks the proof that opens a stream.
 *
 * ```
 * size → form → version → for whom → whose (tag) → that one's budget → shared key → agreement → answer
 * ```
 *
 * The cheapest check comes first. A member of the ring shows by a tag that it is one before anything is computed for
 * it, and has a budget of its own; all others share one. A handshake waits for its last message, for a while
 * and in bounds; its session opens one stream, once. Nobody is called back from here.
 *
 * @module
 */
import { formatHex } from "../bytes.ts";
import { type NoiseCiphers, NoiseHandshake, XX_PSK0 } from "../crypto/noise_handshake.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { x25519KeyPairOf } from "../crypto/x25519.ts";
import { PROTOCOL_VERSION } from "../params.ts";
import { err, ok, type Result } from "../result.ts";
import {
  decodeOpening,
  decodeRecord,
  encodeKey,
  isStaticKeyOf,
  isTaggedWith,
  type LinkIdentity,
  type Opening,
  type OpeningKey,
  openingKeyOf,
  SESSION_SIZE_BYTES,
  STREAM_REQUEST_SIZE_BYTES_MAX,
} from "../wire/handshake.ts";
import { type AddressRecord, verifyRecord } from "../wire/ring.ts";
import { HANDSHAKE_TEXTS, type HandshakeCode, type HandshakeError } from "./link_error.ts";
import { PEER_LIMITS, type PeerBudgets } from "./peer_budgets.ts";

export interface HandshakeDeskOptions {
  readonly own: LinkIdentity;
  readonly budgets: PeerBudgets;
  readonly nowMs: () => number;
  readonly onRefused: (code: HandshakeCode) => void;
}

/** Somebody who has proved who it is. */
export interface ProvenCaller {
  readonly record: AddressRecord;
  readonly ciphers: NoiseCiphers;
}

interface WaitingHandshake {
  readonly handshake: NoiseHandshake;
  readonly sender: PublicKey;
  readonly isStranger: boolean;
  readonly expiresAtMs: number;
}

const OPENING_KEYS_MAX = 4096;

export class HandshakeDesk {
  readonly #options: HandshakeDeskOptions;
  /** By session; the oldest first. */
  readonly #waiting = {
    known: new Map<string, WaitingHandshake>(),
    strangers: new Map<string, WaitingHandshake>(),
  };
  /** The tags' keys of peers, and the highest number that each has sent with a good tag. */
  readonly #openingKeys = new Map<PublicKey, { key: OpeningKey | undefined; number: number }>();

  constructor(options: HandshakeDeskOptions) {
    this.#options = options;
  }

  /** Handshakes that wait for their last message. */
  get waitingCount(): number {
    return this.#waiting.known.size + this.#waiting.strangers.size;
  }

  /** Answers an opening, or says why not. */
  answer(bytes: Uint8Array, address: string): Result<Uint8Array<ArrayBuffer>, HandshakeError> {
    const { own, budgets } = this.#options;
    const opening = decodeOpening(bytes);
    if (opening === undefined) return this.#refuse("opening-malformed");
    const { protocolVersion, sender, recipient } = opening;
    if (protocolVersion !== PROTOCOL_VERSION) return this.#refuse("protocol-version-unsupported");
    if (recipient !== undefined && recipient !== own.keyPair.publicKey) {
      return this.#refuse("identity-mismatch");
    }
    const kind = this.#kindShown(opening);
    if (kind !== "stranger") {
      if (!budgets.mayShakeHandsAs(kind, sender)) return this.#refuse("peers-busy");
      return this.#begin(opening, false);
    }
    if (!budgets.mayShakeHandsFrom(address)) return this.#refuse("peers-busy");
    return budgets.spendOnStranger(() => this.#begin(opening, true));
  }

  /** Takes a handshake's last message in: whoever sent it has proved who it is, once. */
  claim(request: Uint8Array): Result<ProvenCaller, HandshakeError> {
    if (request.length > STREAM_REQUEST_SIZE_BYTES_MAX) return this.#refuse("session-unknown");
    const session = formatHex(request.subarray(0, SESSION_SIZE_BYTES));
    const { known, strangers } = this.#waiting;
    const waiting = known.get(session) ?? strangers.get(session);
    known.delete(session);
    strangers.delete(session);
    if (waiting === undefined || waiting.expiresAtMs < this.#options.nowMs()) {
      return this.#refuse("session-unknown");
    }
    const message = request.subarray(SESSION_SIZE_BYTES);
    return waiting.isStranger
      ? this.#options.budgets.spendOnStranger(() => this.#finish(waiting, message))
      : this.#finish(waiting, message);
  }

  /** Who an opening shows to come from: a tag that was used before shows nothing. */
  #kindShown(opening: Opening): "member" | "observer" | "stranger" {
    const { own, budgets } = this.#options;
    const { sender, number } = opening;
    const kind = budgets.kindOf(sender);
    if (kind === "stranger") return kind;
    let known = this.#openingKeys.get(sender);
    if (known === undefined) {
      if (this.#openingKeys.size >= OPENING_KEYS_MAX) this.#openingKeys.clear();
      known = { key: openingKeyOf(own.static, sender), number: -1 };
      this.#openingKeys.set(sender, known);
    }
    if (known.key === undefined || number <= known.number || !isTaggedWith(opening, known.key)) {
      return "stranger";
    }
    known.number = number;
    return kind;
  }

  #begin(opening: Opening, isStranger: boolean): Result<Uint8Array<ArrayBuffer>, HandshakeError> {
    const { own, nowMs } = this.#options;
    const handshake = new NoiseHandshake({
      pattern: XX_PSK0,
      isInitiator: false,
      prologue: opening.prologue,
      static: own.static,
      ephemeral: x25519KeyPairOf(crypto.getRandomValues(new Uint8Array(32))),
      preSharedKeys: [own.preSharedKey],
    });
    if (handshake.readMessage(opening.noiseMessage) === undefined) {
      return this.#refuse("join-token-wrong");
    }
    const answer = handshake.writeMessage(encodeKey(own.keyPair.publicKey));
    if (answer === undefined) return this.#refuse("handshake-failed");

    const waiting = isStranger ? this.#waiting.strangers : this.#waiting.known;
    const countMax = isStranger
      ? PEER_LIMITS.waitingOfStrangersMax
      : PEER_LIMITS.waitingOfMembersMax;
    const atMs = nowMs();
    for (const [session, { expiresAtMs }] of waiting) {
      if (expiresAtMs >= atMs && waiting.size < countMax) break;
      waiting.delete(session);
    }
    waiting.set(formatHex(answer.subarray(0, SESSION_SIZE_BYTES)), {
      handshake,
      sender: opening.sender,
      isStranger,
      expiresAtMs: atMs + PEER_LIMITS.waitingMsMax,
    });
    return ok(answer);
  }

  #finish(
    { handshake, sender }: WaitingHandshake,
    message: Uint8Array,
  ): Result<ProvenCaller, HandshakeError> {
    const payload = handshake.readMessage(message);
    const staticKey = handshake.remoteStatic;
    const record = payload === undefined ? undefined : decodeRecord(payload);
    const isProven = record !== undefined && staticKey !== undefined &&
      record.publicKey === sender && isStaticKeyOf(staticKey, sender) && verifyRecord(record);
    if (!isProven) return this.#refuse("handshake-failed");
    return ok({ record, ciphers: handshake.split() });
  }

  #refuse(code: HandshakeCode): Result<never, HandshakeError> {
    this.#options.onRefused(code);
    return err({ code, text: HANDSHAKE_TEXTS[code] });
  }
}
