import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { testEnvironment } from "../testing/test_environment.ts";
import { workloadFileName } from "../workload/workload_file.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const MAIN = new URL("../../main.ts", import.meta.url).href;
const DEADLINE_MS = 60_000;

Deno.test("cluster --replay --exit --json prints one object in which every coin and line is accounted for", async () => {
  await withWorkload(
    ["id1 60\r\nid1 50\r\nbob 1\r\nid1 -2", "id0 1\r\nid7 1\r\nid0 30\r\n"],
    async (folder) => {
      const { code, stdout, stderr } = await run([
        ...["cluster", "--nodes", "2", "--capacity", "3", "--difficulty", "2"],
        ...["--block-wait", "100ms", "--replay", folder, "--exit", "--json"],
      ]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /transactions0.txt:3: got "bob 1"/);
      assert.match(stderr, /transactions0.txt:4: got "id1 -2"/);

      const outcome = JSON.parse(stdout);
      const { rejected } = outcome;
      assert.deepEqual(
        [outcome.nodes, outcome.capacity, outcome.difficulty, outcome.offered],
        [2, 3, 2, 7],
      );
      assert.deepEqual(
        Object.keys(rejected).sort(),
        [
          "amount-malformed",
          "insufficient-funds",
          "receiver-malformed",
          "wallet-unknown",
        ].filter((name) => name in rejected).sort(),
      );
      const refused = Object.values<number>(rejected).reduce((a, b) => a + b, 0);
      assert.equal(outcome.accepted + refused, 7);
      assert.equal(outcome.confirmed, outcome.accepted);
      assert.deepEqual(outcome.supply, [200, 200]);
      assert.equal(outcome.balances[0] + outcome.balances[1], 200);
      assert.equal(outcome.converged, true);
      assert.equal(new Set(outcome.tips).size, 1);
      for (const key of ["blocks", "reorgs", "seconds", "txPerSecond", "hashRateImplied"]) {
        assert.equal(typeof outcome[key], "number", key);
      }
    },
  );
});

Deno.test("cluster --load pays round the ring out of small wallets, and takes its counts from the chain", async () => {
  const { code, stdout, stderr } = await run([
    ...["cluster", "--nodes", "2", "--capacity", "20", "--difficulty", "2", "--coins", "40"],
    ...["--block-wait", "50ms", "--load", "2s", "--exit", "--json"],
  ]);
  assert.equal(code, 0, stderr + stdout);
  const outcome = JSON.parse(stdout);
  assert(outcome.accepted > 100, stdout);
  assert.deepEqual(
    [outcome.offered, outcome.confirmed, outcome.converged],
    [outcome.accepted, outcome.accepted, true],
  );
  assert.deepEqual(outcome.supply, [80, 80]);
  assert(outcome.signatureBound > 0);
  for (const stage of ["accepted", "relayed", "confirmed"]) {
    const { p50, p90, p99, p999 } = outcome.latencyMs[stage];
    assert(p50 >= 0 && p50 <= p90 && p90 <= p99 && p99 <= p999, stage);
  }
  assert(Math.abs(outcome.shareOfBound - outcome.txPerSecond / outcome.signatureBound) < 1e-9);
});

Deno.test("cluster refuses what it cannot do, or was told for nothing", async () => {
  for (
    const [args, text] of [
      [["--nodes", "1", "--load", "5s"], /got a single node/],
      [["--load", "5ms"], /got 5 ms/],
      [["--load", "5s", "--replay", "x"], /got --replay, too/],
      [["--load", "5s", "--retry"], /got --retry and no lines/],
      [["--rate", "5"], /got --rate and nothing to send/],
      [["--concurrency", "5"], /got --concurrency and nothing to send/],
    ] as const
  ) {
    const { code, stderr } = await run(["cluster", ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, text);
  }
});

Deno.test("cluster leaves no process behind when it is killed", async () => {
  const { child, pids, dataDirs } = await startCluster();
  child.kill("SIGKILL");
  await child.status;
  await Promise.all(pids.map(untilGone));

  // What a killed process cannot tidy up.
  Deno.removeSync(dirname(dataDirs[0] as string), { recursive: true });
});

Deno.test("cluster stops every node and removes its data on SIGINT", async () => {
  const { child, pids, dataDirs } = await startCluster();
  child.kill("SIGINT");
  const { code } = await child.status;
  assert.equal(code, 0);
  for (const pid of pids) assert.equal(await isAlive(pid), false);
  for (const dataDir of dataDirs) assert.throws(() => Deno.statSync(dataDir), Deno.errors.NotFound);
});

Deno.test("cluster refuses a workload that lacks a node's file", async () => {
  await withWorkload(["id1 1"], async (folder) => {
    const { code, stderr } = await run(["cluster", "--nodes", "2", "--replay", folder, "--exit"]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /Cannot read ".*transactions1.txt": there is no such file.*\(--nodes 1 would do\)/,
    );
  });
});

Deno.test("P04 replay pays a running node's file and accounts for every line", async () => {
  const { child, ports, dataDirs } = await startCluster();
  try {
    const own = (index: number) => [
      ...["replay", "-p", String(ports[index]), "--data-dir", dataDirs[index] as string, "--json"],
    ];
    await withWorkload(["id1 10\r\nid1 999\r\n", "id0 5\r\nid0 x\r\n0 1"], async (folder) => {
      const { code, stdout, stderr } = await run([...own(1), "-d", folder]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /transactions1.txt:2: got "id0 x"/);
      const { node, offered, accepted, confirmed, rejected } = JSON.parse(stdout);
      assert.deepEqual({ node, offered, accepted, confirmed, rejected }, {
        node: 1,
        offered: 3,
        accepted: 2,
        confirmed: 2,
        rejected: { "amount-malformed": 1 },
      });

      // An impossible line is not waited for.
      const patient = await run([...own(0), "-d", folder, "--retry"]);
      assert.equal(patient.code, 0, patient.stderr);
      assert.deepEqual(JSON.parse(patient.stdout).rejected, { "insufficient-funds": 1 });

      const noToken = await run(["replay", "-p", String(ports[0]), "-d", folder, "--json"]);
      assert.equal(noToken.code, 1);
      assert.deepEqual(JSON.parse(noToken.stdout).rejected, { "token-missing": 2 });
    });
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
});

Deno.test("P06 replay tells usage errors and unreachable nodes apart", async () => {
  assert.equal((await run(["replay", "-p", "1"])).code, 2);
  assert.equal((await run(["replay", "-p", "1", "-d", "/nowhere"])).code, 3);
});

async function startCluster() {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...PERMISSION_FLAGS,
      MAIN,
      "cluster",
      "--nodes",
      "2",
      "--difficulty",
      "2",
      "--json",
    ]
      .concat("--block-wait", "100ms"),
    env: testEnvironment(),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The cluster ended after ${JSON.stringify(text)}`);
    text += value;
  }
  await reader.cancel();
  const { ring } = JSON.parse(text) as {
    readonly ring: readonly { pid: number; url: string; dataDir: string; balance: number }[];
  };
  assert.deepEqual(ring.map(({ balance }) => balance), [100, 100]);
  return {
    child,
    pids: ring.map(({ pid }) => pid),
    ports: ring.map(({ url }) => Number(new URL(url).port)),
    dataDirs: ring.map(({ dataDir }) => dataDir),
  };
}

async function run(args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, MAIN, ...args],
    env: testEnvironment(),
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function untilGone(pid: number): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (await isAlive(pid)) {
    assert(performance.now() < deadlineMs, `Process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A process that has ended but was not waited for by anybody counts as gone. */
async function isAlive(pid: number): Promise<boolean> {
  if (Deno.build.os === "linux") {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") Z");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  }
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] })
    .output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

async function withWorkload(
  texts: readonly string[],
  act: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-workload-" });
  try {
    for (const [id, text] of texts.entries()) {
      Deno.writeTextFileSync(join(folder, workloadFileName(id)), text);
    }
    await act(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
