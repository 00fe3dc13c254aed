import assert from "node:assert/strict";
import { readToken } from "../store/data_folder.ts";
import { freePort } from "../testing/free_port.ts";
import {
  askNode,
  type NodeProcess,
  type NodeProcesses,
  untilAnswer,
  withNodeProcesses,
} from "../testing/spawned_node.ts";

Deno.test("R08 a port in use ends the node with one line and changes nothing on disk", async () => {
  await withNodeProcesses(async (processes) => {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr;
    const { code, stderr } = await processes.start("node-0", ["-b", "--port", `${port}`]).exited;
    listener.close();
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `Cannot listen: got port ${port} of 127.0.0.1, which is in use, wanted a free one (--port)\n`,
    );
    assert.throws(() => Deno.statSync(`${processes.folder}/node-0`), Deno.errors.NotFound);
  });
});

Deno.test("R08 bad flags end the node with exit code 2 and a reason", async () => {
  await withNodeProcesses(async (processes) => {
    const cases: [string[], RegExp][] = [
      [["--prot", "5"], /unknown option '--prot'\n\(Did you mean --port\?\)/],
      [["-b", "--observer"], /got --bootstrap and --observer, wanted one of them/],
      [["-b", "--bootstrap-url", "http://h:1"], /got --bootstrap and --bootstrap-url, wanted one/],
      [["-n", "0"], /got "0", wanted a whole number of 1 to 10000/],
      [["-c", "1.5"], /got "1.5", wanted a whole number/],
      [["--difficulty", "-4"], /got "-4", wanted a number/],
      [["--block-wait", "soon"], /got "soon", wanted a duration such as 500ms/],
      [["--hash-rate-limit", "fast"], /got "fast", wanted a hash rate such as 100kH\/s/],
      [["--bootstrap-url", "ftp://x"], /got "ftp:\/\/x", wanted http:\/\/host:port/],
      [["--advertise", "a b"], /got "a b", wanted a host, host:port or http:\/\/host:port/],
      [["--log-level", "loud"], /Allowed choices are debug, info, warning, error/],
    ];
    await Promise.all(cases.map(async ([args, text], index) => {
      const { code, stderr } = await processes.start(`node-${index}`, args).exited;
      assert.equal(code, 2, stderr);
      assert.match(stderr, text);
    }));
  });
});

Deno.test("every option can come from the environment", async () => {
  await withNodeProcesses(async (processes) => {
    const node = processes.start("node-0", [], {
      NOOBCASH_BOOTSTRAP: "1",
      NOOBCASH_NODES: "1",
      NOOBCASH_CAPACITY: "3",
      NOOBCASH_DIFFICULTY: "1.5",
      NOOBCASH_BLOCK_WAIT: "250ms",
      NOOBCASH_STRICT: "true",
      NOOBCASH_EMPTY_BLOCKS: "false",
      NOOBCASH_REWARD: "7",
      NOOBCASH_NO_MINE: "1",
      NOOBCASH_PORT: "0",
    });
    await node.ready();
    const { params, mining } = (await askNode(node, "/status")).json;
    const { nodes, capacity, difficulty, blockWaitMs, strict, emptyBlocks, reward } = params;
    assert.deepEqual(
      { nodes, capacity, difficulty, blockWaitMs, strict, emptyBlocks, reward },
      {
        nodes: 1,
        capacity: 3,
        difficulty: 1.5,
        blockWaitMs: 250,
        strict: true,
        emptyBlocks: false,
        reward: 7,
      },
    );
    assert.equal(mining.enabled, false);
  });
});

Deno.test("SIGTERM, SIGINT and the end of the parent stop a mining node within two seconds", async () => {
  await withNodeProcesses(async (processes) => {
    const founding = ["-b", "-n", "1", "--empty-blocks", "--difficulty", "8", "--exit-with-parent"];
    const endings: [string, (node: NodeProcess) => Promise<void> | void][] = [
      ["term", (node) => node.signal("SIGTERM")],
      ["int", (node) => node.signal("SIGINT")],
      ["stdin", (node) => node.closeStdin()],
    ];
    for (const [name, end] of endings) {
      // A machine that does ten other things may hold a process up: one of three tries has to do.
      const tooksMs: number[] = [];
      for (let attempt = 1; attempt <= 3 && !tooksMs.some((ms) => ms < 2000); attempt++) {
        const node = await processes.start(`${name}-${attempt}`, founding).ready();
        const listening = await fetch(`${node.url}/api/v1/events`);
        const startedAtMs = performance.now();
        await end(node);
        const { code } = await node.exited;
        tooksMs.push(performance.now() - startedAtMs);
        await listening.body?.cancel().catch(() => {});
        assert.equal(code, 0);
        assert.deepEqual(node.lines.at(-1), { event: "stopped", code: "stopped", text: "Stopped" });
      }
      assert(Math.min(...tooksMs) < 2000, `Took ${tooksMs} ms after ${name}`);
    }
  });
});

Deno.test("two processes on one data folder: the second is refused", async () => {
  await withNodeProcesses(async (processes) => {
    await processes.start("node-0", ["-b", "-n", "1"]).ready();
    const { code, stderr } = await processes.start("node-0", ["-b", "-n", "1"]).exited;
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot use the data folder ".*": got one that process \d+ works in/);
  });
});

Deno.test("a node that starts again on its folder goes on, other flags are refused", async () => {
  await withNodeProcesses(async (processes) => {
    const [node] = await processes.network(1) as [NodeProcess];
    await payFrom(processes, node, { name: "node-0", to: 0, amount: 7 });
    const before = await untilAnswer(() => statusOf(node), ({ chain }) => chain.height === 1);
    await node.stop();

    const other = await processes.start("node-0", ["-b", "-n", "2"]).exited;
    assert.equal(other.code, 2);
    assert.match(other.stderr, /got --nodes 2, wanted 1 as the network has it/);

    const again = await processes.start("node-0", []).ready();
    const after = await statusOf(again);
    assert.equal(after.role, "bootstrap");
    assert.equal(after.publicKey, before.publicKey);
    assert.equal(after.chain.tipHash, before.chain.tipHash);
  });
});

Deno.test("R01 R03 a killed node comes back with id, keys and payments and catches up", async () => {
  await withNodeProcesses(async (processes) => {
    const [first, second, third] = await processes.network(3) as [
      NodeProcess,
      NodeProcess,
      NodeProcess,
    ];
    const victim = second.id as number;
    const keys = second.lines[0]?.publicKey;
    await payFrom(processes, second, { name: "node-1", to: 0, amount: 9 });
    await second.stop("SIGKILL");

    for (let count = 0; count < 5; count++) {
      await payFrom(processes, first, { name: "node-0", to: third.id as number, amount: 1 });
    }
    await untilAnswer(() => balancesOf(first), (all) => all[third.id as number] === 105);

    const again = await processes.start("node-1", ["--bootstrap-url", first.url]).ready();
    assert.equal(again.id, victim);
    assert.equal(again.lines[0]?.publicKey, keys);
    for (const node of [first, again, third]) {
      await untilAnswer(
        () => balancesOf(node),
        (all) => all[0] === 104 && all[victim] === 91 && all[third.id as number] === 105,
      );
    }
    await sameTip([first, again, third]);
  });
});

Deno.test("R02 a peer that hangs holds up neither payments nor blocks nor the others", async () => {
  await withNodeProcesses(async (processes) => {
    const [first, second, third] = await processes.network(3) as [
      NodeProcess,
      NodeProcess,
      NodeProcess,
    ];
    third.signal("SIGSTOP");
    const tooksMs: number[] = [];
    while (tooksMs.length < 3 && !tooksMs.some((ms) => ms < 2000)) {
      const startedAtMs = performance.now();
      await payFrom(processes, first, { name: "node-0", to: second.id as number, amount: 3 });
      tooksMs.push(performance.now() - startedAtMs);
    }
    assert(Math.min(...tooksMs) < 2000, `Took ${tooksMs} ms`);
    const paid = 100 + 3 * tooksMs.length;
    await untilAnswer(() => balancesOf(second), (all) => all[second.id as number] === paid);
    third.signal("SIGCONT");
    await untilAnswer(() => balancesOf(third), (all) => all[second.id as number] === paid);
    await sameTip([first, second, third]);
  });
});

Deno.test("R04 the network goes on without its bootstrap node, which comes back", async () => {
  await withNodeProcesses(async (processes) => {
    const [first, second, third] = await processes.network(3) as [
      NodeProcess,
      NodeProcess,
      NodeProcess,
    ];
    await first.stop("SIGKILL");
    await payFrom(processes, second, { name: "node-1", to: third.id as number, amount: 20 });
    await untilAnswer(() => balancesOf(third), (all) => all[third.id as number] === 120);

    const again = await processes.start("node-0", ["-b"]).ready();
    await untilAnswer(() => balancesOf(again), (all) => all[third.id as number] === 120);
    await sameTip([again, second, third]);
  });
});

Deno.test("N04 the bootstrap node is killed around its payouts: everybody has 100 NBC, once", async () => {
  await withNodeProcesses(async (processes) => {
    for (const [round, phase] of ["waiting-for-ring", "starting-up", "ready"].entries()) {
      const name = (index: number) => `round-${round}-${index}`;
      const founding = ["-b", "-n", "3", "--difficulty", "2", "--port", `${freePort()}`];
      const first = await processes.start(name(0), founding).listening();
      const others = [1, 2].map((index) =>
        processes.start(name(index), ["--bootstrap-url", first.url])
      );
      await first.until(({ lines }) => lines.some((line) => line.phase === phase), `is ${phase}`);
      await first.stop("SIGKILL");

      const again = processes.start(name(0), founding);
      const nodes = await Promise.all([again, ...others].map((node) => node.ready()));
      await sameTip(nodes);
      for (const node of nodes) assert.deepEqual(await balancesOf(node), [100, 100, 100]);
      await Promise.all(nodes.map((node) => node.stop()));
    }
  });
});

Deno.test("injected latency and loss slow the network down and break nothing", async () => {
  await withNodeProcesses(async (processes) => {
    const faults = ["--link-latency", "30ms", "--link-loss", "10%"];
    const first = await processes.start("node-0", ["-b", "-n", "3", "--difficulty", "2", ...faults])
      .listening();
    const others = [1, 2].map((index) =>
      processes.start(`node-${index}`, ["--bootstrap-url", first.url, ...faults])
    );
    const nodes = await Promise.all([first, ...others].map((node) => node.ready()));
    await payFrom(processes, first, { name: "node-0", to: 1, amount: 10 });
    for (const node of nodes) {
      await untilAnswer(() => balancesOf(node), (all) => all[0] === 90 && all[1] === 110);
    }
    await sameTip(nodes);
  });
});

// deno-lint-ignore no-explicit-any -- a test looks at what it expects
async function statusOf(node: NodeProcess): Promise<any> {
  return (await askNode(node, "/status")).json;
}

async function balancesOf(node: NodeProcess): Promise<number[]> {
  const { json } = await askNode(node, "/balances");
  return json.balances.map((balance: { confirmed: number }) => balance.confirmed);
}

async function payFrom(
  processes: NodeProcesses,
  node: NodeProcess,
  { name, to, amount }: { readonly name: string; readonly to: number; readonly amount: number },
): Promise<void> {
  const token = readToken(`${processes.folder}/${name}`) as string;
  const { status, json } = await askNode(node, "/payments", { body: { to, amount }, token });
  assert.equal(status, 202, JSON.stringify(json));
}

/** Waits until all have the same tip and nothing waits. */
async function sameTip(nodes: readonly NodeProcess[]): Promise<void> {
  await untilAnswer(
    () => Promise.all(nodes.map(async (node) => (await statusOf(node)).chain)),
    (chains) =>
      chains.every((chain) =>
        chain.tipHash === chains[0].tipHash && chain.transactionsWaiting === 0
      ),
  );
}
