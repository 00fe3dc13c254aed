import assert from "node:assert/strict";
import { commitmentOf } from "../consensus/utxo_commitment.ts";
import type { BlockHash } from "../primitives/header.ts";
import { outpointOf } from "../primitives/outpoint.ts";
import { payment } from "../simulation/sign_transaction.ts";
import { Liar } from "./liar.ts";
import { randomStream } from "../random/random_stream.ts";
import { Scenario } from "../testing/scenario.ts";

Deno.test("F01 two blocks of one height: first seen stays, the next block decides, all converge", () => {
  // All mine all the time, so first seen stands (D4); luck leaves whoever has its block of the tie.
  const params = { nodes: 4, emptyBlocks: true };
  const scenario = new Scenario({ params, intervalMs: 2000 });
  const setLuck = (index: number, isLucky: boolean) => {
    scenario.node(index).adversary = isLucky
      ? undefined
      : { intake: (input) => input.type === "mined" ? [] : [input] };
  };
  scenario.untilReady();
  scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
  const height = scenario.network(0).chain.height + 1;
  scenario.split([0, 1]);
  const stopAt = (index: number) => {
    if (scenario.network(index).chain.height < height) return false;
    for (const other of index < 2 ? [0, 1] : [2, 3]) setLuck(other, false);
    return true;
  };
  scenario.until(
    "a block on each side",
    () => [0, 1, 2, 3].map(stopAt).every((isThere) => isThere),
  );
  const tips = scenario.tips() as BlockHash[];
  assert.equal(new Set(tips).size, 2);
  scenario.heal();
  scenario.until(
    "everybody with both blocks",
    () => [0, 1, 2, 3].every((at) => tips.every((tip) => scenario.network(at).chain.entry(tip))),
  );
  scenario.pass(10_000);
  assert.deepEqual(scenario.tips(), tips, "everybody stays with what it saw first");

  const from = scenario.effects.length;
  for (const index of [0, 1, 2, 3]) setLuck(index, true);
  scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
  assert(scenario.network(0).chain.height > height);
  const forks = scenario.effects.slice(from).filter(({ effect }) =>
    effect.type === "event" && effect.event.type === "reorg"
  );
  assert(forks.length >= 2, "one half goes over");
});

for (const depth of [1, 2, 5, 50]) {
  Deno.test(`F02 a reorganisation ${depth} deep leaves every node as a replay of the winner`, () => {
    // The checker compares chain, coins and pool with a fresh replay after every event.
    const scenario = new Scenario({
      params: { nodes: 3, emptyBlocks: true, reward: 1 },
      intervalMs: 1000,
    });
    scenario.untilReady();
    scenario.split([0]);
    payAllTheTime(scenario);
    const fork = scenario.network(0).chain.height;
    const loserHeight = () => scenario.network(0).chain.height - fork;
    scenario.until(`${depth} blocks on the losing side`, () => {
      if (loserHeight() >= depth) scenario.control(0, { kind: "pause-mining" });
      return loserHeight() >= depth;
    }, 3_600_000);
    scenario.until(
      "a longer winning side",
      () =>
        scenario.network(1).chain.height > fork + depth &&
        scenario.network(1).chain.tip.hash === scenario.network(2).chain.tip.hash,
      3_600_000,
    );
    scenario.heal();
    scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
    const lost = scenario.effects.flatMap(({ effect }) =>
      effect.type === "event" && effect.event.type === "reorg" ? [effect.event.disconnected] : []
    ).reduce((deepest, hashes) => hashes.length > deepest.length ? hashes : deepest, []);
    assert.equal(lost.length, depth);
    const { chain } = scenario.network(0);
    const undone = lost.flatMap((hash) => chain.block(hash)?.transactions ?? []);
    assert(undone.length > 0, "payments are undone, too");
    scenario.checker.auditRestart(scenario.node(0));
  });
}

/** Two payments every second or so, each to the next node; one may find no coins and does no harm. */
function payAllTheTime(scenario: Scenario): void {
  const { world } = scenario;
  scenario.pay(0, 1, 1);
  scenario.pay(1, 2, 1);
  world.at(world.nowMs + 1500, () => payAllTheTime(scenario));
}

Deno.test("F03 payments of the losing branch come back and are confirmed", () => {
  const scenario = new Scenario({ params: { nodes: 3 }, intervalMs: 300 });
  scenario.untilReady();
  scenario.split([0]);
  const lost = scenario.pay(0, 1, 5);
  assert(lost?.ok && lost.transaction !== undefined);
  const { txid } = lost.transaction;
  const height = scenario.network(0).chain.height;
  scenario.until(
    "the payment in the losing branch",
    () => scenario.network(0).chain.height > height,
  );
  for (const amount of [1, 2, 3]) {
    scenario.pay(1, 2, amount);
    const before = scenario.network(2).chain.height;
    scenario.until(
      "a block of the winning branch",
      () => scenario.network(2).chain.height > before,
    );
  }
  const from = scenario.effects.length;
  scenario.heal();
  scenario.until("the payment back in the pool", () => scenario.network(0).mempool.has(txid));
  scenario.untilAtRest();
  const removed = scenario.effects.slice(from).some(({ effect }) =>
    effect.type === "event" && effect.event.type === "transaction-removed" &&
    effect.event.txid === txid
  );
  assert(!removed, "it is not called lost on its way");
  for (const index of [0, 1, 2]) {
    assert(scenario.checker.stateOfNode(scenario.node(index))?.txids.has(txid));
  }
});

Deno.test("F04 a double spend across a fork: one of the two is left, the other's children are gone", () => {
  const scenario = new Scenario({ params: { nodes: 4 }, intervalMs: 300 });
  scenario.untilReady();
  const { params } = scenario;
  const from = scenario.key(1);
  const [coin] = scenario.network(0).chain.utxos.coinsOf(from.publicKey);
  assert(coin !== undefined);
  const first = payment([coin], { params, from, to: scenario.key(2).publicKey, amount: 60 });
  const second = payment([coin], { params, from, to: scenario.key(3).publicKey, amount: 70 });

  scenario.split([0, 1]);
  assert(scenario.submit(0, first)?.ok);
  assert(scenario.submit(2, second)?.ok);
  // Node 1 spends what the first transaction gave it back: a child of the loser.
  scenario.until("node 1 has heard of it", () => scenario.network(1).mempool.has(first.txid));
  const child = scenario.pay(1, 0, 35);
  assert(child?.ok && child.transaction !== undefined);
  assert.deepEqual(child.transaction.inputs, [outpointOf(first.txid, 1)]);
  const childTxid = child.transaction.txid;
  scenario.until(
    "all confirmed",
    () =>
      scenario.checker.stateOfNode(scenario.node(1))?.txids.has(childTxid) === true &&
      scenario.checker.stateOfNode(scenario.node(0))?.txids.has(first.txid) === true &&
      scenario.checker.stateOfNode(scenario.node(2))?.txids.has(second.txid) === true,
  );
  const before = scenario.network(2).chain.height;
  for (const amount of [1, 2]) {
    scenario.pay(3, 2, amount);
    scenario.until(
      "the right side grows",
      () => scenario.network(2).chain.height >= before + amount,
    );
  }
  scenario.until("the left side at rest", () => scenario.network(0).mempool.size === 0);
  scenario.heal();
  scenario.untilAtRest();

  for (const index of [0, 1, 2, 3]) {
    const txids = scenario.checker.stateOfNode(scenario.node(index))?.txids;
    assert.equal(Number(txids?.has(first.txid)) + Number(txids?.has(second.txid)), 1);
  }
  const winner = scenario.checker.stateOfNode(scenario.node(0))?.txids;
  assert(winner !== undefined && winner.has(second.txid), "the longer side wins");
  assert(!winner.has(childTxid));
  assert.equal(scenario.network(1).failed.get(first.txid)?.reasonCode, "conflict");
  assert.equal(
    scenario.network(1).failed.get(childTxid)?.reasonCode,
    "parent-removed",
  );
  assert.equal(scenario.balances().reduce((sum, balance) => sum + balance, 0), 400);
});

Deno.test("F05 a heavier branch with a bad block in it changes nothing and costs its sender", () => {
  const forgeries = ["on-bad-parent", "branch-spends-what-only-the-tip-created"] as const;
  for (const [seed, forgery] of forgeries.entries()) {
    for (const [index, kind] of (["at once", "asked for"] as const).entries()) {
      const scenario = new Scenario({
        seed: 10 * seed + index,
        params: { nodes: 3, emptyBlocks: true },
        intervalMs: 2000,
        liars: [2],
      });
      scenario.untilReady();
      const liar = new Liar(randomStream(index, "liar"), kind === "asked for" ? 1 : 0);
      scenario.node(2).adversary = liar;
      scenario.pay(2, 2, 30);
      scenario.until("the payment confirmed", () => scenario.network(2).mempool.size === 0);
      for (const index of [0, 1, 2]) scenario.control(index, { kind: "pause-mining" });
      scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
      const tip = scenario.network(0).chain.tip.hash;
      const [node, to] = [scenario.node(2), scenario.node(0)];
      liar.attack(scenario.world, { node, to, forgery });
      assert(liar.blockCount > 1, "the liar has forged a branch");
      scenario.pass(3000);
      assert.equal(scenario.network(0).chain.tip.hash, tip);
      const accusation = scenario.effects.find(({ node: by, effect }) =>
        by === 0 && effect.type === "event" && effect.event.type === "peer" &&
        effect.event.change === "backed-off"
      );
      assert(accusation !== undefined, `${forgery} ${kind}`);
    }
  }
});

Deno.test("F08 a tie while nothing is left to mine is settled, for the same branch everywhere", () => {
  for (let seed = 1; seed <= 8; seed++) {
    const scenario = new Scenario({ seed, params: { nodes: 4 }, intervalMs: 300 });
    scenario.untilReady();
    scenario.untilAtRest();
    scenario.split([0, 1]);
    scenario.pay(0, 1, 3);
    scenario.pay(2, 3, 4);
    const height = scenario.network(0).chain.height;
    scenario.until(
      "a block on each side",
      () => [0, 1, 2, 3].every((index) => scenario.network(index).chain.height === height + 1),
    );
    scenario.heal();
    scenario.until("one tip", () => new Set(scenario.tips()).size === 1);
    scenario.untilAtRest();
  }
});

Deno.test("F07 a solution for an old template becomes a block beside the chain, and is not lost", () => {
  const scenario = new Scenario({ params: { nodes: 2, emptyBlocks: true }, intervalMs: 5000 });
  scenario.untilReady();
  const node = scenario.node(0);
  scenario.until("work", () => node.job !== undefined);
  let old = node.job;
  let height = scenario.network(0).chain.height;
  const { publicKey } = node.state!.config.keyPair;
  scenario.until("the other node's block", () => {
    const { tip } = scenario.network(0).chain;
    const isNew = tip.header.height > height;
    if (isNew && tip.header.miner !== publicKey) return true;
    if (isNew) [old, height] = [node.job, tip.header.height];
    return false;
  });
  assert(old !== undefined);
  assert.notEqual(node.job?.jobId, old.jobId);
  const size = scenario.network(0).chain.size;
  const tip = scenario.network(0).chain.tip.hash;
  const { timestampMs } = old.template.header;
  scenario.world.give(node, { type: "mined", jobId: old.jobId, timestampMs, nonce: 99 });
  assert.equal(scenario.network(0).chain.size, size + 1);
  assert.equal(scenario.network(0).chain.tip.hash, tip);
  assert(node.job !== undefined, "mining goes on");
});

Deno.test("F07 a miner that starts anew on a new tip keeps the transactions that the block has not", () => {
  const scenario = new Scenario({ params: { nodes: 2, emptyBlocks: true }, intervalMs: 2000 });
  scenario.untilReady();
  scenario.untilAtRest();
  scenario.control(0, { kind: "pause-mining" });
  // Node 1 hears nothing of node 0's payments, and node 0 hears of node 1's block.
  scenario.world.links.setCut(0, 1, true);
  const paid = [1, 2, 3].map((amount) => scenario.pay(0, 1, amount));
  const txids = paid.map((reply) => reply?.ok ? reply.transaction?.txid : undefined);
  scenario.control(0, { kind: "resume-mining" });
  const node = scenario.node(0);
  const before = node.job;
  assert.deepEqual(before?.template.transactions.map(({ txid }) => txid), txids);
  const { publicKey } = scenario.key(1);
  scenario.until(
    "a block of node 1",
    () => scenario.network(0).chain.tip.header.miner === publicKey,
  );
  const { template } = node.job ?? {};
  assert.equal(template?.header.previousHash, scenario.network(0).chain.tip.hash);
  assert.deepEqual(template?.transactions.map(({ txid }) => txid), txids);
});

Deno.test("F09 at rest all nodes have one tip, one set of coins and the whole supply", () => {
  const scenario = new Scenario({ params: { nodes: 5, capacity: 3 }, intervalMs: 200 });
  scenario.untilReady();
  for (let round = 0; round < 40; round++) {
    scenario.pay(round % 5, (round + 1 + round % 3) % 5, 1 + round % 7);
    scenario.pass(50);
  }
  scenario.untilAtRest();
  const wanted = scenario.balances(0);
  for (const index of [1, 2, 3, 4]) assert.deepEqual(scenario.balances(index), wanted);
  assert.equal(wanted.reduce((sum, balance) => sum + balance, 0), 500);
  const commitments = [0, 1, 2, 3, 4].map((index) =>
    commitmentOf(scenario.network(index).chain.utxos.entries())
  );
  assert.equal(new Set(commitments).size, 1);
});
