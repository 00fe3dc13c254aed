import assert from "node:assert/strict";
import { readToken } from "../../lib/store/data_folder.ts";
import { askNode, untilAnswer, withNodeProcesses } from "../../lib/testing/spawned_node.ts";

const HINDERED_NODE = new URL("./hindered_node.ts", import.meta.url).href;

for (
  const [code, text, trouble] of [
    ["R06", "a node whose mining thread traps stays up, replaces it and mines on", "trap"],
    ["R07", "a node that runs out of nonces moves its timestamp and mines valid blocks", "nonces"],
  ] as const
) {
  Deno.test(`${code} ${text}`, async () => {
    await withNodeProcesses(async (processes) => {
      // Some 65,536 hashes a block; the other node never mines, and checks everything.
      const founding = ["-b", "-n", "2", "-c", "1", "--difficulty", "4", "--threads", "2"];
      const hindered = await processes
        .start("node-0", founding, { NOOBCASH_TROUBLE: trouble }, HINDERED_NODE).listening();
      const joining = ["--bootstrap-url", hindered.url, "--no-mine"];
      const checking = await processes.start("node-1", joining).ready();
      await hindered.ready();

      const token = readToken(`${processes.folder}/node-1`) as string;
      for (let count = 0; count < 5; count++) {
        const order = { body: { to: "id0", amount: 1 }, token };
        assert.equal((await askNode(checking, "/payments", order)).status, 202);
      }
      const audits = await untilAnswer(
        () =>
          Promise.all(
            [hindered, checking].map(async (node) => (await askNode(node, "/audit")).json),
          ),
        (all) => all.every(({ tipHash, height }) => tipHash === all[0].tipHash && height >= 6),
      );
      for (const { supply } of audits) assert.equal(supply, 200);
      if (trouble === "trap") {
        assert.match(hindered.stderr, /Cannot go on mining in thread \d/);
      } else {
        const { nonce } = (await askNode(checking, `/blocks/${audits[0].tipHash}`)).json;
        assert(nonce < 1_000, `nonce ${nonce}`);
      }
    });
  });
}
