/**
 * *fork*: two miners find a block at the same height; the nodes agree on one of them.
 *
 * @module
 */
import type { ClusterNode } from "../cluster/start_cluster.ts";
import type { Lesson } from "./lesson.ts";
import {
  answered,
  cut,
  heal,
  isConfirmed,
  pauseMining,
  resumeMining,
  suppliesText,
  tipOf,
  untilHeight,
  untilOneTip,
} from "./network_steps.ts";

const AMOUNT = 5;

export const FORK_LESSON: Lesson = {
  name: "fork",
  network: { nodes: 3, capacity: 1, difficulty: 3 },
  async play(stage) {
    const { nodes } = stage;
    const [a, b, c] = nodes as [ClusterNode, ClusterNode, ClusterNode];

    await stage.step("fork.pay", { payer: a.id, receiver: b.id, amount: AMOUNT });
    await pauseMining(nodes);
    const { height } = await tipOf(a);
    const { txid } = await answered(a.client.pay(b.address, AMOUNT));
    await stage.until(
      async () => (await Promise.all(nodes.map(tipOf))).every(({ waiting }) => waiting === 1),
      "wait.everywhere",
    );
    await stage.showTips();

    await stage.step("fork.cut", { a: a.id, c: c.id });
    await cut([[a], [b], [c]]);
    await resumeMining([a, c]);
    await untilHeight(stage, a, height + 1);
    await untilHeight(stage, c, height + 1);
    const [first, second] = await Promise.all([a, c].map(tipOf)) as [
      Awaited<ReturnType<typeof tipOf>>,
      Awaited<ReturnType<typeof tipOf>>,
    ];
    await stage.showTips();
    stage.check("fork.check.rivals", {
      values: { height: height + 1 },
      expected: 2,
      observed: new Set([first.hash, second.hash]).size,
    });

    await stage.step("fork.heal");
    await heal(nodes);
    await untilOneTip(stage, nodes);
    await resumeMining([b]);
    await stage.showTips();
    const [winner, loser] = [first.hash, second.hash].sort() as [string, string];
    stage.check("fork.check.winner", {
      expected: winner.slice(0, 16),
      observed: (await tipOf(b)).hash.slice(0, 16),
    });
    const keeper = winner === first.hash ? a : c;
    const known = await keeper.client.block(loser);
    stage.check("fork.check.side", {
      values: { node: keeper.id, hash: loser.slice(0, 12) },
      expected: "side",
      observed: known.ok ? known.value.status : known.error.code,
    });
    const holders = await Promise.all(nodes.map(({ client }) => isConfirmed(client, txid)));
    stage.check("check.payment", {
      expected: nodes.length,
      observed: holders.filter(Boolean).length,
    });
    stage.check("check.supply", { expected: "300", observed: await suppliesText(nodes) });
  },
};
