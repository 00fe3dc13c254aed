/**
 * *double-spend*: one coin is spent in two shops that cannot hear each other; one payment stands.
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
  untilOneTip,
} from "./network_steps.ts";
import { createOutsider, spendCoin } from "./outsider.ts";

const COINS = 60;

export const DOUBLE_SPEND_LESSON: Lesson = {
  name: "double-spend",
  network: { nodes: 3, capacity: 1, difficulty: 3 },
  async play(stage) {
    const { nodes } = stage;
    const [a, b, c] = nodes as [ClusterNode, ClusterNode, ClusterNode];
    const mallory = await createOutsider(c.client);

    await stage.step("double.coin", { giver: c.id, amount: COINS });
    const coin = await payConfirmed(stage, c, { to: mallory.address, amount: COINS });
    await untilOneTip(stage, nodes);

    await stage.step("double.cut", { a: a.id, b: b.id, c: c.id });
    await cut([[a], [b, c]]);

    await stage.step("double.spend", { a: a.id, b: b.id, amount: COINS });
    const spend = { coin, amount: COINS };
    const [toA, toB] = [
      spendCoin(mallory, { ...spend, to: a }),
      spendCoin(mallory, {
        ...spend,
        to: b,
      }),
    ];
    const answers = [await a.client.submit(toA.hex), await b.client.submit(toB.hex)];
    stage.check("double.check.accepted", {
      expected: 2,
      observed: answers.filter(({ ok }) => ok).length,
    });
    const second = await a.client.submit(toB.hex);
    stage.check("double.check.conflict", {
      values: { node: a.id },
      expected: "tx-conflicts",
      observed: second.ok ? "accepted" : conflictOf(second.error.code),
    });
    await stage.until(() => isConfirmed(a.client, toA.txid), "wait.confirmed");
    await stage.until(() => isConfirmed(b.client, toB.txid), "wait.confirmed");
    stage.note("double.both", { a: a.id, b: b.id });
    await payConfirmed(stage, c, { to: b.address, amount: 1 });
    await stage.showTips();

    await stage.step("double.heal");
    await heal(nodes);
    await untilOneTip(stage, nodes);
    await stage.showTips();
    const inChain = await Promise.all(nodes.map(async ({ client }) => {
      const both = await Promise.all([toA, toB].map(({ txid }) => isConfirmed(client, txid)));
      return both.map((each) => each ? 1 : 0).join("+");
    }));
    stage.check("double.check.one", {
      values: { a: a.id, b: b.id },
      expected: "0+1",
      observed: [...new Set(inChain)].join(", "),
    });
    const { confirmed } = await answered(b.client.balance(a.address));
    stage.check("double.check.shop", { values: { a: a.id }, expected: 100, observed: confirmed });
    stage.check("check.supply", { expected: "300", observed: await suppliesText(nodes) });
  },
};

/** By the time of the second try the coin may be spent in a block already: then the input is gone. */
function conflictOf(code: string): string {
  return code === "tx-input-missing" ? "tx-conflicts" : code;
}
