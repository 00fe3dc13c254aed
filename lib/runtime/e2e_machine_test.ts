import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { verifyChain } from "../offline/chain_work.ts";
import { readToken } from "../store/data_folder.ts";
import {
  askNode,
  type NodeProcess,
  untilAnswer,
  withNodeProcesses,
} from "../testing/spawned_node.ts";

/** A small file system of its own, where this machine allows that. */
async function mount(folder: string, options: string): Promise<boolean> {
  return await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
}

async function run(command: string, args: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

const canMount = await (async () => {
  const folder = await Deno.makeTempDir();
  const mounted = await mount(folder, "size=64k");
  if (mounted) await run("umount", [folder]);
  await Deno.remove(folder);
  if (!mounted) console.log("R05 needs root and mount: got neither, skipped");
  return mounted;
})();

/** What status and page say while nothing can be written. */
const CANNOT_WRITE =
  "This node cannot write to its disk: it takes no payments, and goes on by itself once it can";

async function assertSaysSo(node: NodeProcess, warnings: readonly unknown[]): Promise<void> {
  assert.deepEqual(warnings, [{ code: "store-failed", text: CANNOT_WRITE }]);
  const health = await askNode(node, "/health");
  assert.equal(health.status, 503);
  assert.deepEqual(health.json, { healthy: false, reason: "store-failed" });
  // The page is still there; what it shows is what the status says.
  const page = await fetch(node.url);
  assert.equal(page.status, 200);
  assert((await page.text()).includes("<title>"));
}

/** Whether an attribute of the file system keeps also those out who hold a file open: ext4's does. */
const canFreeze = await (async () => {
  const path = await Deno.makeTempFile();
  using file = await Deno.open(path, { append: true });
  await run("chattr", ["+i", path]);
  const isRefused = await file.write(new Uint8Array(1)).then(() => false, () => true);
  await run("chattr", ["-i", path]);
  await Deno.remove(path);
  if (!isRefused) console.log("R11 needs root and chattr on ext4: got neither, skipped");
  return isRefused;
})();

Deno.test({
  name: "R11 a full disk refuses payments with a code; with room again the node goes on by itself",
  ignore: !canMount,
  async fn() {
    await withNodeProcesses(async (processes) => {
      const disk = `${processes.folder}/disk`;
      await Deno.mkdir(disk);
      assert(await mount(disk, "size=8m"));
      try {
        const founding = ["-b", "-n", "1", "--empty-blocks", "--difficulty", "1"];
        const node = await processes.start("disk/node-0", founding).ready();
        // Somebody else fills the disk: a file of its own, up to the last block.
        await Deno.writeFile(`${disk}/other`, new Uint8Array(16 * 1024 * 1024)).catch(() => {});
        const status = await untilAnswer(
          async () => (await askNode(node, "/status")).json,
          ({ warnings }) => warnings.length > 0,
        );
        await assertSaysSo(node, status.warnings);
        assert.equal(status.phase, "ready");
        const token = readToken(`${disk}/node-0`) as string;
        const order = { body: { to: "id0", amount: 1 }, token };
        const refused = await askNode(node, "/payments", order);
        assert.equal(refused.status, 503);
        assert.equal(refused.json.error.code, "store-failed");
        assert.equal((await askNode(node, "/audit")).json.supply, 100);

        await Deno.remove(`${disk}/other`);
        const again = await untilAnswer(
          async () => (await askNode(node, "/status")).json,
          ({ warnings, chain }) => warnings.length === 0 && chain.height > status.chain.height,
        );
        assert.equal(again.phase, "ready");
        assert.equal((await askNode(node, "/payments", order)).status, 202);
        assert.equal((await node.stop()).code, 0);
        const verified = await verifyChain({ dataDir: `${disk}/node-0` }, { threads: 1 });
        assert(verified.ok, JSON.stringify(verified));
      } finally {
        await processes.stopAll();
        await run("umount", [disk]);
      }
    });
  },
});

Deno.test({
  name:
    "R11 a folder that turns read-only refuses payments; writable again the node goes on by itself",
  ignore: !canFreeze,
  async fn() {
    await withNodeProcesses(async (processes) => {
      const founding = ["-b", "-n", "1", "--empty-blocks", "--difficulty", "1"];
      const node = await processes.start("node-0", founding).ready();
      const folder = `${processes.folder}/node-0`;
      const token = readToken(folder) as string;
      const pay = () => askNode(node, "/payments", { body: { to: "id0", amount: 1 }, token });
      const paid = await pay();
      assert.equal(paid.status, 202);
      // All but the index of the log, which is shared memory: a write to that would end the process.
      const frozen = [folder, `${folder}/chain.db`, `${folder}/chain.db-wal`];
      try {
        assert(await run("chattr", ["+i", ...frozen]));
        const status = await untilAnswer(
          async () => (await askNode(node, "/status")).json,
          ({ warnings }) => warnings.length > 0,
        );
        await assertSaysSo(node, status.warnings);
        assert.equal(status.phase, "ready");
        const refused = await pay();
        assert.equal(refused.status, 503);
        assert.equal(refused.json.error.code, "store-failed");
        assert.equal((await askNode(node, "/audit")).json.supply, 100);

        assert(await run("chattr", ["-i", ...frozen]));
        const again = await untilAnswer(
          async () => (await askNode(node, "/status")).json,
          ({ warnings, chain }) => warnings.length === 0 && chain.height > status.chain.height,
        );
        assert.equal(again.phase, "ready");
        assert.equal((await pay()).status, 202);
        await untilAnswer(
          () => askNode(node, `/transactions/${paid.json.txid}`),
          ({ json }) => json.state === "confirmed",
        );
        assert.equal((await node.stop()).code, 0);
        const verified = await verifyChain({ dataDir: folder }, { threads: 1 });
        assert(verified.ok, JSON.stringify(verified));
      } finally {
        await run("chattr", ["-i", ...frozen]);
      }
    });
  },
});

Deno.test("R11 a database that somebody else holds is waited for; told to stop, a node stops", async () => {
  await withNodeProcesses(async (processes) => {
    const founding = ["-b", "-n", "1", "--empty-blocks", "--difficulty", "3"];
    const node = await processes.start("node-0", founding).ready();
    const untilSick = async (isSick: boolean) =>
      await untilAnswer(
        async () => (await askNode(node, "/status")).json,
        ({ warnings }) => (warnings.length > 0) === isSick,
      );
    const token = readToken(`${processes.folder}/node-0`) as string;
    const pay = () => askNode(node, "/payments", { body: { to: "id0", amount: 1 }, token });
    const other = new DatabaseSync(`${processes.folder}/node-0/chain.db`);
    try {
      other.exec("PRAGMA busy_timeout = 30000");
      other.exec("BEGIN IMMEDIATE");
      await untilSick(true);
      const refused = await pay();
      assert.equal(refused.status, 503);
      assert.equal(refused.json.error.code, "store-failed");
      other.exec("ROLLBACK");
      await untilSick(false);
      const paid = await pay();
      assert.equal(paid.status, 202);
      await untilAnswer(
        () => askNode(node, `/transactions/${paid.json.txid}`),
        ({ json }) => json.state === "confirmed",
      );
      other.exec("BEGIN IMMEDIATE");
      await untilSick(true);
      const { code, stderr } = await node.stop();
      assert.equal(code, 0, stderr);
    } finally {
      other.close();
    }
  });
});

Deno.test({
  name: "R05 a read-only folder is refused with one line",
  ignore: !canMount,
  async fn() {
    await withNodeProcesses(async (processes) => {
      const disk = `${processes.folder}/disk`;
      await Deno.mkdir(disk);
      assert(await mount(disk, "size=1m,ro"));
      try {
        const { code, stderr } = await processes.start("disk/node-0", ["-b", "-n", "1"]).exited;
        assert.equal(code, 1);
        assert.match(
          stderr,
          /^Cannot open the data folder ".*": got ".*", wanted a working disk\n$/,
        );
      } finally {
        await run("umount", [disk]);
      }
    });
  },
});
