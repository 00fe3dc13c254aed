/**
 * *late-joiner*: a node that joins when the chain is long trusts nobody: it checks every block itself.
 *
 * @module
 */
import { createApiClient } from "../client/api_client.ts";
import { startNodeProcess } from "../cluster/node_process.ts";
import type { ClusterNode } from "../cluster/start_cluster.ts";
import type { Lesson } from "./lesson.ts";
import { answered, isConfirmed, payConfirmed, tipOf, untilOneTip } from "./network_steps.ts";

const PAYMENTS = 12;

export const LATE_JOINER_LESSON: Lesson = {
  name: "late-joiner",
  network: { nodes: 3, capacity: 1, difficulty: 3 },
  async play(stage) {
    const { nodes } = stage;
    const [a, b, c] = nodes as [ClusterNode, ClusterNode, ClusterNode];

    await stage.step("late.history", { n: PAYMENTS });
    for (let count = 0; count < PAYMENTS; count++) {
      const [from, to] = [nodes[count % 3], nodes[(count + 1) % 3]] as [ClusterNode, ClusterNode];
      await payConfirmed(stage, from, { to: to.address, amount: 1 + count % 4 });
      await untilOneTip(stage, nodes);
    }
    await stage.showTips();

    await stage.step("late.join", { bootstrap: a.url });
    const dataDir = await Deno.makeTempDir({ prefix: "noobcash-lesson-" });
    const startedMs = performance.now();
    const late = startNodeProcess(
      ["--observer", "--bootstrap-url", a.url, "--port", "0", "--host", "127.0.0.1"],
      { dataDir: `${dataDir}/late` },
    );
    try {
      const { url } = await late.waitFor(({ event }) => event === "listening");
      const client = createApiClient({ url: String(url) });
      const tip = await tipOf(a);
      await stage.until(async () => {
        const status = await client.status();
        return status.ok && status.value.chain?.tipHash === tip.hash;
      }, "wait.caughtUp");
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      stage.note("late.caughtUp", { n: tip.height, seconds });
      stage.check("late.check.tip", {
        expected: tip.hash.slice(0, 16),
        observed: (await answered(client.status())).chain?.tipHash.slice(0, 16) ?? "",
      });
      const [own, theirs] = await Promise.all(
        [client, b.client].map((each) => answered(each.audit())),
      );
      stage.check("late.check.coins", {
        values: { n: own!.utxoCount },
        expected: theirs!.utxoCommitment.slice(0, 16),
        observed: own!.utxoCommitment.slice(0, 16),
      });
      stage.check("late.check.supply", {
        expected: own!.supplyExpected,
        observed: own!.supply,
      });

      await stage.step("late.follow", { payer: b.id, receiver: c.id });
      const txid = await payConfirmed(stage, b, { to: c.address, amount: 2 });
      await stage.until(() => isConfirmed(client, txid), "wait.confirmed");
      stage.check("late.check.follows", {
        expected: "confirmed",
        observed: await isConfirmed(client, txid) ? "confirmed" : "unknown",
      });
    } finally {
      await late.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
};
