/**
 * The caller's side of a handshake: who is at a URL, proved, and what opens a stream there.
 *
 * @module
 */
import { type NoiseCiphers, NoiseHandshake, XX_PSK0 } from "../crypto/noise_handshake.ts";
import { formatHex } from "../bytes.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { x25519KeyPairOf } from "../crypto/x25519.ts";
import { PROTOCOL_VERSION } from "../params.ts";
import {
  ANSWER_SIZE_BYTES,
  encodeOpening,
  encodePrologue,
  encodeRecord,
  isStaticKeyOf,
  type LinkIdentity,
  openingKeyOf,
  P2P_PATH,
  SESSION_SIZE_BYTES,
} from "../wire/handshake.ts";
import { concatBytes } from "../bytes.ts";
import { fetchBytes } from "./fetch_bytes.ts";

export interface Caller {
  readonly own: LinkIdentity;
  readonly client: Deno.HttpClient;
  /** The number of the next opening, higher than the last. */
  readonly nextNumber: () => number;
}

export interface CallOptions {
  readonly url: string;
  /** Who is to be there; whoever is there when nobody is named. */
  readonly wanted: PublicKey | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Who is there. */
export interface ProvenHost {
  readonly publicKey: PublicKey;
  /** What the request for a stream carries. */
  readonly streamRequest: Uint8Array<ArrayBuffer>;
  readonly ciphers: NoiseCiphers;
}

const REFUSAL_SIZE_BYTES_MAX = 4096;
const REFUSAL_CODE_PATTERN = /^[a-z][a-z-]{0,63}$/;

/** Calls a URL; gives back who has proved to be there, or the reason why nobody did. */
export async function shakeHands(
  { own, client, nextNumber }: Caller,
  { url, wanted, timeoutMs, signal }: CallOptions,
): Promise<ProvenHost | { readonly code: string }> {
  const prologue = encodePrologue({
    protocolVersion: PROTOCOL_VERSION,
    sender: own.keyPair.publicKey,
    recipient: wanted,
    number: nextNumber(),
  });
  const handshake = new NoiseHandshake({
    pattern: XX_PSK0,
    isInitiator: true,
    prologue,
    static: own.static,
    ephemeral: x25519KeyPairOf(crypto.getRandomValues(new Uint8Array(32))),
    preSharedKeys: [own.preSharedKey],
  });
  const key = wanted === undefined ? undefined : openingKeyOf(own.static, wanted);
  const noiseMessage = handshake.writeMessage(new Uint8Array(0)) as Uint8Array;
  const outcome = await fetchBytes(`${url}${P2P_PATH}/handshake`, {
    client,
    body: encodeOpening(prologue, noiseMessage, key),
    timeoutMs,
    sizeBytesMax: REFUSAL_SIZE_BYTES_MAX,
    signal,
  });
  if (outcome.kind !== "answer") return { code: outcome.kind };
  if (outcome.status !== 200) return { code: refusalCodeOf(outcome.bytes) };

  const answer = outcome.bytes;
  const payload = answer.length === ANSWER_SIZE_BYTES ? handshake.readMessage(answer) : undefined;
  if (payload === undefined) return { code: "handshake-answer-malformed" };
  const publicKey = formatHex(payload) as PublicKey;
  if (!isStaticKeyOf(handshake.remoteStatic as Uint8Array, publicKey)) {
    return { code: "handshake-answer-malformed" };
  }
  if (wanted !== undefined && publicKey !== wanted) return { code: "identity-mismatch" };
  const proof = handshake.writeMessage(encodeRecord(own.record));
  if (proof === undefined) return { code: "handshake-answer-malformed" };
  const session = answer.subarray(0, SESSION_SIZE_BYTES);
  return { publicKey, streamRequest: concatBytes([session, proof]), ciphers: handshake.split() };
}

/** The code in a refusal's JSON, as far as it is one. */
function refusalCodeOf(bytes: Uint8Array): string {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const code = (body as { error?: { code?: unknown } } | null)?.error?.code;
    if (typeof code === "string" && REFUSAL_CODE_PATTERN.test(code)) return code;
  } catch {
    // Not JSON: no node of ours.
  }
  return "handshake-refused";
}
