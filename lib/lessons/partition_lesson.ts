/**
 * *partition*: a network is cut in two, both halves go on, and one history stands in the end.
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
  payConfirmed,
  suppliesText,
  tipOf,
  untilOneTip,
} from "./network_steps.ts";

export const PARTITION_LESSON: Lesson = {
  name: "partition",
  network: { nodes: 5, capacity: 1, difficulty: 3 },
  async play(stage) {
    const { nodes } = stage;
    const [small, large] = [nodes.slice(0, 2), nodes.slice(2)];
    const [a, b] = small as [ClusterNode, ClusterNode];
    const [c, d, e] = large as [ClusterNode, ClusterNode, ClusterNode];

    await stage.step("partition.cut", {
      small: `${a.id}, ${b.id}`,
      large: `${c.id}, ${d.id}, ${e.id}`,
    });
    await cut([small, large]);

    await stage.step("partition.pay", { a: a.id, b: b.id, c: c.id, d: d.id, e: e.id });
    const inSmall = [await payConfirmed(stage, a, { to: b.address, amount: 5 })];
    const inLarge = [
      await payConfirmed(stage, c, { to: d.address, amount: 7 }),
      await payConfirmed(stage, d, { to: e.address, amount: 3 }),
      await payConfirmed(stage, e, { to: c.address, amount: 1 }),
    ];
    await untilOneTip(stage, small);
    await untilOneTip(stage, large);
    await stage.showTips();
    const tips = await Promise.all(nodes.map(tipOf));
    stage.check("partition.check.two", {
      expected: 2,
      observed: new Set(tips.map(({ hash }) => hash)).size,
    });
    // Not the tip: two of the larger part may have found it at once, and then the lower hash stays.
    const ofLarge = await answered(c.client.block(tips[2]!.height - 1));

    await stage.step("partition.heal");
    await heal(nodes);
    await untilOneTip(stage, nodes);
    await stage.showTips();
    const kept = await a.client.block(ofLarge.hash);
    stage.check("partition.check.heavier", {
      values: { height: ofLarge.height },
      expected: "main",
      observed: kept.ok ? kept.value.status : kept.error.code,
    });
    const payments = [...inSmall, ...inLarge];
    const confirmed = await Promise.all(
      nodes.flatMap(({ client }) => payments.map((txid) => isConfirmed(client, txid))),
    );
    stage.check("partition.check.all", {
      values: { n: payments.length },
      expected: payments.length * nodes.length,
      observed: confirmed.filter(Boolean).length,
    });
    stage.check("check.supply", { expected: "500", observed: await suppliesText(nodes) });
  },
};
