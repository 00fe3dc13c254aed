/**
 * A compact block whose transactions all wait here already: how long it takes from its arrival until it is
 * the tip. What the disk adds, `payment_path.ts` says.
 *
 * Run: `deno run -A bench/compact_block.ts [transactions] [rounds]` (5,000 and 5 when not given)
 *
 * @module
 */
import process from "node:process";
import { networkOf, type TestNode, TestWorld } from "../lib/testing/test_world.ts";
import { step } from "../lib/node/node.ts";
import { invariant } from "../lib/result.ts";

const count = Number(Deno.args[0] ?? 5000);
const rounds = Number(Deno.args[1] ?? 5);

const world = new TestWorld({
  nodes: 2,
  capacity: count,
  coinsPerNode: 100_000_000,
  isAutomatic: false,
});
world.add();
world.add();
world.runUntil(() => {
  world.mine(world.nodes[0] as TestNode);
  return world.nodes.every(({ state }) => state.phase === "ready");
});
const [maker, receiver] = world.nodes as [TestNode, TestNode];

const stepMs: number[] = [];
const cpuMs: number[] = [];
for (let round = 0; round < rounds; round++) {
  for (let paid = 0; paid < count; paid++) {
    const [from, to] = paid % 2 === 0 ? [maker, receiver] : [receiver, maker];
    invariant(world.pay(from, to.keyPair.publicKey, 1).ok, "Everybody can pay");
    if (paid % 50 === 49) world.run(10);
  }
  world.run(200);
  invariant(networkOf(receiver).mempool.size === count, "The receiver has heard of everything");
  world.partition([maker], [receiver]);
  invariant(world.mine(maker), "A full block is mined");
  world.run(10);
  const block = networkOf(maker).chain.block(networkOf(maker).chain.tip.hash);
  invariant(block?.transactions.length === count, "The block has all of them");
  const { hash, header, transactions } = block;
  const txids = transactions.map(({ txid }) => txid);
  const message = { type: "compact-block", hash, header, txids, prefilled: [] } as const;
  const from = maker.keyPair.publicKey;

  const startedMs = performance.now();
  const before = process.cpuUsage();
  const effects = [...step(receiver.state, { type: "message", from, message }, world.nowMs)];
  // A large block is taken in turn by turn.
  while (networkOf(receiver).chain.tip.hash !== hash) {
    const more = step(receiver.state, { type: "continue" }, world.nowMs);
    invariant(more.length > 0, "A turn leads to the next one");
    effects.push(...more);
  }
  const { user, system } = process.cpuUsage(before);
  stepMs.push(performance.now() - startedMs);
  cpuMs.push((user + system) / 1000);
  invariant(networkOf(receiver).chain.tip.hash === hash, "The block is the tip");
  for (const effect of effects) if (effect.type === "commit") receiver.store.commit(effect.commit);
  world.partition([maker], [receiver], false);
  world.run(10);
}
for (const [what, ms] of [["received to tip", stepMs], ["processor time", cpuMs]] as const) {
  const sorted = ms.toSorted((a, b) => a - b);
  console.log(
    `${count} known transactions, ${what}: fastest ${sorted[0]?.toFixed(1)} ms, median ` +
      `${sorted[sorted.length >> 1]?.toFixed(1)} ms, ${rounds} rounds`,
  );
}
