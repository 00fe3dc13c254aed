import assert from "node:assert/strict";
import { join } from "node:path";
import { createApiClient } from "../client/api_client.ts";
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

Deno.test("R01 a network of other rules goes on by them after kill -9, and refuses who contradicts them", async () => {
  await withNodeProcesses(async (processes) => {
    const rules = ["--fork-choice", "ghost", "--difficulty-adjustment", "window"];
    const tempo = ["--block-interval", "200", "--adjustment-window", "2"];
    const founding = ["-b", "-n", "2", "-c", "1", "--difficulty", "2", "--empty-blocks"];
    const founder = await processes.start("node-0", [...founding, ...rules, ...tempo]).listening();
    const joining = ["--bootstrap-url", founder.url];
    const member = processes.start("node-1", [...joining, ...rules]);
    await Promise.all([founder.ready(), member.ready()]);
    const clientOf = (node: NodeProcess) => createApiClient({ url: node.url });
    const statusOf = async (node: NodeProcess) => (await askNode(node, "/status")).json;
    const chosen = ({ params }: { params: Record<string, unknown> }) => [
      params["forkChoice"],
      params["difficultyAdjustment"],
      params["blockIntervalMs"],
      params["adjustmentWindow"],
    ];
    // Long enough for the target to have moved: the blocks after the restart depend on those before.
    const before = await untilAnswer(() => statusOf(member), ({ chain }) => chain?.height >= 12);
    assert.deepEqual(chosen(before), ["ghost", "window", 200, 2]);
    await member.stop("SIGKILL");

    const again = await processes.start("node-1", rules).ready();
    const after = await untilAnswer(
      () => statusOf(again),
      ({ chain }) => chain.height >= before.chain.height + 12,
    );
    assert.deepEqual(chosen(after), ["ghost", "window", 200, 2]);
    // Both have one branch: below the last few blocks they name the same hashes.
    const height = after.chain.height - 6;
    const blocks = await untilAnswer(
      () => Promise.all([founder, again].map((node) => clientOf(node).block(String(height)))),
      ([one, other]) =>
        one?.ok === true && other?.ok === true && one.value.hash === other.value.hash,
    );
    const genesis = await clientOf(again).block("0");
    const [block] = blocks;
    assert(block?.ok && genesis.ok);
    assert.notEqual(block.value.target, genesis.value.target);

    await again.stop("SIGKILL");
    const other = processes.start("node-1", ["--fork-choice", "longest"]);
    const { code, stderr } = await other.exited;
    assert.equal(code, 2, stderr);
    assert.match(stderr, /--fork-choice/);
  });
});

Deno.test("R12 a payment retried under one key is paid once, also across kill -9", async () => {
  await withNodeProcesses(async (processes) => {
    const founding = ["-b", "-n", "1", "-c", "1", "--difficulty", "1"];
    const first = await processes.start("node-0", founding).ready();
    const token = readToken(`${processes.folder}/node-0`) as string;
    const clientOf = (node: NodeProcess) => createApiClient({ url: node.url, token });
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`.replace(" ", "-"));
    const paid = new Map<string, string>();
    for (const key of keys.slice(0, 10)) {
      const answer = await clientOf(first).pay("id0", 2, key);
      assert(answer.ok);
      paid.set(key, answer.value.txid);
    }
    // These are on their way when the power goes; some are paid, and nobody hears of it.
    const lost = keys.slice(10).map((key) => clientOf(first).pay("id0", 2, key));
    await Promise.race(lost);
    await first.stop("SIGKILL");
    for (const [index, answer] of (await Promise.all(lost)).entries()) {
      if (answer.ok) paid.set(keys[10 + index] as string, answer.value.txid);
    }

    const again = await processes.start("node-0", []).ready();
    for (const key of keys) {
      const answer = await clientOf(again).pay("id0", 2, key);
      assert(answer.ok, JSON.stringify(answer));
      if (paid.has(key)) assert.equal(answer.value.txid, paid.get(key));
      paid.set(key, answer.value.txid);
    }
    assert.equal(new Set(paid.values()).size, keys.length);
    const history = await untilAnswer(
      async () => {
        const answer = await clientOf(again).history({ limit: 100 });
        return answer.ok ? answer.value.entries : [];
      },
      (entries) => entries.length > 0 && entries.every(({ state }) => state === "confirmed"),
    );
    const payments = history.filter(({ transaction }) => transaction.amount === 2);
    assert.equal(payments.length, keys.length);
  });
});
