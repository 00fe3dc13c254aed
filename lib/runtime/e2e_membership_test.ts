import assert from "node:assert/strict";
import { readToken } from "../store/data_folder.ts";
import { freePort } from "../testing/free_port.ts";
import {
  askNode,
  type NodeProcess,
  untilAnswer,
  withNodeProcesses,
} from "../testing/spawned_node.ts";

Deno.test("N10 a network of one node starts, pays itself and mines", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1) as [NodeProcess];
    assert.equal(node.id, 0);
    const token = readToken(`${processes.folder}/node-0`) as string;
    const paid = await askNode(node, "/payments", { body: { to: 0, amount: 5 }, token });
    assert.equal(paid.status, 202, JSON.stringify(paid.json));
    await untilAnswer(() => heightOf(node), (height) => height === 1);
    assert.deepEqual(await confirmedOf(node), [100]);
  });
});

Deno.test("N02 N05 N10 networks of two and of five nodes: ids dense, 100 confirmed NBC each", async () => {
  for (const { count, args } of [{ count: 2, args: [] }, { count: 5, args: ["--strict"] }]) {
    await withNodeProcesses(async (processes) => {
      const nodes = await processes.network(count, args);
      assert.deepEqual(nodes.map((node) => node.id).sort(), Array.from(nodes.keys()));
      const rings = await Promise.all(nodes.map(async (node) => {
        const { json } = await askNode(node, "/ring");
        return json.nodes.map((each: { wallet: unknown }) => JSON.stringify(each.wallet));
      }));
      for (const ring of rings) assert.deepEqual(ring, rings[0]);
      for (const node of nodes) {
        await untilAnswer(
          () => confirmedOf(node),
          (all) => all.length === count && all.every((coins) => coins === 100),
        );
      }
    });
  }
});

Deno.test("N01 N03 a node that joins again keeps its id, one too many is refused", async () => {
  await withNodeProcesses(async (processes) => {
    const [first, second] = await processes.network(2) as [NodeProcess, NodeProcess];
    assert.equal((await second.stop()).code, 0);
    const again = processes.start("node-1", ["--bootstrap-url", first.url]);
    await again.ready();
    assert.equal(again.id, 1);

    const third = processes.start("node-2", ["--bootstrap-url", first.url]);
    const { code, stderr } = await third.exited;
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot join: all 2 places of the ring are taken\n$/);
    const { json } = await askNode(first, "/ring");
    assert.equal(json.nodes.length, 2);
  });
});

Deno.test("N06 N09 a node waits for a bootstrap node that comes later, and says so", async () => {
  await withNodeProcesses(async (processes) => {
    const port = freePort();
    const url = `http://127.0.0.1:${port}`;
    const early = await processes.start("node-1", ["--bootstrap-url", url, "--log-level", "info"])
      .until((node) => node.stderr.includes("Waiting for the bootstrap node"), "waits");
    const token = readToken(`${processes.folder}/node-1`) as string;
    const refused = await askNode(early, "/payments", { body: { to: 0, amount: 5 }, token });
    assert.equal(refused.status, 503);
    assert.equal(refused.json.error.code, "not-ready");

    const late = processes.start("node-0", [
      "-b",
      "-n",
      "2",
      "--difficulty",
      "2",
      "--port",
      `${port}`,
    ]);
    await Promise.all([early.ready(), late.ready()]);
    assert.deepEqual([early.id, late.id], [1, 0]);
  });
});

Deno.test("N07 flags that contradict the network are refused, and the flag is named", async () => {
  await withNodeProcesses(async (processes) => {
    const first = await processes.start("node-0", ["-b", "-n", "3", "-c", "7"]).listening();
    const cases = [
      [["--capacity", "5"], /got --capacity 5, wanted 7/],
      [["--difficulty", "4.5"], /got --difficulty 4.5, wanted 4/],
      [["--nodes", "4"], /got --nodes 4, wanted 3/],
      [["--strict"], /got --strict true, wanted false/],
      [["--fork-choice", "ghost"], /got --fork-choice ghost, wanted most-work/],
      [["--difficulty-adjustment", "lwma"], /got --difficulty-adjustment lwma, wanted none/],
    ] as const;
    await Promise.all(cases.map(async ([args, text], index) => {
      const other = processes.start(`other-${index}`, ["--bootstrap-url", first.url, ...args]);
      const { code, stderr } = await other.exited;
      assert.equal(code, 1);
      assert.match(stderr, text);
      // A busy machine may let it wait before it is told.
      const lines = stderr.trim().split("\n").filter((line) => !line.includes("Still waiting"));
      assert.equal(lines.length, 1, stderr);
    }));
  });
});

Deno.test("N08 an advertised address that does not lead here is an error in the log", async () => {
  await withNodeProcesses(async (processes) => {
    const first = await processes.start("node-0", ["-b", "-n", "2"]).listening();
    const wrong = `127.0.0.1:${freePort()}`;
    const args = ["--bootstrap-url", first.url, "--advertise", wrong];
    const other = await processes.start("node-1", args)
      .until((node) => node.stderr.includes("--advertise"), "complains");
    assert.match(other.stderr, /does not reach this node at its advertised address/);
    assert.equal((await askNode(first, "/ring")).json.nodes.length, 1);
  });
});

Deno.test("a join token is wanted, taken from flag, file or environment, and not logged", async () => {
  await withNodeProcesses(async (processes) => {
    const secret = "a-shared-secret-of-the-fleet";
    const file = `${processes.folder}/token-file`;
    await Deno.writeTextFile(file, `${secret}\n`);
    const founding = ["-b", "-n", "3", "--difficulty", "2", "--log-level", "debug"];
    const first = await processes.start("node-0", [...founding, "--join-token", secret])
      .listening();
    const join = ["--bootstrap-url", first.url, "--log-level", "debug"];

    const { code, stderr } = await processes.start("stranger", join).exited;
    assert.equal(code, 1);
    assert.match(stderr, /the join token is not the fleet/);

    const second = processes.start("node-1", [...join, "--join-token-file", file]);
    const third = processes.start("node-2", join, { NOOBCASH_JOIN_TOKEN: secret });
    const nodes = await Promise.all([first, second, third].map((node) => node.ready()));
    for (const node of nodes) {
      assert(!node.stderr.includes(secret) && !JSON.stringify(node.lines).includes(secret));
    }
  });
});

Deno.test("an observer follows the chain without a place in the ring", async () => {
  await withNodeProcesses(async (processes) => {
    const [first] = await processes.network(2) as [NodeProcess];
    const observer = processes.start("observer", ["--observer", "--bootstrap-url", first.url]);
    await observer.ready();
    assert.equal(observer.id, null);
    await untilAnswer(
      async () => (await askNode(observer, "/status")).json.chain,
      (chain) => chain?.height === 1,
    );
    await untilAnswer(() => confirmedOf(observer), (all) => all.join() === "100,100");
  });
});

Deno.test("an observer is let in by any member, without the bootstrap node, and again after a restart", async () => {
  await withNodeProcesses(async (processes) => {
    const [founder, member] = await processes.network(2) as [NodeProcess, NodeProcess];
    await founder.stop("SIGKILL");
    const args = ["--observer", "--bootstrap-url", member.url];
    const observer = await processes.start("observer", args).ready();
    await untilAnswer(() => heightOf(observer), (height) => height === 1);
    await untilAnswer(() => askNode(observer, "/ring"), ({ json }) => json.nodes.length === 2);

    await observer.stop();
    const again = await processes.start("observer", args).ready();
    const token = readToken(`${processes.folder}/node-1`) as string;
    const paid = await askNode(member, "/payments", { body: { to: 0, amount: 5 }, token });
    assert.equal(paid.status, 202, JSON.stringify(paid.json));
    await untilAnswer(() => heightOf(again), (height) => height === 2);
  });
});

async function heightOf(node: NodeProcess): Promise<number> {
  return (await askNode(node, "/status")).json.chain.height;
}

async function confirmedOf(node: NodeProcess): Promise<number[]> {
  const { json } = await askNode(node, "/balances");
  return json.balances.map((balance: { confirmed: number }) => balance.confirmed);
}
