import assert from "node:assert/strict";
import type { Amount } from "../primitives/amount.ts";
import { outpointOf, type Txid } from "../primitives/outpoint.ts";
import {
  decodeTransaction,
  encodeTransaction,
  NO_SIGNATURE,
  sealTransaction,
  type Transaction,
} from "../primitives/transaction.ts";
import { compactTargetOfDifficulty } from "../primitives/target.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { networkOf, type TestNode, TestWorld } from "../testing/test_world.ts";
import type { CompactBlockMessage } from "../wire/message.ts";
import type { NodeEffect } from "./effect.ts";
import { comesFirst, STAGED_TRANSACTIONS_MIN } from "./staged_block.ts";
import type { NodeInput } from "./input.ts";
import { step } from "./node.ts";

const STAGED = { stagedTransactionsMin: 1 };

/** Two nodes for whom every block comes in stages. A payment waits at both, and both mine it. */
function miningPair(choice: ConstructorParameters<typeof TestWorld>[0] = {}) {
  const world = new TestWorld({ nodes: 2, capacity: 1, isAutomatic: false, ...choice });
  const [a, b] = [world.add(STAGED), world.add(STAGED)];
  world.runUntil(() => {
    world.mine(a);
    return [a, b].every(({ state: { network, phase } }) =>
      phase === "ready" && network?.mempool.size === 0
    );
  });
  world.run(5_000);
  assert(world.pay(a, b.keyPair.publicKey, 5).ok);
  world.run(100);
  assert(a.job !== undefined && b.job !== undefined);
  return { world, a, b };
}

/** The announcement of a block that has been mined on a node's tip, with these transactions. */
function announcementOf(
  node: TestNode,
  transactions: readonly Transaction[],
  prefilled: readonly Transaction[] = [],
): CompactBlockMessage {
  const { chain, params } = networkOf(node);
  const { hash, header } = mineBlock(chain.tip, {
    params,
    miner: node.keyPair.publicKey,
    transactions,
  });
  const txids = transactions.map(({ txid }) => txid);
  return { type: "compact-block", hash, header, txids, prefilled };
}

function waitingAt(node: TestNode): Transaction[] {
  return [...networkOf(node).mempool.transactions()];
}

function heardFrom(node: TestNode, message: CompactBlockMessage): NodeInput {
  return { type: "message", from: node.keyPair.publicKey, message };
}

/** Gives a node an input and looks at it before anything else happens. */
function stepOf(world: TestWorld, { state }: TestNode, input: NodeInput): readonly NodeEffect[] {
  return step(state, input, world.nowMs);
}

function typesOf(effects: readonly NodeEffect[]): string[] {
  return effects.map((effect) => effect.type === "send" ? effect.message.type : effect.type);
}

Deno.test("a miner leaves the old tip as soon as a header with valid work stands on it", () => {
  const { world, a, b } = miningPair();
  const message = announcementOf(a, waitingAt(a));
  const { height } = networkOf(b).chain;
  const effects = typesOf(stepOf(world, b, heardFrom(a, message)));
  assert.deepEqual(effects.toSorted(), ["continue", "stop-mining"]);
  assert.equal(networkOf(b).work.current, undefined);
  assert.equal(networkOf(b).chain.height, height);

  const turns = [1, 2, 3, 4].map(() => {
    const types = typesOf(stepOf(world, b, { type: "continue" })).toSorted();
    assert.equal(networkOf(b).chain.height, height);
    return `${networkOf(b).staged?.stage}: ${types}`;
  });
  assert.deepEqual(turns, [
    "assembled: continue",
    "sound: continue",
    "stored: commit,continue",
    "checked: continue",
  ]);
  stepOf(world, b, { type: "continue" });
  assert.equal(networkOf(b).chain.tip.hash, message.hash);
  assert.equal(networkOf(b).staged, undefined);
});

Deno.test("what a block that was connected has left is done later, and the mining does not wait for it", () => {
  const { world, a, b } = miningPair();
  const message = announcementOf(a, waitingAt(a));
  assert(world.pay(b, a.keyPair.publicKey, 1).ok);
  stepOf(world, b, heardFrom(a, message));
  for (let turn = 0; turn < 4; turn++) stepOf(world, b, { type: "continue" });
  const connected = typesOf(stepOf(world, b, { type: "continue" }));
  assert.equal(networkOf(b).chain.tip.hash, message.hash);
  assert(connected.includes("continue") && connected.includes("mine"), connected.join());
  const { jobId } = networkOf(b).work.current!;
  while (typesOf(stepOf(world, b, { type: "continue" })).includes("continue"));
  assert.equal(networkOf(b).work.current?.jobId, jobId);
  assert.equal(networkOf(b).chain.utxos.supply, 200);
});

Deno.test("a header without the work stops nobody, and neither does one beside the tip", () => {
  const { world, a, b } = miningPair({ difficulty: 2 });
  const good = announcementOf(a, waitingAt(a));
  const header = { ...good.header, nonce: good.header.nonce ^ 1 };
  const bad = { ...good, header, hash: "f".repeat(64) as typeof good.hash };
  assert(!typesOf(stepOf(world, b, heardFrom(a, bad))).includes("stop-mining"));
  assert.notEqual(networkOf(b).work.current, undefined);

  const { params, chain } = networkOf(b);
  const { hash, header: beside } = mineBlock(chain.tip.parent!, {
    params,
    miner: a.keyPair.publicKey,
    transactions: waitingAt(a),
  });
  stepOf(world, b, heardFrom(a, { ...good, hash, header: beside }));
  assert.equal(networkOf(b).staged, undefined);
  assert.notEqual(networkOf(b).work.current, undefined);
});

Deno.test("a body that does not come stops the mining for one turn", () => {
  const { world, a, b } = miningPair();
  const message = announcementOf(a, [unknownOf(a)]);
  stepOf(world, b, heardFrom(a, message));
  assert.equal(networkOf(b).work.current, undefined);
  const effects = typesOf(stepOf(world, b, { type: "continue" }));
  assert.deepEqual(effects.toSorted(), ["get-block-transactions", "mine"]);
  assert.equal(networkOf(b).staged, undefined);
  assert.equal(networkOf(b).partialBlocks.size, 1);
});

Deno.test("a block that breaks a rule stops the mining until that is found, and costs its sender all", () => {
  const { world, a, b } = miningPair();
  const { publicKey } = a.keyPair;
  const bad = unknownOf(a);
  const { tip } = networkOf(b).chain;
  const message = announcementOf(a, [bad], [bad]);
  stepOf(world, b, heardFrom(a, message));
  for (let turn = 0; turn < 4; turn++) stepOf(world, b, { type: "continue" });
  assert.equal(networkOf(b).work.current, undefined);
  const effects = typesOf(stepOf(world, b, { type: "continue" }));
  assert(effects.includes("mine") && effects.includes("log"));
  assert.equal(networkOf(b).chain.tip, tip);
  assert.equal(
    networkOf(b).chain.invalidCodeOf(networkOf(b).chain.entry(message.hash)!),
    "block-bad-transaction",
  );
  assert((b.state.peers.get(publicKey)?.backedOffUntilMs ?? 0) > world.nowMs);
});

Deno.test("an own block is durable and told of before it is connected, once", () => {
  const { world, a, b } = miningPair();
  const { height } = networkOf(a).chain;
  const { jobId, template } = a.job!;
  const { timestampMs } = template.header;
  const mined = { type: "mined", jobId, timestampMs, nonce: 1 } as const;
  const first = stepOf(world, a, mined);
  assert.deepEqual(typesOf(first).toSorted(), ["commit", "compact-block", "continue"]);
  assert(first[0]?.type === "commit" && first[0].commit.stored.length === 1);
  assert.equal(networkOf(a).chain.height, height);
  const rest = [1, 2].flatMap(() => typesOf(stepOf(world, a, { type: "continue" })));
  assert(rest.includes("commit") && !rest.includes("compact-block"));
  assert.equal(networkOf(a).chain.height, height + 1);
  assert.equal(networkOf(b).chain.height, height);
});

Deno.test("a block that was told of and not connected is the tip after a crash", () => {
  const { world, a } = miningPair();
  const { height } = networkOf(a).chain;
  const { jobId, template } = a.job!;
  const { timestampMs } = template.header;
  world.input(a, { type: "mined", jobId, timestampMs, nonce: 1 });
  assert.equal(networkOf(a).chain.height, height);
  world.crash(a);
  world.restart(a);
  assert.equal(networkOf(a).chain.height, height + 1);
  assert.equal(networkOf(a).mempool.size, 0);
});

Deno.test("payments come between the stages of a block; whatever it concerns waits until it is done", () => {
  const { world, a, b } = miningPair();
  const { height } = networkOf(b).chain;
  world.input(b, heardFrom(a, announcementOf(a, waitingAt(a))));
  assert(world.pay(b, a.keyPair.publicKey, 1).ok);
  assert.equal(networkOf(b).chain.height, height);
  assert.equal(networkOf(b).staged?.stage, "announced");
  assert(world.control(b, { kind: "pause-mining" }).ok);
  assert.equal(networkOf(b).chain.height, height + 1);
  assert.equal(networkOf(b).mempool.size, 1);
  world.run(10);
  assert.equal(networkOf(b).staged, undefined);
});

Deno.test("what is due while a block is taken in is done when it is the tip, however late that is", () => {
  const { world, a, b } = miningPair();
  stepOf(world, b, heardFrom(a, announcementOf(a, waitingAt(a))));
  const { height } = networkOf(b).chain;
  const dueAtMs = b.state.wakeAtMs;
  const later = Math.max(world.nowMs, dueAtMs) + 10;
  assert.deepEqual(step(b.state, { type: "tick" }, later), []);
  assert.equal(networkOf(b).staged?.stage, "announced");
  assert.equal(b.state.wakeAtMs, dueAtMs);
  let types: string[] = [];
  while (networkOf(b).staged !== undefined) {
    assert.equal(networkOf(b).chain.height, height);
    types = typesOf(step(b.state, { type: "continue" }, later));
  }
  assert.equal(networkOf(b).chain.height, height + 1);
  assert(types.includes("status") && b.state.wakeAtMs > later, types.join());
});

Deno.test("a solution that comes while a block is taken in becomes a side block", () => {
  const { world, a, b } = miningPair();
  const { jobId, template } = b.job!;
  const message = announcementOf(a, waitingAt(a));
  stepOf(world, b, heardFrom(a, message));
  const { timestampMs } = template.header;
  stepOf(world, b, { type: "mined", jobId, timestampMs, nonce: 1 });
  assert.equal(networkOf(b).chain.rivals.length, 1);
  assert.equal(networkOf(b).chain.size, networkOf(b).chain.height + 2);
});

Deno.test(`a block of fewer than ${STAGED_TRANSACTIONS_MIN} transactions is taken in at once`, () => {
  const { world, a, b } = miningPair();
  world.crash(b);
  world.restart(b, { stagedTransactionsMin: 2 });
  world.run(5_000);
  const message = announcementOf(a, waitingAt(a));
  stepOf(world, b, heardFrom(a, message));
  assert.equal(networkOf(b).chain.tip.hash, message.hash);
});

Deno.test("of two copies of a transaction the block has the one that was verified here", () => {
  const { world, a, b } = miningPair();
  const [waiting] = waitingAt(b);
  const copy = decodeTransaction(encodeTransaction(waiting!))!;
  const message = announcementOf(a, [waiting!], [copy]);
  world.input(b, heardFrom(a, message));
  world.run(1);
  assert.equal(networkOf(b).chain.tip.hash, message.hash);
  assert.equal(networkOf(b).chain.block(message.hash)?.transactions[0], waiting);
});

Deno.test("a header stops the mining once, however often it is announced without its body", () => {
  const { world, a, b } = miningPair();
  const withheld = announcementOf(a, [unknownOf(a)]);
  // Two peers may tell of it: only the first is asked for what is missing.
  const c = world.add({
    ...STAGED,
    role: { kind: "observer", bootstrapUrl: a.url, expectations: {} },
  });
  world.run(5_000);
  stepOf(world, b, heardFrom(a, withheld));
  stepOf(world, b, { type: "continue" });
  const { jobId } = networkOf(b).work.current!;
  for (let count = 0; count < 3; count++) {
    const effects = typesOf(stepOf(world, b, heardFrom(c, withheld)));
    assert(!effects.includes("stop-mining") && !effects.includes("mine"), effects.join());
  }
  assert.equal(networkOf(b).work.current?.jobId, jobId);
});

Deno.test("a header stops the mining once, however often it is announced with another's body", () => {
  const { world, a, b } = miningPair();
  const message = announcementOf(a, [unknownOf(a)]);
  const spoiled = { ...message, txids: waitingAt(b).map(({ txid }) => txid) };
  stepOf(world, b, heardFrom(a, spoiled));
  while (networkOf(b).staged !== undefined) stepOf(world, b, { type: "continue" });
  const { jobId } = networkOf(b).work.current!;
  for (let count = 0; count < 3; count++) {
    const effects = typesOf(stepOf(world, b, heardFrom(a, spoiled)));
    assert(!effects.includes("stop-mining") && !effects.includes("mine"), effects.join());
  }
  assert.equal(networkOf(b).work.current?.jobId, jobId);
});

Deno.test("a large block with work on the tip comes before what waits, and nothing else of a peer does", () => {
  const { world, a, b } = miningPair({ difficulty: 2 });
  const isFirst = (input: NodeInput) => comesFirst(b.state, input);
  const message = announcementOf(a, waitingAt(a));
  assert(isFirst(heardFrom(a, message)));
  assert(isFirst({ type: "mined", jobId: 1, timestampMs: 1, nonce: 1 }));

  const header = { ...message.header, previousHash: networkOf(b).chain.tip.parent!.hash };
  assert(!isFirst(heardFrom(a, { ...message, header })), "Beside the tip");
  const hash = "f".repeat(64) as typeof message.hash;
  assert(!isFirst(heardFrom(a, { ...message, hash })), "Without the work");
  assert(!isFirst(heardFrom(a, { ...message, txids: [] })), "Taken in at once");
  const transactions = { type: "transactions", transactions: waitingAt(a) } as const;
  assert(!isFirst({ type: "message", from: a.keyPair.publicKey, message: transactions }));

  const withheld = announcementOf(a, [unknownOf(a)]);
  assert(isFirst(heardFrom(a, withheld)));
  stepOf(world, b, heardFrom(a, withheld));
  stepOf(world, b, { type: "continue" });
  assert(!isFirst(heardFrom(a, withheld)), "Its body was looked for already");

  stepOf(world, b, heardFrom(a, message));
  assert(!isFirst(heardFrom(a, message)), "Another one is being taken in");
  while (networkOf(b).staged !== undefined) stepOf(world, b, { type: "continue" });
  assert(!isFirst(heardFrom(a, message)), "Known");
});

Deno.test("a block that has less work than its parent demands does not come before what waits", () => {
  const { a, b } = miningPair({ difficulty: 2, difficultyAdjustment: "window" });
  const message = announcementOf(a, waitingAt(a));
  assert(comesFirst(b.state, heardFrom(a, message)));
  const header = { ...message.header, compactTarget: compactTargetOfDifficulty(0) };
  assert(!comesFirst(b.state, heardFrom(a, { ...message, header })));
});

/** A transaction that nobody has, and whose coin is nowhere. */
function unknownOf({ keyPair: { publicKey } }: TestNode): Transaction {
  const inputs = [outpointOf("ab".repeat(32) as Txid, 0)];
  const outputs = [{ owner: publicKey, amount: 1 as Amount }];
  return sealTransaction({ sender: publicKey, inputs, outputs }, NO_SIGNATURE);
}
