import { HexMap } from "../hex_map.ts";
import assert from "node:assert/strict";
import { rememberConfirmed } from "./ignored.ts";
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { type KeyPair, keyPairOfSeed } from "../crypto/keys.ts";
import { createParams, DEFAULT_PARAMS, PROTOCOL_VERSION } from "../params.ts";
import { coinTiersOf, networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";
import type { NodeEffect } from "./effect.ts";
import { step } from "./node.ts";
import { sizeOfBlockBytes } from "../primitives/block.ts";
import type { Txid } from "../primitives/outpoint.ts";
import type { Work } from "../primitives/target.ts";
import type { Message } from "../wire/message.ts";
import type { Amount } from "../primitives/amount.ts";
import { NO_SIGNATURE, sealTransaction } from "../primitives/transaction.ts";
import { createPayment } from "../wallet/payment.ts";
import { type AddressRecord, signRecord } from "../wire/ring.ts";

Deno.test("a stranger cannot make a node give up that waits for its place", () => {
  const refusal = { type: "refusal", code: "ring-full", text: "Go away" } as const;
  const world = new TestWorld({ nodes: 3 });
  const bootstrap = world.add();
  world.crash(bootstrap);
  const node = world.add();
  world.run(100);
  say(world, node, refusal);
  assert.equal(node.gaveUp, undefined);

  world.restart(bootstrap);
  world.runUntil(() => node.state.network !== undefined);
  for (const victim of world.nodes) {
    say(world, victim, refusal);
    assert.equal(victim.gaveUp, undefined);
  }
});

Deno.test("a stranger cannot welcome a node into a network of its own", () => {
  const world = new TestWorld({ nodes: 2 });
  const bootstrap = world.add();
  world.crash(bootstrap);
  const node = world.add();
  world.run(100);
  const params = createParams({
    ...DEFAULT_PARAMS,
    nodes: 2,
    capacity: 1,
    difficulty: 0,
    coinsPerNode: 1,
    reward: 0,
    fee: 0,
    blockWaitMs: 0,
    strict: false,
    emptyBlocks: false,
    genesisTimeMs: world.nowMs,
    bootstrapKey: STRANGER.publicKey,
  });
  assert(params.ok);
  const records = [signRecord({ url: "http://127.0.0.1:6666", sequence: 1 }, STRANGER)];
  // It says that it is where the bootstrap node should be; nobody has found it there.
  const { publicKey } = STRANGER;
  world.input(node, { type: "peer-connected", publicKey, url: bootstrap.url, isCalled: false });
  say(world, node, { type: "welcome", params: params.value, id: 1, joinedCount: 2, records });
  assert.equal(node.state.network, undefined);

  world.restart(bootstrap);
  world.runUntil(() => node.state.phase === "ready");
  assert.equal(networkOf(node).params.genesis.hash, world.params.genesis.hash);
});

Deno.test("a ring that everybody has is not worth a word", () => {
  const world = new TestWorld({ nodes: 3 });
  world.addAll();
  const [, node] = world.nodes as [TestNode, TestNode];
  const { ring, records } = networkOf(node).membership;
  assert(ring !== undefined);
  world.run(10_000);
  const effects = effectsOf(world, node, { type: "ring", ring, records });
  assert.deepEqual(effects, []);
});

Deno.test("a place is asked for with a record that its owner has signed, or not at all", () => {
  const world = new TestWorld({ nodes: 3 });
  const bootstrap = world.add();
  const record = signRecord({ url: "http://127.0.0.1:6666", sequence: 1 }, STRANGER);
  const join = {
    type: "join",
    protocolVersion: 99,
    record: { ...record, url: "http://10.0.0.1:80" },
    observer: true,
    expectations: {},
  } as const;
  assert.deepEqual(effectsOf(world, bootstrap, join), []);
  const [refusal] = effectsOf(world, bootstrap, { ...join, record });
  assert(refusal !== undefined);
});

Deno.test("strangers and records that are not signed push no observer out", () => {
  const world = new TestWorld({ nodes: 1 });
  const node = world.add();
  world.runUntil(() => node.state.phase === "ready");
  const strangers = Array.from({ length: 65 }, (_, index) => strangerOf(index));
  const [last] = strangers.splice(64) as [KeyPair];
  for (const [index, keyPair] of strangers.entries()) {
    const record = signRecord({ url: `http://127.0.0.1:${7000 + index}`, sequence: 1 }, keyPair);
    say(world, node, joinOf(record), keyPair);
  }
  assert.equal(node.state.peers.size, 64);
  world.run(100);

  const record = signRecord({ url: "http://127.0.0.1:8000", sequence: 1 }, last);
  const forged = { ...record, url: "http://127.0.0.1:8001" };
  say(world, node, joinOf(forged), last);
  say(world, node, { type: "records", records: [forged] }, strangers[0]);
  assert.equal(node.state.peers.size, 64);
  for (const { publicKey } of strangers) assert(node.state.peers.has(publicKey));
  say(world, node, joinOf(record), last);
  assert(node.state.peers.has(last.publicKey));
});

Deno.test("nobody becomes a peer but through the bootstrap node", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [bootstrap, node] = world.nodes as [TestNode, TestNode];
  const record = signRecord({ url: "http://127.0.0.1:6666", sequence: 1 }, STRANGER);
  for (const each of [bootstrap, node]) {
    say(world, each, { type: "records", records: [record] });
    assert(!each.state.peers.has(STRANGER.publicKey));
  }
  say(world, bootstrap, joinOf(record));
  world.run(100);
  for (const each of [bootstrap, node]) assert(each.state.peers.has(STRANGER.publicKey));
});

Deno.test("strangers together are heard 1,000 times a second", () => {
  const world = new TestWorld({ nodes: 1 });
  const node = world.add();
  const record = signRecord({ url: "http://127.0.0.1:6666", sequence: 1 }, STRANGER);
  const records = { type: "records", records: [] } as const;
  for (let count = 0; count < 1_000; count++) say(world, node, records, strangerOf(count % 5));
  say(world, node, joinOf(record));
  assert.equal(node.state.peers.size, 0);
  world.run(1_000);
  say(world, node, joinOf(record));
  assert.equal(node.state.peers.size, 1);
});

Deno.test("X01 strangers' records count one by one, so their signatures take a bounded time", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [bootstrap, node] = world.nodes as [TestNode, TestNode];
  const record = signRecord({ url: "http://127.0.0.1:6666", sequence: 1 }, STRANGER);
  const { publicKey } = node.keyPair;
  const forged = Array.from({ length: 1_001 }, (_, index) => ({
    ...record,
    publicKey,
    sequence: 1_000_000 + index,
  }));
  world.run(1_000);
  say(world, bootstrap, { type: "records", records: forged }, strangerOf(1));
  say(world, bootstrap, joinOf(record));
  assert(!bootstrap.state.peers.has(STRANGER.publicKey), "A thousand records are a second's worth");
  world.run(1_000);
  say(world, bootstrap, joinOf(record));
  assert(bootstrap.state.peers.has(STRANGER.publicKey));
});

Deno.test("X01 of one node's records in a message the first alone is looked at", () => {
  const world = new TestWorld({ nodes: 3 });
  world.addAll();
  const [teller, hearer, moved] = world.nodes as [TestNode, TestNode, TestNode];
  const peer = hearer.state.peers.get(moved.keyPair.publicKey);
  assert(peer !== undefined);
  const { sequence } = peer.record;
  const url = "http://127.0.0.1:6667";
  const good = signRecord({ url, sequence: sequence + 5 }, moved.keyPair);
  const forged = { ...good, sequence: sequence + 9 };
  say(world, hearer, { type: "records", records: [forged, good] }, teller.keyPair);
  assert.equal(peer.record.sequence, sequence);
  say(world, hearer, { type: "records", records: [good, forged] }, teller.keyPair);
  assert.equal(peer.record.url, url);
});

Deno.test("an announcement whose transactions never come holds nobody else's up", () => {
  const world = new TestWorld({ nodes: 3, capacity: 5, isAutomatic: false });
  for (let name = 0; name < 3; name++) world.add();
  world.runUntil(() => {
    world.mine(world.nodes[0] as TestNode);
    return world.nodes.every(({ state }) => state.phase === "ready");
  });
  const [a, b, c] = world.nodes as [TestNode, TestNode, TestNode];
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.run(500);
  world.partition([a], [c]);
  assert(world.mine(a));
  world.run(20);
  const { hash, header } = networkOf(b).chain.tip;
  const txids = ["ab".repeat(32) as Txid];
  say(world, c, { type: "compact-block", hash, header, txids, prefilled: [] }, b.keyPair);
  world.partition([a], [c], false);
  const honest = networkOf(a).chain.block(hash);
  assert(honest !== undefined && networkOf(c).chain.tip.hash !== hash);
  const named = honest.transactions.map(({ txid }) => txid);
  say(world, c, { type: "compact-block", hash, header, txids: named, prefilled: [] }, a.keyPair);
  assert.equal(networkOf(c).chain.tip.hash, hash);
  assert.equal(networkOf(c).partialBlocks.size, 0);
});

Deno.test("a status that says of a known block what is not true is a lie", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  const status = a.state.peers.get(b.keyPair.publicKey)?.status;
  assert(status !== undefined);
  say(world, a, { ...status, tipWork: (status.tipWork + 1n) as Work }, b.keyPair);
  const event = a.events.at(-1);
  assert(event?.type === "peer" && event.change === "backed-off");
  assert.equal(event.detail, "peer-lies-about-work");
});

Deno.test("a peer that has behaved for as long as it was left alone begins anew", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  const { publicKey } = b.keyPair;
  const backOffMs = () => {
    world.input(a, { type: "peer-misbehaved", from: publicKey, code: "message-malformed" });
    return (a.state.peers.get(publicKey)?.backedOffUntilMs ?? 0) - world.nowMs;
  };
  assert.equal(backOffMs(), 30_000);
  world.run(31_000);
  assert.equal(backOffMs(), 60_000);
  world.run(61_000);
  assert.equal(backOffMs(), 120_000);
  world.run(120_000 + 121_000);
  assert.equal(backOffMs(), 30_000);
});

Deno.test("a message is read up to its first forgery", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  const { params } = networkOf(a);
  const tiers = coinTiersOf(networkOf(a), a.keyPair.publicKey);
  const receiver = b.keyPair.publicKey;
  const forged = [1, 2, 3].map((amount) => {
    const payment = { receiver, amount: amount as Amount };
    const signed = createPayment(payment, tiers, { keyPair: a.keyPair, params });
    assert(signed.ok);
    return sealTransaction(signed.value, NO_SIGNATURE);
  });
  const count = a.events.length;
  say(world, a, { type: "transactions", transactions: forged }, b.keyPair);
  assert.equal(a.events.length, count + 1);
  assert.equal(a.state.peers.get(receiver)?.backedOffUntilMs, world.nowMs + 30_000);
});

const STRANGER = keyPairOfSeed(sha256(utf8Bytes("a stranger")));

/** Lets a node hear a message from somebody who is no peer of it. */
function say(world: TestWorld, node: TestNode, message: Message, from: KeyPair = STRANGER): void {
  world.input(node, { type: "message", from: from.publicKey, message });
}

/** What a node does about a message of a stranger. */
function effectsOf(world: TestWorld, node: TestNode, message: Message): readonly NodeEffect[] {
  const input = { type: "message", from: STRANGER.publicKey, message } as const;
  return step(node.state, input, world.nowMs).filter(({ type }) => type !== "log");
}

function strangerOf(number: number): KeyPair {
  return keyPairOfSeed(sha256(utf8Bytes(`stranger ${number}`)));
}

function joinOf(record: AddressRecord): Message {
  return {
    type: "join",
    protocolVersion: PROTOCOL_VERSION,
    record,
    observer: true,
    expectations: {},
  };
}

Deno.test("a peer that asks for everything again and again gets 32 MiB a second and no more", () => {
  const world = new TestWorld({ nodes: 2, capacity: 100 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  for (let count = 0; count < 90; count++) assert(world.pay(a, b.keyPair.publicKey, 1).ok);
  world.runUntil(() => networkOf(a).mempool.size === 0);
  const from = b.keyPair.publicKey;
  const hash = networkOf(a).chain.tip.hash;
  const message = { type: "get-blocks", hashes: Array(64).fill(hash) } as const;
  const ask = () => {
    const effects = step(a.state, { type: "message", from, message }, world.nowMs);
    return effects.filter((effect) => effect.type === "send" && effect.message.type === "blocks");
  };
  let answers = 0;
  while (ask().length > 0) answers++;
  const blockBytes = sizeOfBlockBytes(networkOf(a).chain.block(hash)!.transactions);
  assert.equal(answers, Math.ceil(32 * 1024 * 1024 / (64 * blockBytes)));

  world.run(1000);
  assert.equal(ask().length, 1);
});

Deno.test("X06 known compact blocks count: 20,000 in a second are passed over, one more costs all points", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.runUntil(() => networkOf(a).mempool.size === 0 && networkOf(b).mempool.size === 0);
  const { hash, header } = networkOf(a).chain.tip;
  const { transactions } = networkOf(a).chain.block(hash)!;
  const txids = transactions.map(({ txid }) => txid);
  const message = { type: "compact-block", hash, header, txids, prefilled: [] } as const;
  world.run(2_000);
  const before = a.state.ignored["known-block"];
  const peer = a.state.peers.get(b.keyPair.publicKey)!;
  for (let count = 0; peer.backedOffUntilMs === 0 && count < 30_000; count++) {
    say(world, a, message, b.keyPair);
  }
  const passedOver = a.state.ignored["known-block"] - before;
  assert(passedOver > 19_900 && passedOver <= 20_000, `${passedOver} passed over`);
  assert.equal(peer.backedOffUntilMs, world.nowMs + 30_000);
});

Deno.test("X06 a confirmed transaction that comes late is known, and pushes no orphan out", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.runUntil(() => networkOf(a).mempool.size === 0 && networkOf(b).mempool.size === 0);
  const { chain, orphanTransactions, confirmedLately } = networkOf(a);
  const { transactions } = chain.block(chain.tip.hash)!;
  assert(transactions.length > 0 && transactions.every(({ txid }) => confirmedLately.has(txid)));
  say(world, a, { type: "transactions", transactions }, b.keyPair);
  say(world, a, { type: "transactions", transactions }, b.keyPair);
  assert.equal(orphanTransactions.size, 0);
  assert.equal(a.state.ignored["confirmed-transaction"], 2 * transactions.length);
});

Deno.test("X06 confirmed transactions are remembered up to 20,000, the last ones", () => {
  const lately = new HexMap<Txid, true>();
  const txidOf = (number: number) => number.toString(16).padStart(64, "0") as Txid;
  rememberConfirmed(lately, Array.from({ length: 20_001 }, (_, number) => txidOf(number)));
  assert.equal(lately.size, 20_000);
  assert(!lately.has(txidOf(0)) && lately.has(txidOf(1)) && lately.has(txidOf(20_000)));
});

Deno.test("X06 answers to no question are passed over and counted, whatever they hold", () => {
  const world = new TestWorld({ nodes: 2 });
  world.addAll();
  const [a, b] = world.nodes as [TestNode, TestNode];
  const { chain } = networkOf(a);
  const block = chain.block(chain.tip.hash)!;
  const unasked: readonly Message[] = [
    { type: "headers", headers: [block.header] },
    { type: "blocks", blocks: [block, block] },
    { type: "not-found", hashes: [block.hash] },
    { type: "block-transactions", hash: block.hash, transactions: [] },
    { type: "pool", txids: ["ab".repeat(32) as Txid] },
  ];
  const before = { ...a.state.ignored };
  for (const message of unasked) {
    const input = { type: "message", from: b.keyPair.publicKey, message } as const;
    const sent = step(a.state, input, world.nowMs).filter(({ type }) => type === "send");
    assert.deepEqual(sent, [], message.type);
  }
  const { ignored, peers } = a.state;
  const grown = Object.entries(ignored).map(([kind, count]) => [
    kind,
    count - before[kind as keyof typeof before],
  ]).filter(([, count]) => count !== 0);
  assert.deepEqual(Object.fromEntries(grown), {
    "headers": 1,
    "blocks": 2,
    "not-found": 1,
    "block-transactions": 1,
    "pool": 1,
  });
  assert.equal(peers.get(b.keyPair.publicKey)?.score, 0);
});
