import assert from "node:assert/strict";
import { askNode, untilAnswer, withNodeProcesses } from "../testing/spawned_node.ts";

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

Deno.test({
  name:
    "R05 a full disk stops the node with a reason; with room again it goes on from a whole state",
  ignore: !canMount,
  async fn() {
    await withNodeProcesses(async (processes) => {
      const disk = `${processes.folder}/disk`;
      await Deno.mkdir(disk);
      assert(await mount(disk, "size=1m"));
      try {
        const founding = ["-b", "-n", "1", "--empty-blocks", "--difficulty", "1"];
        const { code, stderr } = await processes.start("disk/node-0", founding).exited;
        assert.equal(code, 4);
        assert.match(stderr, /^Cannot write to the database: got "database or disk is full"/m);

        assert(await run("mount", ["-o", "remount,size=64m", disk]));
        const again = await processes.start("disk/node-0", ["--no-mine"]).ready();
        const audit = await untilAnswer(
          async () => (await askNode(again, "/audit")).json,
          (answer) => answer.height > 0,
        );
        assert.equal(audit.supply, 100);
        assert.equal((await again.stop()).code, 0);
      } finally {
        await processes.stopAll();
        await run("umount", [disk]);
      }
    });
  },
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
