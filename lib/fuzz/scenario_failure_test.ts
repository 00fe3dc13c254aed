import assert from "node:assert/strict";
import { Liar } from "./liar.ts";
import { randomStream } from "../random/random_stream.ts";
import { Scenario } from "../testing/scenario.ts";

Deno.test("B07 clocks two seconds apart never fork the honest nodes for good", () => {
  const nodes = [-2000, 2000, 0, -1500].map((clockOffsetMs) => ({ clockOffsetMs }));
  const scenario = new Scenario({ params: { nodes: 4, capacity: 1 }, nodes, intervalMs: 150 });
  scenario.untilReady();
  for (let round = 0; round < 40; round++) {
    scenario.pay(round % 4, (round + 1) % 4, 1);
    scenario.pass(60);
  }
  scenario.untilAtRest();
});

Deno.test("B07 blocks of the far future and from before the median are refused", () => {
  for (const forgery of ["too-new", "too-old"] as const) {
    const scenario = new Scenario({ params: { nodes: 2, emptyBlocks: true }, liars: [1] });
    scenario.untilReady();
    const liar = new Liar(randomStream(1, forgery), 0);
    const [to, node] = [scenario.node(0), scenario.node(1)];
    scenario.until(
      "one tip",
      () => new Set(scenario.tips()).size === 1 && scenario.network(0).chain.height > 0,
    );
    for (const index of [0, 1]) scenario.control(index, { kind: "pause-mining" });
    const { size } = scenario.network(0).chain;
    liar.attack(scenario.world, { node, to, forgery });
    assert.equal(liar.blockCount, 1);
    scenario.pass(200);
    assert.equal(scenario.network(0).chain.size, size);
  }
});

Deno.test("B08 a block that comes twice, and an own block that comes back, change nothing", () => {
  const scenario = new Scenario({ params: { nodes: 2, emptyBlocks: true }, intervalMs: 3000 });
  scenario.untilReady();
  const height = scenario.network(0).chain.height;
  scenario.until("two more blocks", () => scenario.network(0).chain.height >= height + 2);
  const { chain } = scenario.network(0);
  let ownCount = 0;
  for (let at = 1; at <= chain.height; at++) {
    const entry = chain.atHeight(at);
    const block = entry && chain.block(entry.hash);
    assert(block !== undefined);
    const { hash, header, transactions } = block;
    if (header.miner === scenario.key(0).publicKey) ownCount++;
    const { size } = chain;
    const tip = chain.tip.hash;
    const txids = transactions.map(({ txid }) => txid);
    for (let time = 0; time < 2; time++) {
      const before = scenario.effects.length;
      scenario.world.give(scenario.node(0), {
        type: "message",
        from: scenario.key(1).publicKey,
        message: { type: "compact-block", hash, header, txids, prefilled: [] },
      });
      assert.equal(scenario.effects.length, before);
    }
    assert.deepEqual([chain.size, chain.tip.hash], [size, tip]);
  }
  assert(ownCount > 0, "some of them are own blocks");
});

Deno.test("F06 a peer that claims work and stalls: another is asked, in bounded time", () => {
  const scenario = new Scenario({
    params: { nodes: 4, emptyBlocks: true },
    intervalMs: 1000,
    liars: [3],
  });
  scenario.untilReady();
  // Node 0 is cut off from the honest ones while they mine; the staller hears nothing it is asked.
  scenario.split([0]);
  scenario.world.links.setCut(0, 3, true);
  scenario.pass(20_000);
  const behind = scenario.network(0).chain.height;
  const ahead = scenario.network(1).chain.height;
  assert(ahead > behind + 5);
  scenario.heal();
  scenario.world.links.setCut(0, 3, true);
  const tookMs = scenario.until("caught up", () => scenario.network(0).chain.height >= ahead);
  assert(tookMs < 15_000, `${tookMs} ms`);
});

Deno.test("F10 whatever peers send, mining goes on and nothing is left half done", () => {
  const scenario = new Scenario({ params: { nodes: 3, emptyBlocks: true }, liars: [2] });
  scenario.untilReady();
  const liar = new Liar(randomStream(3, "liar"));
  scenario.node(2).adversary = liar;
  const attacks = [
    "wrong-root",
    "mints",
    "on-bad-parent",
    "transaction-twice",
    "wrong-height",
  ] as const;
  for (const forgery of attacks) {
    liar.attack(scenario.world, { node: scenario.node(2), to: scenario.node(0), forgery });
    scenario.pass(100);
    assert(scenario.node(0).job !== undefined, `mining stopped after ${forgery}`);
    assert(scenario.pay(0, 1, 1)?.ok);
    scenario.checker.auditRestart(scenario.node(0));
  }
});

Deno.test("R01 power off at any event: a valid chain, the same id, no own payment lost", () => {
  // The checkers compare every restart with what was durable, and every payment with its answer.
  for (let seed = 1; seed <= 25; seed++) {
    const scenario = new Scenario({ seed, params: { nodes: 3 }, intervalMs: 200 });
    const node = scenario.node(1);
    const kinds = ["before-durable", "after-durable"] as const;
    for (let round = 0; round < 10; round++) {
      for (const index of [0, 1, 2]) scenario.pay(index, (index + 1) % 3, 1);
      scenario.pass(37 * seed % 400);
      const kind = kinds[round % 2] as typeof kinds[number];
      scenario.world.crash(
        node,
        kind === "before-durable" ? { kind } : { kind, effectsDone: round % 4 },
      );
      scenario.pass(150);
      node.crashAt = undefined;
      scenario.world.start(node);
    }
    scenario.untilReady();
    scenario.untilAtRest();
    assert.equal(scenario.balances().reduce((sum, balance) => sum + balance, 0), 300);
  }
});

Deno.test("R02 one peer that is dead or hangs costs the others nothing", () => {
  for (const how of ["dead", "hanging"] as const) {
    const scenario = new Scenario({ params: { nodes: 4 }, intervalMs: 300 });
    scenario.untilReady();
    if (how === "dead") scenario.world.crash(scenario.node(3));
    else scenario.split([0, 1, 2]);
    const others = [0, 1, 2];
    for (let round = 0; round < 20; round++) {
      const reply = scenario.pay(round % 3, (round + 1) % 3, 1);
      assert(reply?.ok, "a payment is answered at once");
      scenario.pass(100);
    }
    const tookMs = scenario.until(
      "the others at rest",
      () =>
        others.every((index) => scenario.network(index).mempool.size === 0) &&
        new Set(others.map((index) => scenario.network(index).chain.tip.hash)).size === 1,
    );
    assert(tookMs < 10_000, `${how}: ${tookMs} ms`);

    // A minute of it, and it comes back as if nothing had been.
    scenario.pass(60_000);
    assert(scenario.pay(0, 1, 1)?.ok);
    if (how === "dead") scenario.world.start(scenario.node(3));
    else scenario.heal();
    assert(scenario.untilAtRest() < 10_000, how);
  }
});

Deno.test("R03 a node that was down catches up by what it lacks, from any peer", () => {
  const scenario = new Scenario({ params: { nodes: 4, emptyBlocks: true }, intervalMs: 500 });
  scenario.untilReady();
  const node = scenario.node(3);
  scenario.pass(10_000);
  const before = scenario.network(3).chain.height;
  scenario.world.crash(node);
  scenario.pass(20_000);
  // The bootstrap node is gone, too: the others have the chain.
  scenario.world.crash(scenario.node(0));
  const from = scenario.effects.length;
  scenario.world.start(node);
  const goal = scenario.network(1).chain.height;
  assert(goal > before + 20);
  scenario.until("caught up", () => scenario.network(3).chain.height >= goal);
  let sent = 0;
  for (const { effect } of scenario.effects.slice(from)) {
    if (effect.type !== "send" || effect.url !== node.url) continue;
    if (effect.message.type === "blocks") sent += effect.message.blocks.length;
  }
  assert(sent >= goal - before - 3 && sent <= 2 * (goal - before), `${sent} blocks were sent`);
});

Deno.test("R04 the bootstrap node dies after the start-up, and the network goes on", () => {
  const scenario = new Scenario({ params: { nodes: 4 } });
  scenario.untilReady();
  scenario.world.crash(scenario.node(0));
  for (let round = 0; round < 9; round++) {
    assert(scenario.pay(1 + round % 3, 1 + (round + 1) % 3, 2)?.ok);
    scenario.pass(200);
  }
  const height = scenario.network(1).chain.height;
  scenario.untilAtRest();
  assert(scenario.network(1).chain.height >= height);
  // A node that was restarted meanwhile needs no bootstrap node either.
  scenario.world.crash(scenario.node(2));
  scenario.pass(1000);
  scenario.world.start(scenario.node(2));
  scenario.until("ready again", () => scenario.node(2).state?.phase === "ready");
  assert(scenario.pay(2, 1, 1)?.ok);
  scenario.untilAtRest();
});
