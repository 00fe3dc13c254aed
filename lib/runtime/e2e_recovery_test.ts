import assert from "node:assert/strict";
import { join } from "node:path";
import { exportChain, importChain } from "../offline/chain_work.ts";
import { readToken } from "../store/data_folder.ts";
import {
  askNode,
  type NodeProcess,
  untilAnswer,
  withNodeProcesses,
} from "../testing/spawned_node.ts";

Deno.test("R09 an imported chain gives a member its wallet back and a founder its network", async () => {
  await withNodeProcesses(async (processes) => {
    const pay = async (node: NodeProcess, index: number, to: string) => {
      const token = readToken(`${processes.folder}/node-${index}`) as string;
      return (await askNode(node, "/payments", { body: { to, amount: 7 }, token })).status;
    };
    const audits = (nodes: readonly NodeProcess[]) =>
      Promise.all(nodes.map(async (node) => (await askNode(node, "/audit")).json));

    const founding = ["-b", "-n", "3", "-c", "1", "--difficulty", "1"];
    const founder = await processes.start("node-0", founding).listening();
    const joining = ["--bootstrap-url", founder.url];
    const others = [1, 2].map((index) => processes.start(`node-${index}`, joining));
    const nodes = await Promise.all([founder, ...others].map((node) => node.ready()));
    assert.equal(await pay(nodes[1]!, 1, "id2"), 202);
    await untilAnswer(
      () => audits(nodes),
      (all) => all.every(({ height, tipHash }) => height === 3 && tipHash === all[0].tipHash),
    );
    const ids = nodes.map(({ id }) => id);
    for (const node of nodes) assert.equal((await node.stop()).code, 0);

    // The founder and a member lose their databases; each has kept its key.
    const file = join(processes.folder, "chain.bin");
    assert((await exportChain({ dataDir: join(processes.folder, "node-2") }, file, {})).ok);
    for (const index of [0, 1]) {
      const dataDir = join(processes.folder, `node-${index}`);
      for (const suffix of ["", "-wal", "-shm"]) {
        await Deno.remove(join(dataDir, `chain.db${suffix}`)).catch(() => {});
      }
      const imported = await importChain(file, dataDir, {});
      assert(imported.ok, JSON.stringify(imported));
      assert.equal(imported.value.nodeId, ids[index]);
    }

    const port = new URL(founder.url).port;
    const again = processes.start("node-0", ["--port", port]);
    const started = [again, ...[1, 2].map((index) => processes.start(`node-${index}`, joining))];
    const back = await Promise.all(started.map((node) => node.ready()));
    for (const [index, node] of back.entries()) {
      const paid = await untilAnswer(
        () => pay(node, index, `id${(index + 1) % 3}`),
        (status) => status === 202,
      );
      assert.equal(paid, 202);
    }
    const all = await untilAnswer(
      () => audits(back),
      (all) => all.every(({ height, tipHash }) => height === 6 && tipHash === all[0].tipHash),
    );
    for (const { supply } of all) assert.equal(supply, 300);
  });
});
