import assert from "node:assert/strict";
import type { RuntimeReply } from "../http/ports.ts";
import type { NodeInput } from "../node/input.ts";
import { createNode } from "../node/node.ts";
import { newPeer } from "../node/peer_table.ts";
import type { Commit } from "../node/persistence.ts";
import { DEFAULT_TIMING, type NodeState } from "../node/state.ts";
import { paymentAmountOf } from "../primitives/amount.ts";
import { mineBlock } from "../simulation/mine_block.ts";
import { MemoryStore } from "../store/memory_store.ts";
import { StoreFailure } from "../store/store_failure.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { testParams } from "../testing/test_params.ts";
import { signRecord } from "../wire/ring.ts";
import { BATCH_INPUTS_MAX, GIVE_WAY_MS_MAX, NodeLoop } from "./node_loop.ts";
import type { OutwardEffect } from "./outward_effect.ts";

/** The transactions that a block of this network has room for. */
const CAPACITY = 10;

/** A loop around a network of one node, with everything that happens written down in order. */
class LoopWorld {
  readonly journal: string[] = [];
  readonly store = new MemoryStore();
  readonly node: NodeState;
  readonly loop: NodeLoop;
  readonly failures: unknown[] = [];
  nowMs = testParams().genesisTimeMs + 1000;
  /** Throws when the store is asked this. */
  breaks: "begin" | "commit" | "end" | undefined;

  /**
   * @param choice.batchMsMax how long the steps of one disk transaction may take
   * @param choice.stagedTransactionsMin from how many transactions on a block is taken in by stages
   */
  constructor(
    { batchMsMax = Infinity, stagedTransactionsMin = 1 }: {
      readonly batchMsMax?: number;
      readonly stagedTransactionsMin?: number;
    } = {},
  ) {
    const keyPair = numberedKeyPair(0);
    this.node = createNode({
      keyPair,
      record: signRecord({ url: "http://127.0.0.1:1", sequence: 1 }, keyPair),
      role: {
        kind: "bootstrap",
        params: testParams({ nodes: 1, difficulty: 0, capacity: CAPACITY }),
      },
      isMining: true,
      isFullMesh: true,
      timing: DEFAULT_TIMING,
      stagedTransactionsMin,
    }, this.store);
    this.loop = new NodeLoop({
      node: this.node,
      store: {
        begin: () => this.#ask("begin", () => this.store.begin()),
        commit: (commit: Commit) => this.#ask("commit", () => this.store.commit(commit)),
        end: () => this.#ask("end", () => this.store.end()),
      },
      clock: { steadyMs: () => this.nowMs, wallMs: () => this.nowMs },
      batchMsMax,
      perform: (effect: OutwardEffect) => {
        this.journal.push(effect.type);
      },
      onFailed: (error) => {
        this.failures.push(error);
      },
    });
    this.loop.push({ type: "start" });
  }

  /** The node pays itself; the answer is written down, too. */
  async pay(amount: number): Promise<RuntimeReply> {
    const reply = await this.loop.request((requestId) => this.payment(requestId, amount));
    this.journal.push("reply");
    return reply;
  }

  /** Pays as often as a block has room, and gives the solution of that block. */
  async fillBlock(): Promise<NodeInput> {
    await Promise.all(Array.from({ length: CAPACITY }, () => this.pay(1)));
    const current = this.node.network?.work.current;
    assert(current !== undefined);
    const { jobId, template: { header: { timestampMs } } } = current;
    return { type: "mined", jobId, timestampMs, nonce: 1 };
  }

  get height(): number | undefined {
    return this.node.network?.chain.height;
  }

  payment(requestId: number, amount: number): NodeInput {
    const paid = paymentAmountOf(amount);
    assert(paid !== undefined);
    return { type: "pay", requestId, receiver: numberedKeyPair(0).publicKey, amount: paid };
  }

  #ask(name: "begin" | "commit" | "end", act: () => void): void {
    if (this.breaks === name) {
      throw new StoreFailure("store-disk-full", "Cannot write: got no room");
    }
    this.journal.push(name);
    act();
  }
}

Deno.test("NodeLoop has the disk before it answers and announces, and mines at once", async () => {
  const world = new LoopWorld();
  const replies = await Promise.all(Array.from({ length: CAPACITY }, () => world.pay(1)));
  assert(replies.every((reply) => reply.ok));
  const { journal } = world;
  const end = journal.indexOf("end");
  assert(end > 0);
  for (const word of ["reply", "event", "log"]) {
    const at = journal.indexOf(word);
    assert(at < 0 || at > end, `${word} before the disk: ${journal}`);
  }
  const mine = journal.indexOf("mine");
  assert(mine >= 0 && mine < end, `The miner waited for the disk: ${journal}`);
  world.loop.end({ code: "node-stopping" });
});

Deno.test("NodeLoop takes several inputs into one disk transaction", async () => {
  const world = new LoopWorld();
  const replies = await Promise.all(Array.from({ length: 20 }, () => world.pay(1)));
  assert(replies.every((reply) => reply.ok));
  assert.equal(world.journal.filter((word) => word === "begin").length, 1);
  assert.equal(world.journal.filter((word) => word === "end").length, 1);
  assert.equal(world.journal.filter((word) => word === "commit").length, 21);
  assert.equal(world.loop.stats().steps, 21);
  assert.equal(world.loop.stats().batches, 1);
  world.loop.end({ code: "node-stopping" });
});

Deno.test(`NodeLoop takes ${BATCH_INPUTS_MAX} inputs into one disk transaction at most, and what takes long into several`, async () => {
  const world = new LoopWorld();
  await world.pay(1);
  world.journal.length = 0;
  const count = BATCH_INPUTS_MAX + 4;
  await Promise.all(Array.from({ length: count }, () => world.pay(1)));
  assert.equal(world.journal.filter((word) => word === "begin").length, 2);
  world.loop.end({ code: "node-stopping" });

  const hurried = new LoopWorld({ batchMsMax: -1 });
  await hurried.pay(1);
  hurried.journal.length = 0;
  await Promise.all([1, 1, 1].map((amount) => hurried.pay(amount)));
  assert.equal(hurried.journal.filter((word) => word === "begin").length, 3);
  hurried.loop.end({ code: "node-stopping" });
});

Deno.test("NodeLoop says at once what the first stage of a block has to say, and takes payments between", async () => {
  const world = new LoopWorld();
  const solution = await world.fillBlock();
  world.journal.length = 0;
  world.loop.push(solution);
  const heights = await Promise.all([
    world.pay(1).then(() => world.height),
    world.loop.request((requestId) => ({
      type: "control",
      requestId,
      command: { kind: "pause-mining" },
    })).then(() => world.height),
    world.pay(1).then(() => world.height),
  ]);
  assert.deepEqual(heights, [0, 1, 1]);
  // The block, what may come between, the rest of the block, and what had to wait for it.
  assert.equal(world.journal.filter((word) => word === "begin").length, 4);
  assert.equal(world.loop.queueLength, 0);
  world.loop.end({ code: "node-stopping" });
});

Deno.test(`a stage of a block waits ${GIVE_WAY_MS_MAX} ms at most for payments, however many there are`, async () => {
  const world = new LoopWorld({ batchMsMax: -1 });
  world.loop.push(await world.fillBlock());
  const heights = await Promise.all(
    Array.from({ length: 2_000 }, () => world.pay(1).then(() => world.height)),
  );
  assert.equal(heights[0], 0);
  assert.equal(heights.at(-1), 1);
  world.loop.end({ code: "node-stopping" });
});

Deno.test("NodeLoop has an own block leave before it takes in what else waits", async () => {
  const world = new LoopWorld({ stagedTransactionsMin: 11 });
  const solution = await world.fillBlock();
  world.journal.length = 0;
  const payments = [world.pay(1)];
  world.loop.push(solution);
  payments.push(world.pay(1));
  await Promise.all(payments);
  const { journal } = world;
  const told = journal.indexOf("event");
  assert(told > journal.indexOf("end") && told < journal.lastIndexOf("begin"), `${journal}`);
  assert.equal(journal.filter((word) => word === "begin").length, 2);
  const first = journal.slice(0, journal.indexOf("end"));
  assert.equal(first.filter((word) => word === "commit").length, 1, `${journal}`);
  world.loop.end({ code: "node-stopping" });
});

Deno.test("NodeLoop takes two large blocks that came before what waits in the order in which they came", async () => {
  const world = new LoopWorld();
  await world.fillBlock();
  const { network, peers } = world.node;
  assert(network !== undefined);
  const { chain, mempool, params } = network;
  const transactions = [...mempool.transactions()];
  const rivals = [1, 2].map((number) => {
    const keyPair = numberedKeyPair(number);
    const record = signRecord({ url: `http://127.0.0.1:${number + 1}`, sequence: 1 }, keyPair);
    peers.set(keyPair.publicKey, newPeer(record, undefined, 0));
    const from = keyPair.publicKey;
    const { hash, header } = mineBlock(chain.tip, { params, miner: from, transactions });
    const txids = transactions.map(({ txid }) => txid);
    return {
      from,
      message: { type: "compact-block", hash, header, txids, prefilled: [] },
    } as const;
  });
  const paid = world.pay(1);
  for (const rival of rivals) world.loop.push({ type: "message", ...rival });
  await paid;
  const sequences = () =>
    rivals.map(({ message: { hash } }) => {
      const entry = chain.entry(hash);
      return entry && chain.sequenceOf(entry);
    });
  while (sequences().includes(undefined)) await new Promise((resolve) => setTimeout(resolve, 1));
  const [first, second] = sequences() as [number, number];
  assert(first < second, `${sequences()}`);
  world.loop.end({ code: "node-stopping" });
});

for (const place of ["begin", "commit", "end"] as const) {
  Deno.test(`R05 NodeLoop refuses and says nothing when the store fails in ${place}()`, async () => {
    const world = new LoopWorld();
    assert((await world.pay(1)).ok);
    world.journal.length = 0;
    world.breaks = place;
    const reply = await world.pay(1);
    assert.deepEqual(reply, {
      ok: false,
      error: { code: "store-failed", reason: "Cannot write: got no room" },
    });
    assert(!world.journal.includes("event"));
    assert.equal(world.failures.length, 1);
    assert(world.failures[0] instanceof StoreFailure);

    const later = await world.loop.request((requestId) => world.payment(requestId, 1));
    assert.equal(later.ok ? "" : later.error.code, "store-failed");
  });
}

Deno.test("NodeLoop ends when an invariant breaks, and everybody gets an answer", async () => {
  const world = new LoopWorld();
  const paying = world.pay(1);
  world.loop.push({ type: "start" });
  const reply = await paying;
  assert.equal(reply.ok ? "" : reply.error.code, "node-stopping");
  assert.equal((world.failures[0] as Error).name, "InvariantError");
  assert.equal(world.loop.queueLength, 0);
});

Deno.test("NodeLoop refuses requests when its queue is full, and has room again later", async () => {
  const world = new LoopWorld();
  const from = numberedKeyPair(9).publicKey;
  for (let count = 0; count < 2 * 4096; count++) {
    world.loop.push({ type: "message", from, message: { type: "get-pool" } });
  }
  const refused = await world.loop.request((requestId) => world.payment(requestId, 1));
  assert.equal(refused.ok ? "" : refused.error.code, "node-busy");

  await world.loop.room();
  assert(world.loop.queueLength < 4096);
  assert((await world.pay(1)).ok);
  world.loop.end({ code: "node-stopping" });
});

Deno.test("NodeLoop wakes the node when it wants to be woken", async () => {
  const world = new LoopWorld();
  assert((await world.pay(1)).ok);
  assert(!world.journal.includes("mine"));
  const { wakeAtMs } = world.node;
  assert(wakeAtMs > world.nowMs && wakeAtMs <= world.nowMs + 1000);

  const woken = Promise.withResolvers<void>();
  const watch = setInterval(() => {
    if (world.journal.includes("mine")) woken.resolve();
  }, 5);
  world.nowMs = wakeAtMs;
  await woken.promise;
  clearInterval(watch);
  world.loop.end({ code: "node-stopping" });
});

Deno.test("NodeLoop takes nothing more after its end", async () => {
  const world = new LoopWorld();
  world.loop.end({ code: "node-stopping" });
  world.loop.push({ type: "tick" });
  await world.loop.room();
  assert.equal(world.loop.queueLength, 0);
  const reply = await world.loop.request((requestId) => world.payment(requestId, 1));
  assert.equal(reply.ok ? "" : reply.error.code, "node-stopping");
});

Deno.test("NodeLoop gathers relayed transactions into one batch; a request takes them along at once", async () => {
  const world = new LoopWorld();
  assert((await world.pay(1)).ok);
  const from = numberedKeyPair(1).publicKey;
  const relayed: NodeInput = {
    type: "message",
    from,
    message: { type: "transactions", transactions: [] },
  };
  const { batches, steps } = world.loop.stats();
  // Each comes in a turn of the event loop of its own.
  for (let count = 0; count < 3; count++) {
    world.loop.push(relayed);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert((await world.pay(1)).ok);
  assert.equal(world.loop.stats().steps - steps, 4);
  assert(world.loop.stats().batches - batches <= 2, "One batch, or one more on a slow machine");

  // Without a request they go by themselves.
  world.loop.push(relayed);
  while (world.loop.stats().steps - steps < 5) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  world.loop.end({ code: "node-stopping" });
});
