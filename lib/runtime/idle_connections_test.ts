import assert from "node:assert/strict";
import { FRESH_MAX, type IdleConnection, IdleConnections } from "./idle_connections.ts";

const LIMITS = { idleMax: 6, idlePerAddressMax: 4 };
let count = 0;
const from = (address: string, isProven = false): IdleConnection & { readonly name: number } => ({
  address,
  isProven,
  name: count++,
});

Deno.test("X07 IdleConnections lets the oldest of an address go that has too many, unproven ones first", () => {
  const idle = new IdleConnections<IdleConnection>(LIMITS, () => false);
  const proven = from("a", true);
  const unproven = [from("a"), from("a"), from("a")];
  for (const connection of [proven, ...unproven]) assert.equal(idle.add(connection), undefined);
  assert.equal(idle.add(from("b")), undefined);
  const latest = from("a");
  assert.equal(idle.add(latest), unproven[0]);
  assert.equal(idle.add(from("a")), unproven[1]);
  assert.equal(idle.add(from("a")), unproven[2]);
  assert.equal(idle.add(from("a", true)), latest);
});

Deno.test("X07 IdleConnections never lets the newest go: who holds proven ones keeps nobody out", () => {
  const idle = new IdleConnections<IdleConnection>(LIMITS, () => false);
  const held = Array.from({ length: 4 }, () => from("a", true));
  for (const connection of held) idle.add(connection);
  const newest = from("a");
  assert.equal(idle.add(newest), held[0]);
  idle.delete(newest);
  assert.equal(idle.add(from("a", true)), undefined);
});

Deno.test("X07 of too many in all one of the address with most goes, and a member's never does", () => {
  const idle = new IdleConnections<IdleConnection>(LIMITS, (address) => address === "member");
  const ofMember = [from("member"), from("member"), from("member"), from("member")];
  for (const connection of ofMember) idle.add(connection);
  const heavy = [from("a"), from("a"), from("a")];
  for (const connection of [...heavy, from("b"), from("b"), from("c")]) {
    assert.equal(idle.add(connection), undefined);
  }
  assert.equal(idle.add(from("d")), heavy[0]);
  assert.equal(idle.ofStrangers, LIMITS.idleMax);
  assert.equal(idle.add(from("member")), ofMember[0]);
});

Deno.test("X07 IdleConnections holds its bounds whatever comes and goes", () => {
  const idle = new IdleConnections<IdleConnection>(LIMITS, () => false);
  const held = new Set<IdleConnection>();
  for (let turn = 0; turn < 2_000; turn++) {
    const connection = from(`10.0.0.${(turn * 7919) % 13}`, turn % 3 === 0);
    held.add(connection);
    const victim = idle.add(connection);
    if (victim !== undefined) assert(held.delete(victim));
    if (turn % 5 === 0) {
      const [first] = held;
      held.delete(first!);
      idle.delete(first!);
    }
    assert.equal(idle.ofStrangers, held.size);
    assert(held.size <= LIMITS.idleMax);
  }
});

Deno.test("X07 of very many that have sent nothing whole the newest but 512 goes, and older ones stay", () => {
  assert.equal(FRESH_MAX, 512);
  const limits = { idleMax: 1_000, idlePerAddressMax: 600 };
  const idle = new IdleConnections<IdleConnection>(limits, () => false);
  const all = Array.from({ length: 600 }, () => from("a"));
  for (const connection of all) assert.equal(idle.add(connection), undefined);
  for (let index = 0; index < 200; index++) {
    all.push(from("a"));
    assert.equal(idle.add(all.at(-1)!), all[88 + index], "512 newer ones have come since");
  }
  // Those that have sent nothing for longest are still there; one that asks is not in their way.
  idle.delete(all.at(-1)!);
  assert.equal(idle.add(from("a", true)), undefined);
  assert.equal(idle.add(from("a", true)), all[0]);
});
