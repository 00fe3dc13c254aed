import assert from "node:assert/strict";
import { readToken } from "../../lib/store/data_folder.ts";
import {
  askNode,
  type NodeProcess,
  untilAnswer,
  withNodeProcesses,
} from "../../lib/testing/spawned_node.ts";

const SKEWED_NODE = new URL("./skewed_node.ts", import.meta.url).href;

for (const [text, skewMs] of [["5 s", 5_000], ["1 h", 3_600_000]] as const) {
  Deno.test(`B07 clocks that are ${text} ahead and ${text} behind never split the network`, async () => {
    await withNodeProcesses(async (processes) => {
      const start = (name: string, args: readonly string[], skew: number) =>
        processes.start(
          name,
          args,
          { NOOBCASH_CLOCK_SKEW_MS: String(skew) },
          SKEWED_NODE,
        );
      const founding = ["-b", "-n", "3", "-c", "1", "--difficulty", "2"];
      const right = await start("node-0", founding, 0).listening();
      const joining = ["--bootstrap-url", right.url];
      const ahead = start("node-1", joining, skewMs);
      const behind = start("node-2", joining, -skewMs);
      const nodes = await Promise.all([right, ahead, behind].map((node) => node.ready()));

      // Everybody pays and mines in turn; blocks of each clock have to be taken by the two others.
      for (let count = 0; count < 12; count++) {
        const payer = nodes[count % 3] as NodeProcess;
        const token = readToken(`${processes.folder}/node-${count % 3}`) as string;
        const order = { body: { to: "id0", amount: 1 }, token };
        assert.equal((await askNode(payer, "/payments", order)).status, 202);
      }
      const audits = await untilAnswer(
        () => Promise.all(nodes.map(async (node) => (await askNode(node, "/audit")).json)),
        (all) => all.every(({ tipHash, height }) => tipHash === all[0].tipHash && height >= 14),
      );
      for (const { supply } of audits) assert.equal(supply, 300);
    });
  });
}

Deno.test("K01 a clock that is set eight hours ahead and back is told, and nobody is blamed", async () => {
  await withNodeProcesses(async (processes) => {
    const clockFile = `${processes.folder}/clock`;
    Deno.writeTextFileSync(clockFile, "0");
    const founding = ["-b", "-n", "3", "-c", "1", "--difficulty", "2"];
    const right = await processes.start("node-0", founding).listening();
    const joining = ["--bootstrap-url", right.url];
    const other = processes.start("node-1", joining);
    const jumping = processes.start(
      "node-2",
      joining,
      { NOOBCASH_CLOCK_SKEW_FILE: clockFile },
      SKEWED_NODE,
    );
    const nodes = await Promise.all([right, other, jumping].map((node) => node.ready()));
    const pay = async (index: number) => {
      const token = readToken(`${processes.folder}/node-${index}`) as string;
      const order = { body: { to: "id0", amount: 1 }, token };
      assert.equal((await askNode(nodes[index] as NodeProcess, "/payments", order)).status, 202);
    };
    const statuses = (isDone: (all: Awaited<ReturnType<typeof askNode>>["json"][]) => boolean) =>
      untilAnswer(
        () => Promise.all(nodes.map(async (node) => (await askNode(node, "/status")).json)),
        isDone,
      );

    Deno.writeTextFileSync(clockFile, String(8 * 3_600_000));
    await statuses(([, , jumped]) => jumped.warnings[0]?.code === "clock-far");
    await pay(2);
    Deno.writeTextFileSync(clockFile, "0");
    for (const index of [0, 1, 2]) await pay(index);
    const all = await statuses((all) =>
      all.every(({ chain }) =>
        chain.tipHash === all[0].chain.tipHash && chain.transactionsWaiting === 0
      ) && all[2].warnings.length === 0
    );
    for (const { peersConnected } of all) assert.equal(peersConnected, 2);
    for (const node of nodes) {
      const ring = (await askNode(node, "/ring")).json;
      for (const { health } of ring.nodes) assert.notEqual(health, "backed-off");
    }
  });
});
