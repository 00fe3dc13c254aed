import assert from "node:assert/strict";
import { concatBytes, formatHex } from "../bytes.ts";
import type { KeyPair, PublicKey } from "../crypto/keys.ts";
import { NoiseHandshake, XX_PSK0 } from "../crypto/noise_handshake.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { x25519KeyPairOf } from "../crypto/x25519.ts";
import {
  encodeOpening,
  encodePrologue,
  encodeRecord,
  type LinkIdentity,
  linkIdentityOf,
  openingKeyOf,
} from "../wire/handshake.ts";
import { signRecord } from "../wire/ring.ts";
import { HandshakeDesk } from "./handshake_desk.ts";
import { PeerBudgets, type PeerKind } from "./peer_budgets.ts";

const bob = identityOf(numberedKeyPair(2));
const member = identityOf(numberedKeyPair(1));
const stranger = identityOf(numberedKeyPair(3));

function identityOf(keyPair: KeyPair, joinToken = ""): LinkIdentity {
  const record = signRecord({ url: "http://127.0.0.1:5001", sequence: 7 }, keyPair);
  return linkIdentityOf(keyPair, record, joinToken);
}

function kindOf(publicKey: PublicKey): PeerKind {
  return publicKey === member.keyPair.publicKey ? "member" : "stranger";
}

function deskAt(clock: { nowMs: number }): HandshakeDesk {
  const nowMs = () => clock.nowMs;
  const budgets = new PeerBudgets(kindOf, nowMs);
  return new HandshakeDesk({ own: bob, budgets, nowMs, onRefused: () => {} });
}

let lastNumber = 0;

/** The caller's side, step by step. */
class Caller {
  readonly handshake: NoiseHandshake;
  readonly opening: Uint8Array;

  constructor(
    readonly own: LinkIdentity,
    change: { version?: number; recipient?: PublicKey | undefined; sender?: PublicKey } = {},
  ) {
    const recipient = "recipient" in change ? change.recipient : bob.keyPair.publicKey;
    const prologue = encodePrologue({
      protocolVersion: change.version ?? 2,
      sender: change.sender ?? own.keyPair.publicKey,
      recipient,
      number: ++lastNumber,
    });
    this.handshake = new NoiseHandshake({
      pattern: XX_PSK0,
      isInitiator: true,
      prologue,
      static: own.static,
      ephemeral: x25519KeyPairOf(crypto.getRandomValues(new Uint8Array(32))),
      preSharedKeys: [own.preSharedKey],
    });
    const first = this.handshake.writeMessage(new Uint8Array(0)) as Uint8Array;
    const key = recipient === undefined ? undefined : openingKeyOf(own.static, recipient);
    this.opening = encodeOpening(prologue, first, key);
  }

  /** The stream request that an answer leads to. */
  requestAfter(answer: Uint8Array, record = this.own.record): Uint8Array {
    assert.equal(
      formatHex(this.handshake.readMessage(answer) as Uint8Array),
      bob.keyPair.publicKey,
    );
    const proof = this.handshake.writeMessage(encodeRecord(record)) as Uint8Array;
    return concatBytes([answer.subarray(0, 32), proof]);
  }
}

function codeOf(result: { ok: true } | { ok: false; error: { code: string } }): string {
  return result.ok ? "ok" : result.error.code;
}

Deno.test("HandshakeDesk answers, and takes the proof of who called, once", () => {
  const desk = deskAt({ nowMs: 0 });
  const caller = new Caller(stranger);
  const answer = desk.answer(caller.opening, "10.0.0.1");
  assert(answer.ok);
  assert.equal(answer.value.length, 128);
  const request = caller.requestAfter(answer.value);
  const proven = desk.claim(request);
  assert(proven.ok);
  assert.deepEqual(proven.value.record, stranger.record);
  assert.equal(codeOf(desk.claim(request)), "session-unknown");

  const { send, receive } = caller.handshake.split();
  const text = new Uint8Array([1, 2, 3]);
  assert.deepEqual(proven.value.ciphers.receive.decrypt(send.encrypt(text)), text);
  assert.deepEqual(receive.decrypt(proven.value.ciphers.send.encrypt(text)), text);
});

Deno.test("HandshakeDesk refuses what is no opening, another version, another node and another token", () => {
  const desk = deskAt({ nowMs: 0 });
  const answer = (bytes: Uint8Array) => codeOf(desk.answer(bytes, "10.0.0.1"));
  assert.equal(answer(new Uint8Array(0)), "opening-malformed");
  assert.equal(answer(new Uint8Array(141)), "opening-malformed");
  const { opening } = new Caller(stranger, { version: 3 });
  assert.equal(answer(opening), "protocol-version-unsupported");
  const carol = numberedKeyPair(9).publicKey;
  assert.equal(answer(new Caller(stranger, { recipient: carol }).opening), "identity-mismatch");
  assert.equal(answer(new Caller(stranger, { recipient: undefined }).opening), "ok");
  const outsider = identityOf(numberedKeyPair(3), "another token");
  assert.equal(answer(new Caller(outsider).opening), "join-token-wrong");
});

Deno.test("HandshakeDesk believes no proof that is another's, spoilt or late", () => {
  const clock = { nowMs: 0 };
  const desk = deskAt(clock);
  const answerTo = (caller: Caller) => {
    const answer = desk.answer(caller.opening, "10.0.0.1");
    assert(answer.ok);
    return answer.value;
  };
  const posing = new Caller(stranger, { sender: member.keyPair.publicKey });
  const asMember = posing.requestAfter(answerTo(posing), member.record);
  assert.equal(codeOf(desk.claim(asMember)), "handshake-failed");

  const honest = new Caller(stranger);
  const spoilt = honest.requestAfter(answerTo(honest));
  spoilt[40] = (spoilt[40] as number) ^ 1;
  assert.equal(codeOf(desk.claim(spoilt)), "handshake-failed");

  const unsigned = new Caller(stranger);
  const record = { ...stranger.record, url: "http://127.0.0.1:1" };
  assert.equal(
    codeOf(desk.claim(unsigned.requestAfter(answerTo(unsigned), record))),
    "handshake-failed",
  );

  const late = new Caller(stranger);
  const request = late.requestAfter(answerTo(late));
  clock.nowMs = 10_001;
  assert.equal(codeOf(desk.claim(request)), "session-unknown");
  assert.equal(codeOf(desk.claim(new Uint8Array(0))), "session-unknown");
  assert.equal(codeOf(desk.claim(new Uint8Array(5000))), "session-unknown");
});

Deno.test("X02 a member is answered when strangers have spent all they have, and when they claim to be it", () => {
  const desk = deskAt({ nowMs: 0 });
  const refused = new Set<string>();
  for (let count = 0; count < 2_000; count++) {
    const address = `10.0.${count >> 8}.${count & 255}`;
    const sender = count % 2 === 0 ? member.keyPair.publicKey : stranger.keyPair.publicKey;
    const garbage = new Uint8Array(140).fill(count & 255);
    garbage.set(new Caller(stranger, { sender }).opening.subarray(0, count % 3 === 0 ? 76 : 140));
    refused.add(codeOf(desk.answer(garbage, address)));
  }
  assert(refused.has("peers-busy"));
  assert.equal(codeOf(desk.answer(new Caller(stranger).opening, "10.1.1.1")), "peers-busy");
  const caller = new Caller(member);
  const answer = desk.answer(caller.opening, "10.0.0.1");
  assert(answer.ok);
  assert(desk.claim(caller.requestAfter(answer.value)).ok);
});

Deno.test("X02 a member's opening that was overheard spends the budget of strangers", () => {
  const desk = deskAt({ nowMs: 0 });
  const { opening } = new Caller(member);
  assert.equal(codeOf(desk.answer(opening, "10.0.0.1")), "ok");
  const codes = Array.from({ length: 80 }, () => codeOf(desk.answer(opening, "10.0.0.1")));
  assert.deepEqual(codes.slice(64), Array.from({ length: 16 }, () => "peers-busy"));
  assert.equal(codeOf(desk.answer(new Caller(member).opening, "10.0.0.1")), "ok");
});

Deno.test("X03 128 handshakes of strangers wait at a time, the oldest is forgotten; members' stay", () => {
  const clock = { nowMs: 0 };
  const desk = deskAt(clock);
  const ofMember = new Caller(member);
  const answer = desk.answer(ofMember.opening, "10.0.0.1");
  assert(answer.ok);
  const first = new Caller(stranger);
  const firstAnswer = desk.answer(first.opening, "10.0.0.1");
  assert(firstAnswer.ok);
  let answered = 1;
  for (let count = 0; answered < 129 && count < 5_000; count++) {
    clock.nowMs += 15;
    if (desk.answer(new Caller(stranger).opening, `10.0.1.${count % 200}`).ok) answered++;
  }
  assert.equal(answered, 129);
  assert.equal(desk.waitingCount, 129);
  assert.equal(codeOf(desk.claim(first.requestAfter(firstAnswer.value))), "session-unknown");
  assert(desk.claim(ofMember.requestAfter(answer.value)).ok);
});

Deno.test("X03 4,096 handshakes of members wait at a time, and as many of their numbers are remembered", () => {
  const nowMs = () => 0;
  const budgets = new PeerBudgets(() => "member", nowMs);
  const desk = new HandshakeDesk({ own: bob, budgets, nowMs, onRefused: () => {} });
  const sent: { caller: Caller; answer: Uint8Array }[] = [];
  for (let count = 0; count < 4_097; count++) {
    const caller = new Caller(identityOf(numberedKeyPair(10 + count)));
    const answer = desk.answer(caller.opening, "10.0.0.1");
    assert(answer.ok);
    sent.push({ caller, answer: answer.value });
  }
  assert.equal(desk.waitingCount, 4_096);
  const [first, second] = sent.slice(0, 2).map(({ caller, answer }) =>
    codeOf(desk.claim(caller.requestAfter(answer)))
  );
  assert.deepEqual([first, second], ["session-unknown", "ok"]);

  // An opening that was heard before shows nothing, unless it was forgotten that it was.
  const heardAgain = (number: number) => {
    const before = desk.waitingCount;
    assert(desk.answer(sent[number]!.caller.opening, "10.0.0.1").ok);
    return desk.waitingCount - before;
  };
  assert.equal(desk.waitingCount, 4_095);
  assert.deepEqual([heardAgain(4_096), heardAgain(0), heardAgain(2)], [1, 1, 0]);
});
