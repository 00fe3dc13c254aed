import assert from "node:assert/strict";
import type { ParamsChoice } from "../params.ts";
import { Scenario } from "../testing/scenario.ts";

/** One hop of the perfect links, and the millisecond that a clock may be late. */
const HOP_MS = 21;

/** A ready network in which blocks are found only when {@link strikeAll} says so. */
function tieNetwork(
  nodes: number,
  capacity: number,
  choice: Partial<ParamsChoice> = {},
): Scenario {
  const params = { nodes, capacity, blockWaitMs: 100, ...choice };
  const scenario = new Scenario({ params, intervalMs: 300 });
  scenario.untilReady();
  scenario.untilAtRest();
  for (const node of scenario.world.nodes) {
    node.adversary = {
      intake: (input) => input.type === "mined" && input.nonce < STRIKE_NONCE ? [] : [input],
    };
  }
  return scenario;
}

/** Marks the solutions of this file; a Poisson clock's own nonces are below it, or may pass. */
const STRIKE_NONCE = 0xfff0_0000;

/** Everybody who mines finds a block at the same moment. Says how many blocks that were. */
function strikeAll(scenario: Scenario, round: number): number {
  let count = 0;
  for (const node of scenario.world.nodes) {
    const { current } = scenario.network(node.index).work;
    if (current === undefined) continue;
    const { jobId, template } = current;
    const { timestampMs } = template.header;
    const nonce = STRIKE_NONCE + (round & 0xff) * 256 + node.index;
    scenario.world.give(node, { type: "mined", jobId, timestampMs, nonce });
    count++;
  }
  return count;
}

function areAllMining(scenario: Scenario): boolean {
  return scenario.world.nodes.every(({ index }) =>
    scenario.network(index).work.current !== undefined
  );
}

/** Nodes around the ring pay; gives the txids. */
function payRound(scenario: Scenario, payers: number): string[] {
  const { nodes } = scenario.params;
  return Array.from({ length: payers }, (_, from) => {
    const reply = scenario.pay(from, (from + 1) % nodes, 1);
    assert(reply?.ok && reply.transaction !== undefined);
    return reply.transaction.txid;
  });
}

function assertConfirmed(scenario: Scenario, txids: readonly string[]): void {
  for (const node of scenario.world.nodes) {
    const confirmed = scenario.checker.stateOfNode(node)?.txids as ReadonlySet<string> | undefined;
    for (const txid of txids) assert(confirmed?.has(txid), `node ${node.index} lost ${txid}`);
  }
  assert.equal(
    scenario.balances().reduce((sum, balance) => sum + balance, 0),
    100 * scenario.params.nodes,
  );
}

// The checker stops a world in which a tip gives way to an equal with a higher hash, or in which a node
// at rest stays beside a lower one.
for (const nodes of [3, 5, 50]) {
  Deno.test(`W01 ${nodes} nodes: ties at rest, one after the other, each settle within a hop`, () => {
    const scenario = tieNetwork(nodes, 100);
    const paid: string[] = [];
    const rounds = nodes === 50 ? 3 : 10;
    for (let round = 0; round < rounds; round++) {
      paid.push(...payRound(scenario, Math.min(nodes, 10)));
      scenario.until("all at work", () => areAllMining(scenario));
      assert.equal(strikeAll(scenario, round), nodes);
      assert.equal(new Set(scenario.tips()).size, nodes);
      const lowest = scenario.tips().sort()[0];
      scenario.pass(HOP_MS);
      assert.deepEqual(new Set(scenario.tips()), new Set([lowest]));
      assert(scenario.isAtRest(), scenario.describe());
    }
    assertConfirmed(scenario, paid);
  });

  Deno.test(`W01 ${nodes} nodes: ties upon ties while all mine end on one tip, and nothing is lost`, () => {
    const scenario = tieNetwork(nodes, 2);
    const paid: string[] = [];
    const rounds = nodes === 50 ? 6 : 40;
    let most = 0;
    for (let round = 0; round < rounds; round++) {
      if (round < rounds - 10 || round === 0) paid.push(...payRound(scenario, 3));
      scenario.pass(5);
      strikeAll(scenario, round);
      most = Math.max(most, new Set(scenario.tips()).size);
      scenario.pass(15);
    }
    assert(most > 1, "there were ties");
    let round = rounds;
    for (; !scenario.isAtRest(); round++) {
      assert(round < rounds + 200, scenario.describe());
      scenario.pass(120);
      strikeAll(scenario, round);
      scenario.pass(HOP_MS);
    }
    assertConfirmed(scenario, paid);
  });
}

Deno.test("U07 ties take rewards away, and no payment with them", () => {
  const scenario = tieNetwork(3, 100, { reward: 3, fee: 1 });
  const paid: string[] = [];
  for (let round = 0; round < 10; round++) {
    paid.push(...payRound(scenario, 3));
    scenario.until("all at work", () => areAllMining(scenario));
    assert.equal(strikeAll(scenario, round), 3);
    // Everybody has a reward that would be the smallest coin that suffices; two of three are about to lose it.
    assert.equal(new Set(scenario.tips()).size, 3);
    paid.push(...payRound(scenario, 3));
    scenario.pass(HOP_MS);
    assert.equal(new Set(scenario.tips()).size, 1);
    scenario.until("all at work", () => areAllMining(scenario));
    strikeAll(scenario, round + 100);
    scenario.pass(HOP_MS);
    assert(scenario.isAtRest(), scenario.describe());
  }
  for (const node of scenario.world.nodes) {
    assert.equal(scenario.network(node.index).failed.size, 0);
    const confirmed = scenario.checker.stateOfNode(node)?.txids as ReadonlySet<string> | undefined;
    for (const txid of paid) assert(confirmed?.has(txid), `node ${node.index} lost ${txid}`);
  }
});
