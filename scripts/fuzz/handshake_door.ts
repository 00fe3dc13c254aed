/**
 * Whole handshakes between two nodes, and the first frame of their link, of which one part is spoilt: nobody is
 * proven by them, and nothing else is read than what was sent. The core alone, without a socket.
 *
 * @module
 */
import { concatBytes, equalBytes } from "../../lib/bytes.ts";
import { openFrame, sealFrame } from "../../lib/crypto/noise_frame.ts";
import { NoiseHandshake, XX_PSK0 } from "../../lib/crypto/noise_handshake.ts";
import { numberedKeyPair } from "../../lib/crypto/numbered_key_pair.ts";
import { x25519KeyPairOf } from "../../lib/crypto/x25519.ts";
import { HandshakeDesk } from "../../lib/peers/handshake_desk.ts";
import { PeerBudgets } from "../../lib/peers/peer_budgets.ts";
import { PROTOCOL_VERSION } from "../../lib/params.ts";
import type { RandomStream } from "../../lib/random/random_stream.ts";
import { invariant } from "../../lib/result.ts";
import {
  encodeOpening,
  encodePrologue,
  encodeRecord,
  linkIdentityOf,
  openingKeyOf,
  SESSION_SIZE_BYTES,
} from "../../lib/wire/handshake.ts";
import { signRecord } from "../../lib/wire/ring.ts";
import type { Door } from "./doors.ts";
import { mutate } from "./mutate.ts";

const PARTS = ["opening", "answer", "record", "proof", "frame", "none"] as const;
const FRAME = Uint8Array.from({ length: 100 }, (_, index) => index);

/** Which part is spoilt, and how, is decided by the input's random stream: parts are recorded as they come. */
export function spoiltHandshakeDoor(): Door {
  const [host, caller] = [1, 2].map((index) => {
    const keyPair = numberedKeyPair(index);
    const url = `http://127.0.0.1:${5000 + index}`;
    return linkIdentityOf(keyPair, signRecord({ url, sequence: 7 }, keyPair), "token");
  }) as [ReturnType<typeof linkIdentityOf>, ReturnType<typeof linkIdentityOf>];
  const key = openingKeyOf(caller.static, host.keyPair.publicKey);
  let nowMs = 0;
  const desk = new HandshakeDesk({
    own: host,
    budgets: new PeerBudgets(
      (publicKey) => publicKey === caller.keyPair.publicKey ? "member" : "stranger",
      () => nowMs,
    ),
    nowMs: () => nowMs,
    onRefused: () => {},
  });
  return {
    name: "spoilt handshakes",
    corpus: PARTS.map((part) => new TextEncoder().encode(part)),
    turn: 50,
    take(_input, random) {
      // Slower than any budget bites.
      nowMs += 1_000;
      const spoilt = random.pick(PARTS);
      const prologue = encodePrologue({
        protocolVersion: PROTOCOL_VERSION,
        sender: caller.keyPair.publicKey,
        recipient: host.keyPair.publicKey,
        number: nowMs,
      });
      const handshake = new NoiseHandshake({
        pattern: XX_PSK0,
        isInitiator: true,
        prologue,
        static: caller.static,
        ephemeral: x25519KeyPairOf(
          Uint8Array.from({ length: 32 }, () => random.integer(0, 255)),
        ),
        preSharedKeys: [caller.preSharedKey],
      });
      const noiseMessage = handshake.writeMessage(new Uint8Array(0)) as Uint8Array;
      const opening = encodeOpening(prologue, noiseMessage, key);
      const sent = spoilt === "opening" ? spoil(opening, random) : opening;
      const answer = desk.answer(sent, "192.0.2.1");
      if (!answer.ok) return invariant(sent !== opening, `Refused: ${answer.error.code}`);

      const received = spoilt === "answer" ? spoil(answer.value, random) : answer.value;
      const payload = handshake.readMessage(received);
      if (payload === undefined) {
        return invariant(!equalBytes(received, answer.value) || sent !== opening, "It is refused");
      }
      invariant(equalBytes(received, answer.value), "A spoilt answer is not taken");
      const record = encodeRecord(caller.record);
      const shown = spoilt === "record" ? spoil(record, random) : record;
      const proof = handshake.writeMessage(shown);
      invariant(proof !== undefined, "Whoever has read the answer proves itself");
      const request = concatBytes([answer.value.subarray(0, SESSION_SIZE_BYTES), proof]);
      const last = spoilt === "proof" ? spoil(request, random) : request;
      const claim = desk.claim(last);
      // The tag says whose budget is spent, and is no part of the proof.
      const isWhole = equalBytes(last, request) && shown === record;
      invariant(claim.ok === isWhole, `Only a whole handshake proves: ${spoilt} ${claim.ok}`);
      if (!claim.ok) return;
      invariant(claim.value.record.publicKey === caller.keyPair.publicKey, "It is the caller");
      const frame = sealFrame(handshake.split().send, FRAME);
      const arrived = spoilt === "frame" ? spoil(frame, random) : frame;
      const read = openFrame(claim.value.ciphers.receive, arrived);
      invariant((read !== undefined) === (arrived === frame), "Only a whole frame is read");
      invariant(read === undefined || equalBytes(read, FRAME), "A frame is read as it was sent");
    },
  };
}

/** A part with something changed. */
function spoil(bytes: Uint8Array, random: RandomStream): Uint8Array<ArrayBuffer> {
  for (;;) {
    const spoilt = mutate([bytes], random);
    if (!equalBytes(spoilt, bytes)) return spoilt;
  }
}
