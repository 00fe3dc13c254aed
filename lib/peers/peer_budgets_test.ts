import assert from "node:assert/strict";
import type { PublicKey } from "../crypto/keys.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { addressGroupOf, PeerBudgets, type PeerKind } from "./peer_budgets.ts";

const member = numberedKeyPair(1).publicKey;
const observer = numberedKeyPair(2).publicKey;
const stranger = numberedKeyPair(3).publicKey;

function kindOf(publicKey: PublicKey): PeerKind {
  return publicKey === member ? "member" : publicKey === observer ? "observer" : "stranger";
}

function budgetsAt(clock: { nowMs: number }): PeerBudgets {
  return new PeerBudgets(kindOf, () => clock.nowMs);
}

function countWhile(may: () => boolean): number {
  let count = 0;
  while (count < 100_000 && may()) count++;
  return count;
}

Deno.test("X02 X03 strangers shake hands 64 times at once from one address and 128 times in all, members whatever they do", () => {
  const clock = { nowMs: 0 };
  const budgets = budgetsAt(clock);
  assert.equal(countWhile(() => budgets.mayShakeHandsFrom("10.0.0.1")), 64);
  assert.equal(countWhile(() => budgets.mayShakeHandsFrom("10.0.0.2")), 64);
  assert.equal(countWhile(() => budgets.mayShakeHandsFrom("10.0.0.3")), 0);
  assert.equal(countWhile(() => budgets.mayShakeHandsAs("member", member)), 30);
  assert.equal(countWhile(() => budgets.mayShakeHandsAs("observer", observer)), 10);

  clock.nowMs = 1000;
  assert.equal(countWhile(() => budgets.mayShakeHandsFrom("10.0.0.1")), 32);
  assert.equal(countWhile(() => budgets.mayShakeHandsFrom("10.0.0.2")), 32);
  assert.equal(countWhile(() => budgets.mayShakeHandsAs("member", member)), 10);
  assert.equal(countWhile(() => budgets.mayShakeHandsAs("observer", observer)), 2);
});

Deno.test("X03 strangers get 50 ms of processor time in a second, and 100 at once", () => {
  const clock = { nowMs: 0 };
  const budgets = budgetsAt(clock);
  // 100 + 35 x 0.25 - 36 x 5 = -71.25 ms are left, which takes 1,425 ms to earn.
  for (let count = 1; count <= 36; count++) {
    budgets.spendOnStranger(() => clock.nowMs = 5 * count);
  }
  assert.equal(budgets.mayShakeHandsFrom("10.0.0.1"), false);
  clock.nowMs = 1600;
  assert.equal(budgets.mayShakeHandsFrom("10.0.0.1"), false);
  clock.nowMs = 1620;
  assert.equal(budgets.mayShakeHandsFrom("10.0.0.1"), true);
  assert.equal(budgets.mayShakeHandsAs("member", member), true);
});

Deno.test("X03 once all members are known strangers get 25 ms in a second, and 10 at once", () => {
  const clock = { nowMs: 0 };
  const budgets = new PeerBudgets(kindOf, () => clock.nowMs, () => true);
  const may = () => budgets.mayShakeHandsFrom("10.0.0.1");
  const spend = (ms: number) => budgets.spendOnStranger(() => clock.nowMs += ms);
  spend(4);
  spend(4);
  assert.equal(may(), true);
  // 10 + 0.3 - 12 ms are left, which takes 68 ms to earn.
  spend(4);
  assert.equal(may(), false);
  clock.nowMs += 60;
  assert.equal(may(), false);
  clock.nowMs += 16;
  assert.equal(may(), true);
  assert.equal(budgets.mayShakeHandsAs("member", member), true);
});

Deno.test("X03 what a busy machine takes for a stranger counts 5 ms at most", () => {
  const clock = { nowMs: 0 };
  const budgets = budgetsAt(clock);
  for (let count = 1; count <= 19; count++) budgets.spendOnStranger(() => clock.nowMs += 1_000);
  assert.equal(budgets.mayShakeHandsFrom("10.0.0.1"), true);
});

Deno.test("X03 frames are refused by their size before they are kept, a stranger's at 256 KiB", () => {
  const budgets = budgetsAt({ nowMs: 0 });
  const sizeBytes = 300 * 1024;
  assert.equal(budgets.ofStream(stranger).admit(sizeBytes), "frame-oversized");
  for (const peer of [member, observer]) {
    assert.equal(typeof budgets.ofStream(peer).admit(sizeBytes), "function");
    assert.equal(budgets.ofStream(peer).admit(9 * 1024 * 1024), "frame-oversized");
  }
});

Deno.test("X03 1 MiB of all strangers' frames wait at a time; a member's have room of their own", () => {
  const clock = { nowMs: 0 };
  const budgets = budgetsAt(clock);
  const sizeBytes = 64 * 1024;
  const releases = Array.from({ length: 16 }, (_, index) => {
    const publicKey = numberedKeyPair(10 + index).publicKey;
    return budgets.ofStream(publicKey).admit(sizeBytes);
  });
  assert(releases.every((release) => typeof release === "function"));
  assert.equal(budgets.ofStream(stranger).admit(sizeBytes), "peer-floods");

  const stream = budgets.ofStream(member);
  const frameSizeBytes = 8 * 1024 * 1024;
  for (let count = 0; count < 4; count++) {
    assert.equal(typeof stream.admit(frameSizeBytes), "function");
  }
  assert.equal(stream.admit(frameSizeBytes), "peer-floods");
  assert.equal(typeof budgets.ofStream(member).admit(frameSizeBytes), "function");
  const ofObserver = budgets.ofStream(observer);
  assert.equal(typeof ofObserver.admit(frameSizeBytes), "function");
  assert.equal(ofObserver.admit(frameSizeBytes), "peer-floods");

  // What was sent has been spent, too: a few seconds later it may be sent again.
  clock.nowMs = 5_000;
  assert.equal(budgets.ofStream(stranger).admit(sizeBytes), "peer-floods");
  (releases[0] as () => void)();
  assert.equal(typeof budgets.ofStream(stranger).admit(sizeBytes), "function");
});

Deno.test("X03 strangers together send 1 MiB at once and 64 KiB a second; then only small frames are taken and none are let in", () => {
  const clock = { nowMs: 0 };
  const budgets = budgetsAt(clock);
  const sizeBytes = 64 * 1024;
  const send = (size: number) => {
    const admission = budgets.ofStream(numberedKeyPair(10).publicKey).admit(size);
    if (typeof admission === "string") return admission;
    admission();
    return "taken";
  };
  for (let count = 0; count < 16; count++) assert.equal(send(sizeBytes), "taken");
  assert.equal(send(sizeBytes), "peer-floods");
  assert.equal(send(2 * 1024), "taken");
  assert.equal(send(2 * 1024 + 1), "peer-floods");
  assert.equal(budgets.mayShakeHandsFrom("10.0.0.1"), false);
  assert.equal(budgets.mayShakeHandsAs("member", member), true);
  assert.equal(typeof budgets.ofStream(member).admit(sizeBytes), "function");

  // What was refused has been spent, too.
  clock.nowMs = 1_000;
  assert.equal(budgets.mayShakeHandsFrom("10.0.0.1"), false);
  clock.nowMs = 2_000;
  assert.equal(budgets.mayShakeHandsFrom("10.0.0.1"), true);
  assert.equal(send(sizeBytes), "taken");
});

Deno.test("X03 what has come of a frame that is not whole counts like one that waits, and is spent when it never is", () => {
  const clock = { nowMs: 0 };
  const budgets = budgetsAt(clock);
  const sizeBytes = 64 * 1024;
  const streams = Array.from(
    { length: 16 },
    (_, index) => budgets.ofStream(numberedKeyPair(10 + index).publicKey),
  );
  for (const stream of streams) {
    for (const size of [1, 1_000, sizeBytes]) assert.equal(stream.keep(size), undefined);
  }
  const late = budgets.ofStream(stranger);
  assert.equal(late.keep(1), "peer-floods");
  assert.equal(late.admit(1), "peer-floods");
  assert.equal(late.keep(300 * 1024), "frame-oversized");
  assert.equal(budgets.ofStream(member).keep(8 * 1024 * 1024), undefined);

  // Whole, it waits in the place that it had; taken, it leaves it.
  const release = streams[0]?.admit(sizeBytes);
  assert.equal(typeof release, "function");
  assert.equal(late.keep(1), "peer-floods");
  (release as () => void)();
  assert.equal(late.keep(1), undefined);

  // With what was taken above that is 1 MiB, but for what was refused.
  for (const stream of streams.slice(1, -1)) stream.abandon();
  assert.equal(late.keep(sizeBytes), undefined);
  late.abandon();
  assert.equal(late.keep(2 * 1024 + 1), "peer-floods");
  assert.equal(late.keep(2 * 1024), undefined);
  late.abandon();
});

Deno.test("X03 who is no member waits when it sends more messages than its share", () => {
  const budgets = budgetsAt({ nowMs: 0 });
  const pacesOf = (publicKey: PublicKey, count: number) => {
    const stream = budgets.ofStream(publicKey);
    return Array.from({ length: count }, () => stream.paceMs(1));
  };
  assert.deepEqual(new Set(pacesOf(member, 10_000)), new Set([0]));
  const ofObserver = pacesOf(observer, 6_000);
  assert.equal(ofObserver.findIndex((ms) => ms > 0), 4_000);
  assert.equal(ofObserver.at(-1), 1000);
  const ofStranger = pacesOf(stranger, 30);
  assert.equal(ofStranger.findIndex((ms) => ms > 0), 20);
  assert.equal(ofStranger.at(-1), 1000);
  // 30 were taken above: of the 400 that all strangers have at once, 370 are left.
  const ofMany = Array.from({ length: 20 }, () => pacesOf(stranger, 20)).flat();
  assert.equal(ofMany.findIndex((ms) => ms > 0), 370);
  assert.equal(budgetsAt({ nowMs: 0 }).ofStream(stranger).paceMs(1024), 100_400);
});

Deno.test("X01 64 addresses of joiners are called for one caller, 128 in all", () => {
  const budgets = budgetsAt({ nowMs: 0 });
  assert.equal(countWhile(() => budgets.mayCallFor("10.0.0.1")), 64);
  assert.equal(countWhile(() => budgets.mayCallFor("10.0.0.2")), 64);
  assert.equal(countWhile(() => budgets.mayCallFor("10.0.0.3")), 0);
});

Deno.test("addressGroupOf() takes the first 64 bits of an IPv6 address for one caller", () => {
  for (
    const [address, group] of [
      ["127.0.0.1", "127.0.0.1"],
      ["::ffff:10.0.0.1", "10.0.0.1"],
      ["2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"],
      ["2001:0DB8:0000:0007::9", "2001:db8:0:7::/64"],
      ["2001:db8::1", "2001:db8:0:0::/64"],
      ["::1", "0:0:0:0::/64"],
      ["fe80::", "fe80:0:0:0::/64"],
      ["", ""],
    ] as const
  ) assert.equal(addressGroupOf(address), group, address);
});

Deno.test("X03 addressesMax: 4,096 callers are remembered, and one more makes the oldest begin anew", () => {
  const addressOf = (index: number) => `10.${1 + (index >> 16)}.${index >> 8 & 255}.${index & 255}`;
  const leftAfter = (others: number) => {
    const clock = { nowMs: 0 };
    const budgets = budgetsAt(clock);
    assert.equal(countWhile(() => budgets.mayShakeHandsFrom("10.0.0.1")), 64);
    for (let index = 0; index < others; index++) budgets.mayShakeHandsFrom(addressOf(index));
    clock.nowMs = 1000;
    return countWhile(() => budgets.mayShakeHandsFrom("10.0.0.1"));
  };
  // Whoever is remembered has earned 32 in the second; strangers together have earned 64.
  assert.equal(leftAfter(4_095), 32);
  assert.equal(leftAfter(4_096), 64);

  const proofsAfter = (others: number) => {
    const clock = { nowMs: 0 };
    const budgets = budgetsAt(clock);
    assert.equal(countWhile(() => budgets.mayCallFor("10.0.0.1")), 64);
    for (let index = 0; index < others; index++) budgets.mayCallFor(addressOf(index));
    clock.nowMs = 4_000;
    return countWhile(() => budgets.mayCallFor("10.0.0.1"));
  };
  assert.equal(proofsAfter(4_095), 32);
  assert.equal(proofsAfter(4_096), 64);

  const handshakesAfter = (others: number) => {
    const budgets = new PeerBudgets(() => "member", () => 0);
    assert.equal(countWhile(() => budgets.mayShakeHandsAs("member", member)), 30);
    for (let index = 0; index < others; index++) {
      budgets.mayShakeHandsAs("member", index.toString(16).padStart(64, "0") as PublicKey);
    }
    return countWhile(() => budgets.mayShakeHandsAs("member", member));
  };
  assert.equal(handshakesAfter(4_095), 0);
  assert.equal(handshakesAfter(4_096), 30);
});

Deno.test("X01 addresses of joiners are called 8 times a second for one caller, 16 times in all", () => {
  const clock = { nowMs: 0 };
  const budgets = budgetsAt(clock);
  const callers = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
  for (const caller of callers) countWhile(() => budgets.mayCallFor(caller));
  clock.nowMs = 1_000;
  assert.deepEqual(callers.map((caller) => countWhile(() => budgets.mayCallFor(caller))), [
    8,
    8,
    0,
  ]);
});
