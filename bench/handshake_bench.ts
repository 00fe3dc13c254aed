/**
 * What strangers' openings cost a node, step by step: the budgets of `lib/peers/peer_budgets.ts` stand on it.
 * Run with `deno bench -A bench/handshake_bench.ts`.
 *
 * A whole handshake is one opening that is answered and one proof that is taken; all else is refused before
 * anything is computed for it.
 *
 * @module
 */
import { concatBytes } from "../lib/bytes.ts";
import { type KeyPair, keyPairOfSeed, type PublicKey } from "../lib/crypto/keys.ts";
import { NoiseHandshake, XX_PSK0 } from "../lib/crypto/noise_handshake.ts";
import { numberedKeyPair } from "../lib/crypto/numbered_key_pair.ts";
import { x25519KeyPairOf } from "../lib/crypto/x25519.ts";
import { PROTOCOL_VERSION } from "../lib/params.ts";
import { HandshakeDesk } from "../lib/peers/handshake_desk.ts";
import { PeerBudgets } from "../lib/peers/peer_budgets.ts";
import {
  encodeOpening,
  encodePrologue,
  encodeRecord,
  type LinkIdentity,
  linkIdentityOf,
  OPENING_SIZE_BYTES,
  openingKeyOf,
  SESSION_SIZE_BYTES,
} from "../lib/wire/handshake.ts";
import { signRecord } from "../lib/wire/ring.ts";

const GROUP = { group: "handshake" };
const CALLERS = 512;
const ADDRESS = "192.0.2.7";

const host = identityOf(numberedKeyPair(1));
const member = identityOf(numberedKeyPair(2));
/** A second passes with each look at the clock, so that no budget is ever spent. */
let nowMs = 0;
const clock = () => nowMs += 1_000;

function identityOf(keyPair: KeyPair): LinkIdentity {
  return linkIdentityOf(keyPair, signRecord({ url: "http://a:1", sequence: 1 }, keyPair), "");
}

function deskOf(now: () => number): HandshakeDesk {
  const budgets = new PeerBudgets(
    (key: PublicKey) => key === member.keyPair.publicKey ? "member" : "stranger",
    now,
  );
  return new HandshakeDesk({ own: host, budgets, nowMs: () => 0, onRefused: () => {} });
}

let lastNumber = 0;

function openingOf(own: LinkIdentity) {
  const prologue = encodePrologue({
    protocolVersion: PROTOCOL_VERSION,
    sender: own.keyPair.publicKey,
    recipient: host.keyPair.publicKey,
    number: ++lastNumber,
  });
  const handshake = new NoiseHandshake({
    pattern: XX_PSK0,
    isInitiator: true,
    prologue,
    static: own.static,
    ephemeral: x25519KeyPairOf(crypto.getRandomValues(new Uint8Array(32))),
    preSharedKeys: [own.preSharedKey],
  });
  const first = handshake.writeMessage(new Uint8Array(0)) as Uint8Array;
  const key = openingKeyOf(own.static, host.keyPair.publicKey);
  return { own, handshake, bytes: encodeOpening(prologue, first, key) };
}

const strangers = Array.from(
  { length: CALLERS },
  () => identityOf(keyPairOfSeed(crypto.getRandomValues(new Uint8Array(32)))),
);
const openings = strangers.map((stranger) => openingOf(stranger).bytes);
const open = deskOf(clock);
let turn = 0;

Deno.bench("a stranger's opening is answered", GROUP, () => {
  const answer = open.answer(openings[turn++ % CALLERS] as Uint8Array, ADDRESS);
  if (!answer.ok) throw new Error(answer.error.code);
});

Deno.bench("a stranger's proof is taken", GROUP, (b) => {
  const { own, handshake, bytes } = openingOf(strangers[turn++ % CALLERS] as LinkIdentity);
  const answer = open.answer(bytes, ADDRESS);
  if (!answer.ok || handshake.readMessage(answer.value) === undefined) throw new Error("No answer");
  const proof = handshake.writeMessage(encodeRecord(own.record)) as Uint8Array;
  const request = concatBytes([answer.value.subarray(0, SESSION_SIZE_BYTES), proof]);
  b.start();
  const proven = open.claim(request);
  b.end();
  if (!proven.ok) throw new Error(proven.error.code);
});

Deno.bench("a member's opening is answered", GROUP, (b) => {
  const { bytes } = openingOf(member);
  b.start();
  const answer = open.answer(bytes, ADDRESS);
  b.end();
  if (!answer.ok) throw new Error(answer.error.code);
});

// Time stands still here: what may be spent at once is gone after the first few.
const spent = deskOf(() => 0);

Deno.bench("a stranger's opening beyond its budget is refused", GROUP, () => {
  spent.answer(openings[turn++ % CALLERS] as Uint8Array, ADDRESS);
});

const garbage = Array.from(
  { length: CALLERS },
  () => crypto.getRandomValues(new Uint8Array(OPENING_SIZE_BYTES)),
);

Deno.bench("garbage is refused", GROUP, () => {
  spent.answer(garbage[turn++ % CALLERS] as Uint8Array, ADDRESS);
});
