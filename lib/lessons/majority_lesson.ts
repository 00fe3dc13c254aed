/**
 * *majority*: an attacker with most of the hash rate takes back a payment that had its confirmations.
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
  payConfirmed,
  suppliesText,
  tipOf,
  untilOneTip,
} from "./network_steps.ts";
import { createOutsider, spendCoin } from "./outsider.ts";

const COINS = 50;
const CONFIRMATIONS = 3;

/** Each of the five miners; together they find a block in about a fifth of a second. */
const HASH_RATE = 60_000;

export const MAJORITY_LESSON: Lesson = {
  name: "majority",
  network: {
    nodes: 5,
    capacity: 5,
    difficulty: 4,
    emptyBlocks: true,
    hashRateLimits: Array.from({ length: 5 }, () => HASH_RATE),
  },
  async play(stage) {
    const { nodes } = stage;
    const [honest, attackers] = [nodes.slice(0, 2), nodes.slice(2)];
    const [miner, shop] = honest as [ClusterNode, ClusterNode];
    const [leader] = attackers as [ClusterNode];
    const mallory = await createOutsider(leader.client);
    const own = await createOutsider(leader.client);

    await stage.step("majority.coin", { amount: COINS, giver: leader.id });
    const coin = await payConfirmed(stage, leader, { to: mallory.address, amount: COINS });
    await stage.until(() => isConfirmed(miner.client, coin), "wait.confirmed");

    await stage.step("majority.pay", { shop: shop.id, amount: COINS, honest: idsOf(honest) });
    await cut([honest, attackers]);
    const { height: forkHeight } = await tipOf(leader);
    const paid = spendCoin(mallory, { coin, amount: COINS, to: shop });
    await answered(miner.client.submit(paid.hex));

    await stage.step("majority.secret", { attackers: idsOf(attackers) });
    const takenBack = spendCoin(mallory, { coin, amount: COINS, to: own });
    await answered(leader.client.submit(takenBack.hex));

    await stage.step("majority.deliver", { n: CONFIRMATIONS });
    let confirmations = 0;
    await stage.until(async () => {
      const state = await shop.client.transaction(paid.txid);
      confirmations = state.ok ? state.value.confirmations : 0;
      return confirmations >= CONFIRMATIONS;
    }, "wait.confirmed");
    stage.check("majority.check.confirmed", {
      expected: `≥ ${CONFIRMATIONS}`,
      observed: confirmations,
      agreed: confirmations >= CONFIRMATIONS,
    });

    await stage.step("majority.overtake");
    await stage.until(async () => {
      const [open, secret] = await Promise.all([miner, leader].map(tipOf));
      return secret!.height > open!.height && await isConfirmed(leader.client, takenBack.txid);
    }, "wait.overtake");
    await stage.showTips();
    const [open, secret] = await Promise.all([miner, leader].map(tipOf));
    stage.note("majority.race", {
      open: open!.height - forkHeight,
      secret: secret!.height - forkHeight,
    });

    await stage.step("majority.publish");
    await heal(nodes);
    await stage.until(
      async () => !await isConfirmed(shop.client, paid.txid),
      "wait.reorganised",
    );
    await pauseMining(nodes);
    await untilOneTip(stage, nodes);
    await stage.showTips();
    const still = await Promise.all(nodes.map(({ client }) => isConfirmed(client, paid.txid)));
    stage.check("majority.check.gone", { expected: 0, observed: still.filter(Boolean).length });
    const shopHas = await answered(miner.client.balance(shop.address));
    stage.check("majority.check.shop", { expected: 100, observed: shopHas.confirmed });
    const attackerHas = await answered(miner.client.balance(own.address));
    stage.check("majority.check.attacker", { expected: COINS, observed: attackerHas.confirmed });
    stage.check("check.supply", { expected: "500", observed: await suppliesText(nodes) });
  },
};

function idsOf(nodes: readonly ClusterNode[]): string {
  return nodes.map(({ id }) => id).join(", ");
}
