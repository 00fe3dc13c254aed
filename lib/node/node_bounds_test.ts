/** Bounds of a node that are in no other test's way: each is reached, and then one more comes. */
import assert from "node:assert/strict";
import type { Utxo } from "../consensus/utxo.ts";
import type { KeyPair } from "../crypto/keys.ts";
import { MEMPOOL_TRANSACTIONS_MAX } from "../mempool/mempool.ts";
import type { Amount } from "../primitives/amount.ts";
import { type Block } from "../primitives/block.ts";
import type { BlockHash, Height } from "../primitives/header.ts";
import { type Outpoint, outpointOf, type Txid } from "../primitives/outpoint.ts";
import type { Work } from "../primitives/target.ts";
import { NO_SIGNATURE, sealTransaction } from "../primitives/transaction.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";
import type { Message } from "../wire/message.ts";
import { recordRemoved } from "./doors.ts";
import { step } from "./node.ts";
import { type PaidKey, rememberPaid } from "./paid_keys.ts";
import { announceNews } from "./relay.ts";
import { beginTurn } from "./turn.ts";

/** Two nodes of a network that is up, which mine when they are told to. */
function readyPair(choice: ConstructorParameters<typeof TestWorld>[0] = {}) {
  const world = new TestWorld({ nodes: 2, capacity: 1, isAutomatic: false, ...choice });
  const [a, b] = [world.add(), world.add()];
  world.runUntil(() => {
    world.mine(a);
    return [a, b].every(({ state: { network, phase } }) =>
      phase === "ready" && network?.mempool.size === 0
    );
  });
  world.run(5_000);
  return { world, a, b };
}

/** What a node sends when it hears a message of a peer. */
function sentAfter(
  world: TestWorld,
  node: TestNode,
  { from, message }: { readonly from: TestNode; readonly message: Message },
): readonly Message[] {
  const input = { type: "message", from: from.keyPair.publicKey, message } as const;
  return step(node.state, input, world.nowMs)
    .flatMap((effect) => effect.type === "send" ? [effect.message] : []);
}

function txidOf(number: number): Txid {
  return number.toString(16).padStart(64, "0") as Txid;
}

/** A payment of which nothing is looked at but its names. */
function paymentOf({ publicKey: sender }: KeyPair, number: number) {
  const inputs = [outpointOf(txidOf(number), 0)];
  const outputs = [{ owner: sender, amount: 1 as Amount }];
  return sealTransaction({ sender, inputs, outputs }, NO_SIGNATURE);
}

/** A compact block of transactions that nobody has. */
function compactOf({ hash, header }: Block, txids: readonly Txid[]): Message {
  return { type: "compact-block", hash, header, txids, prefilled: [] };
}

Deno.test("R12 10,000 keys of payments are remembered, the oldest is forgotten first", () => {
  const paid = new Map<string, PaidKey>();
  const { publicKey: receiver } = new TestWorld({ nodes: 1 }).add().keyPair;
  for (let number = 0; number <= 10_000; number++) {
    rememberPaid(paid, { key: `${number}`, txid: txidOf(number), receiver, amount: 1 as Amount });
  }
  assert.equal(paid.size, 10_000);
  assert.deepEqual([0, 1, 10_000].map((number) => paid.has(`${number}`)), [false, true, true]);
});

Deno.test("R10 10,000 failed payments are remembered, the oldest is forgotten first", () => {
  const { world, a } = readyPair();
  const removed = Array.from({ length: 10_001 }, (_, number) => ({
    transaction: paymentOf(a.keyPair, number),
    arrivedAtMs: 0,
    reason: { code: "no-longer-valid", cause: "tx-input-missing" } as const,
  }));
  const turn = beginTurn(a.state, world.nowMs);
  recordRemoved(turn, networkOf(a), removed);
  const { failed } = networkOf(a);
  assert.equal(failed.size, 10_000);
  const has = [0, 1, 10_000].map((number) => failed.has(removed[number]!.transaction.txid));
  assert.deepEqual(has, [false, true, true]);
  // The log has one line of it, however many they are.
  const lines = turn.effects.filter(({ type }) => type === "log");
  assert.equal(lines.length, 1);
});

Deno.test("R10 a full pool and a reorganisation fail none of a node's own payments", () => {
  const { world, a, b } = readyPair({ emptyBlocks: true });
  const { chain, params, mempool, failed } = networkOf(a);
  const fork = chain.tip;
  const paid = world.pay(a, b.keyPair.publicKey, 30);
  assert(paid.ok);
  world.mine(a);
  world.run(5_000);
  const [own] = chain.block(chain.tip.hash)!.transactions;
  assert.equal(own?.sender, a.keyPair.publicKey);

  // The other one hands a coin on until the pool is full; known to be signed, for the sake of the test's time.
  const owner = b.keyPair.publicKey;
  let [[outpoint, { amount }]] = [...chain.utxos.coinsOf(owner)] as [[Outpoint, Utxo]];
  while (mempool.size < MEMPOOL_TRANSACTIONS_MAX) {
    const outputs = [{ owner, amount }];
    const transaction = sealTransaction(
      { sender: owner, inputs: [outpoint], outputs },
      NO_SIGNATURE,
    );
    chain.verifier.remember(transaction);
    const input = { type: "submit", requestId: 0, transaction } as const;
    step(a.state, input, world.nowMs);
    outpoint = outpointOf(transaction.txid, 0);
  }
  const first = mineBlock(fork, { params, firstNonce: 7 });
  submit(world, a, first);
  submit(world, a, mineBlock(first, { params, firstNonce: 7 }));
  assert.equal(chain.height, fork.header.height + 2);
  assert(mempool.has(own.txid), "the payment waits again");
  assert.deepEqual([...failed.keys()], []);
});

Deno.test("a peer is left alone for 64 times as long at most, whatever it goes on doing", () => {
  const { world, a, b } = readyPair();
  const { publicKey } = b.keyPair;
  const peer = a.state.peers.get(publicKey)!;
  const seconds: number[] = [];
  for (let count = 0; count < 9; count++) {
    world.run(peer.backedOffUntilMs - world.nowMs + 1);
    world.input(a, { type: "peer-misbehaved", from: publicKey, code: "message-malformed" });
    seconds.push((peer.backedOffUntilMs - world.nowMs) / 1_000);
  }
  assert.deepEqual(seconds, [30, 60, 120, 240, 480, 960, 1_920, 1_920, 1_920]);
});

Deno.test("X03 16 announced blocks wait for transactions, the oldest is forgotten", () => {
  const { world, a, b } = readyPair({ capacity: 5 });
  const { chain, params, partialBlocks } = networkOf(a);
  const blocks = Array.from(
    { length: 17 },
    (_, number) => mineBlock(chain.tip, { params, firstNonce: 1 + number }),
  );
  for (const [number, block] of blocks.entries()) {
    const sent = sentAfter(world, a, { from: b, message: compactOf(block, [txidOf(number)]) });
    assert.equal(sent[0]?.type, "get-block-transactions");
  }
  assert.equal(partialBlocks.size, 16);
  assert.deepEqual([...partialBlocks.keys()], blocks.slice(1).map(({ hash }) => hash));
});

Deno.test("a block brings 64 of its transactions along at most", () => {
  const { world, a } = readyPair({ capacity: 5 });
  const young = Array.from({ length: 70 }, (_, number) => paymentOf(a.keyPair, number));
  const turn = beginTurn(a.state, world.nowMs);
  turn.newTip = { from: undefined, young };
  announceNews(turn, networkOf(a));
  const sent = turn.effects.flatMap((effect) => effect.type === "send" ? [effect.message] : []);
  assert.equal(sent.length, 1);
  assert(sent[0]?.type === "compact-block");
  assert.deepEqual(sent[0].prefilled, young.slice(0, 64));
});

Deno.test("a rival block is built from what the newest eight own blocks confirmed, not from older ones", () => {
  const { world, a, b } = readyPair();
  const { chain, params } = networkOf(a);
  const fork = chain.tip;
  for (let count = 0; count < 9; count++) {
    assert(world.pay(a, b.keyPair.publicKey, 1).ok);
    world.run(200);
    assert(world.mine(a));
    world.run(20);
  }
  assert.equal(chain.height, fork.header.height + 9);
  const asks = [1, 2, 9].map((above) => {
    const { transactions } = chain.block(chain.atHeight(fork.header.height + above)!.hash)!;
    const block = mineBlock(fork, { params, transactions, firstNonce: above });
    const txids = transactions.map(({ txid }) => txid);
    const sent = sentAfter(world, a, { from: b, message: compactOf(block, txids) });
    return sent.some(({ type }) => type === "get-block-transactions");
  });
  assert.deepEqual(asks, [true, false, false]);
});

Deno.test("eight templates are remembered for late solutions, the newest ones", () => {
  const { world, a, b } = readyPair({ capacity: 20 });
  const { work, chain } = networkOf(a);
  const first = work.lastJobId;
  for (let count = 0; count < 12; count++) {
    assert(world.pay(a, b.keyPair.publicKey, 1).ok);
    world.run(200);
  }
  assert.equal(work.lastJobId, first + 12);
  assert.equal(work.recent.size, 8);
  // What is being mined now may yet be solved; at rest nothing is.
  world.input(a, { type: "rest" });
  assert.equal(work.recent.size, 8);
  assert.deepEqual(work.recent.jobIds()[0], first + 5);
  const { size } = chain;
  const solve = (jobId: number) => {
    const timestampMs = work.current!.template.header.timestampMs;
    world.input(a, { type: "mined", jobId, timestampMs, nonce: 1 });
    return chain.size - size;
  };
  assert.equal(solve(first + 4), 0);
  assert.equal(solve(first + 5), 1);
  // Once all is mined nothing is awaited any more.
  while (work.current !== undefined) {
    const { jobId, template } = work.current;
    const { timestampMs } = template.header;
    world.input(a, { type: "mined", jobId, timestampMs, nonce: 1 });
  }
  world.input(a, { type: "rest" });
  assert.equal(work.recent.size, 0);
});

Deno.test("F11 a side block is told of when it lies 128 blocks below the tip, and not when it lies deeper", () => {
  const { world, a } = readyPair({ forkChoice: "ghost", emptyBlocks: true });
  const { chain, params } = networkOf(a);
  for (let count = 0; count < 130; count++) {
    world.run(1);
    const block = mineBlock(chain.tip, { params, timestampMs: world.nowMs });
    assert(world.ask(a, (requestId) => ({ type: "submit-block", requestId, block })).ok);
  }
  const told = [129, 128].map((depth) => {
    const parent = chain.atHeight(chain.height - depth - 1)!;
    const sent = submit(world, a, mineBlock(parent, { params, firstNonce: 7 }));
    return sent.some(({ type }) => type === "compact-block");
  });
  assert.deepEqual(told, [false, true]);
});

/** Gives a node a block as its owner would; gives what it sends. */
function submit(world: TestWorld, { state }: TestNode, block: Block): readonly Message[] {
  const input = { type: "submit-block", requestId: 0, block } as const;
  return step(state, input, world.nowMs)
    .flatMap((effect) => effect.type === "send" ? [effect.message] : []);
}

Deno.test("a peer is asked for 32 blocks at a time", () => {
  const { world, a, b } = readyPair({ emptyBlocks: true });
  const { chain, params } = networkOf(a);
  const blocks: Block[] = [];
  for (let count = 0; count < 64; count++) {
    blocks.push(mineBlock(blocks.at(-1) ?? chain.tip, { params }));
  }
  const { status } = a.state.peers.get(b.keyPair.publicKey)!;
  const { hash: tipHash } = blocks.at(-1)!;
  const claim = {
    ...status!,
    tipHash,
    tipHeight: (chain.height + 64) as Height,
    tipWork: (status!.tipWork * 100n) as Work,
  };
  sentAfter(world, a, { from: b, message: claim });
  const headers = blocks.map(({ header }) => header);
  const sent = sentAfter(world, a, { from: b, message: { type: "headers", headers } });
  const asked = sent.flatMap((message): readonly BlockHash[] =>
    message.type === "get-blocks" ? message.hashes : []
  );
  assert.deepEqual(asked, blocks.slice(0, 32).map(({ hash }) => hash));
});

Deno.test("another pool is asked for with the second status in a row, one that moves with the eighth", () => {
  for (const [isMoving, wanted] of [[false, 2], [true, 8]] as const) {
    const { world, a, b } = readyPair();
    const { status } = a.state.peers.get(b.keyPair.publicKey)!;
    assert(status?.tipHash === networkOf(a).chain.tip.hash);
    let count = 0;
    for (let isAsked = false; !isAsked; count++) {
      assert(count < 20, "the pool is asked for");
      const poolDigest = BigInt(isMoving ? 1 + count : 1);
      const message: Message = { ...status, poolSize: 1, poolDigest };
      isAsked = sentAfter(world, a, { from: b, message }).some(({ type }) => type === "get-pool");
      world.run(1);
    }
    assert.equal(count, wanted, isMoving ? "moving" : "at rest");
  }
});
