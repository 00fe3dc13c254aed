import assert from "node:assert/strict";
import type { Transaction } from "../primitives/transaction.ts";
import { payment } from "../simulation/sign_transaction.ts";
import { Scenario } from "../testing/scenario.ts";

/** Two payments of node 1 in a row: the second spends what the first gives back. */
function parentAndChild(scenario: Scenario): { parent: Transaction; child: Transaction } {
  const { params } = scenario;
  const from = scenario.key(1);
  const [coin] = scenario.network(0).chain.utxos.coinsOf(from.publicKey);
  assert(coin !== undefined);
  const to = scenario.key(2).publicKey;
  const parent = payment([coin], { params, from, to, amount: 10 });
  const change = parent.outputs[1];
  assert(change !== undefined);
  const child = payment([[`${parent.txid}:1` as never, { ...change, height: 0 as never }]], {
    params,
    from,
    to,
    amount: 20,
  });
  return { parent, child };
}

Deno.test("M01 a child that comes before its parent waits and follows it into the pool", () => {
  const scenario = new Scenario({ params: { nodes: 3, blockWaitMs: 5000 } });
  scenario.untilReady();
  const { parent, child } = parentAndChild(scenario);
  const [node, sender] = [scenario.node(0), scenario.key(1).publicKey];
  const send = (transaction: Transaction) =>
    scenario.world.give(node, {
      type: "message",
      from: sender,
      message: { type: "transactions", transactions: [transaction] },
    });
  send(child);
  assert(!scenario.network(0).mempool.has(child.txid));
  send(parent);
  assert.deepEqual([...scenario.network(0).mempool.txids()], [parent.txid, child.txid]);
  scenario.untilAtRest();
  assert(scenario.checker.stateOfNode(scenario.node(2))?.txids.has(child.txid));
});

Deno.test("M01 a child that comes before its parent follows it when the parent comes in a block", () => {
  const scenario = new Scenario({ params: { nodes: 3, capacity: 1 } });
  scenario.untilReady();
  const { parent, child } = parentAndChild(scenario);
  scenario.split([0]);
  assert(scenario.submit(1, parent)?.ok);
  scenario.until(
    "the parent in a block",
    () => scenario.checker.stateOfNode(scenario.node(1))?.txids.has(parent.txid) === true,
  );
  scenario.world.give(scenario.node(0), {
    type: "message",
    from: scenario.key(1).publicKey,
    message: { type: "transactions", transactions: [child] },
  });
  scenario.heal();
  scenario.until(
    "the child confirmed everywhere",
    () =>
      [0, 1, 2].every((index) =>
        scenario.checker.stateOfNode(scenario.node(index))?.txids.has(child.txid)
      ),
  );
});

Deno.test("M01 a child whose parent never comes is forgotten after a minute", () => {
  const scenario = new Scenario({ params: { nodes: 3 } });
  scenario.untilReady();
  const { child } = parentAndChild(scenario);
  scenario.world.give(scenario.node(0), {
    type: "message",
    from: scenario.key(1).publicKey,
    message: { type: "transactions", transactions: [child] },
  });
  const { orphanTransactions } = scenario.network(0);
  scenario.pass(59_000);
  assert.equal(orphanTransactions.size, 1);
  scenario.pass(2_000);
  assert.equal(orphanTransactions.size, 0);
});

Deno.test("M02 conflicting payments in another order at each node: the block decides, no node wedges", () => {
  const scenario = new Scenario({ params: { nodes: 3, blockWaitMs: 1000 } });
  scenario.untilReady();
  const { params } = scenario;
  const from = scenario.key(1);
  const [coin] = scenario.network(0).chain.utxos.coinsOf(from.publicKey);
  assert(coin !== undefined);
  const pair = [0, 2].map((to) =>
    payment([coin], { params, from, to: scenario.key(to).publicKey, amount: 5 + to })
  ) as [Transaction, Transaction];
  scenario.split([0]);
  assert(scenario.submit(0, pair[0])?.ok);
  assert(scenario.submit(2, pair[1])?.ok);
  scenario.pass(30);
  assert([0, 1].every((which) => scenario.network(2 * which).mempool.has(pair[which]!.txid)));
  scenario.heal();
  scenario.untilAtRest();
  const txids = scenario.checker.stateOfNode(scenario.node(0))?.txids;
  assert.equal(pair.filter(({ txid }) => txids?.has(txid)).length, 1);
  // All go on after it.
  for (const index of [0, 1, 2]) assert(scenario.pay(index, (index + 1) % 3, 1)?.ok);
  scenario.untilAtRest();
});

Deno.test("M03 every template on the way stands on its tip, parents before children", () => {
  const scenario = new Scenario({ params: { nodes: 3, capacity: 4 } });
  scenario.untilReady();
  for (let round = 0; round < 60; round++) {
    scenario.pay(round % 3, (round + 1) % 3, 1 + round % 5);
    scenario.pass(20);
    for (const node of scenario.world.nodes) {
      if (node.job === undefined) continue;
      const { header, transactions } = node.job.template;
      const below = scenario.checker.ledger.stateOf(header.previousHash);
      assert(below !== undefined);
      const coins = new Map(below.coins);
      for (const transaction of transactions) {
        scenario.checker.ledger.judgeTransaction(transaction, coins);
      }
    }
  }
});

Deno.test("M04 a block that never fills is mined after the block wait; in a strict network it is not", () => {
  const free = new Scenario({ params: { nodes: 2, capacity: 10, blockWaitMs: 1000 } });
  free.untilReady();
  free.pay(0, 1, 5);
  assert(free.untilAtRest() < 10_000);

  const strict = new Scenario({ params: { nodes: 2, capacity: 3, strict: true } });
  strict.untilReady();
  strict.pay(0, 1, 5);
  strict.pass(60_000);
  assert.equal(strict.network(0).mempool.size, 1);
  strict.pay(0, 1, 5);
  strict.pay(0, 1, 5);
  strict.untilAtRest();
});

Deno.test("M05 a burst of many times the capacity is mined in the order of each sender", () => {
  const scenario = new Scenario({ params: { nodes: 3, capacity: 3 }, intervalMs: 200 });
  scenario.untilReady();
  const sent: string[][] = [[], [], []];
  for (let round = 0; round < 30; round++) {
    const from = round % 3;
    const reply = scenario.pay(from, (from + 1) % 3, 1);
    assert(reply?.ok && reply.transaction !== undefined);
    sent[from]?.push(reply.transaction.txid);
  }
  scenario.untilAtRest();
  const confirmed: string[] = [];
  const { chain } = scenario.network(0);
  for (let height = 1; height <= chain.height; height++) {
    const entry = chain.atHeight(height);
    for (const { txid } of (entry && chain.block(entry.hash))?.transactions ?? []) {
      confirmed.push(txid);
    }
  }
  for (const own of sent) {
    assert.deepEqual(confirmed.filter((txid) => own.includes(txid)), own);
  }
});

Deno.test("M06 no acknowledged payment vanishes, through reorganisations and restarts", () => {
  const scenario = new Scenario({ params: { nodes: 3 }, intervalMs: 300 });
  scenario.untilReady();
  for (let round = 0; round < 12; round++) {
    scenario.split([round % 3]);
    for (const index of [0, 1, 2]) scenario.pay(index, (index + 1) % 3, 1 + round);
    scenario.pass(700);
    scenario.heal();
    const node = scenario.node(round % 3);
    scenario.world.crash(node);
    scenario.pass(100);
    scenario.world.start(node);
    scenario.pass(500);
  }
  scenario.untilAtRest();
  let count = 0;
  for (const { node, transaction } of scenario.checker.acknowledged()) {
    const state = scenario.checker.stateOfNode(node);
    const { failed } = scenario.network(node.index);
    assert(state?.txids.has(transaction.txid) || failed.has(transaction.txid));
    count++;
  }
  assert(count > 20, `${count} payments`);
});
