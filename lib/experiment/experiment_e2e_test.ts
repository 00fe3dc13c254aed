import assert from "node:assert/strict";
import { join } from "node:path";
import { testEnvironment } from "../testing/test_environment.ts";
import { readExperiment, readRuns, writeExperiment } from "./experiment_folder.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

const MAIN = new URL("../../main.ts", import.meta.url).href;

Deno.test("experiment measures real networks, resumes what is missing and leaves the rest alone", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-experiment-" });
  try {
    const out = join(folder, "out");
    const first = await run([
      ...["experiment", "--nodes", "2", "--capacity", "2,4"],
      ...["--difficulty", "2", "--repeat", "1", "--lines", "8", "--out", out, "--json"],
    ]);
    assert.equal(first.code, 0, first.stderr);
    assert.equal(JSON.parse(first.stdout).report, join(out, "report.html"));
    assert(Deno.statSync(join(out, "report.html")).size > 10_000);

    const runs = readRuns(out);
    assert(runs.ok);
    assert.deepEqual(runs.value.map(({ run }) => [run.cell.capacity, run.invalid]), [
      [2, []],
      [4, []],
    ]);
    for (const { run, transactions, blocks } of runs.value) {
      assert.equal(transactions.length, 16);
      // Either node may find every block, the other one's thread never having had a turn.
      assert(blocks.length > 0 && run.nodes.some(({ hashes }) => hashes > 0));
      assert(run.nodes.every(({ messagesSent, cpuMs }) => messagesSent > 0 && cpuMs !== 0));
      assert.deepEqual(run.nodes.map(({ supply }) => supply), [200, 200]);
      assert((run.load.limitPerSecond ?? 0) > 0);
    }

    const again = await run(["experiment", "--out", out]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /got an experiment that is there, wanted --resume/);

    const kept = join(out, "runs", "n2-c2-d2", "0", "run.json");
    const keptText = Deno.readTextFileSync(kept);
    Deno.removeSync(join(out, "runs", "n2-c4-d2"), { recursive: true });
    const resumed = await run(["experiment", "--out", out, "--resume"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(Deno.readTextFileSync(kept), keptText);
    assert(!resumed.stderr.includes("n2-c2-d2") && resumed.stderr.includes("n2-c4-d2"));

    const compared = await run(["report", "compare", out, out, "--json"]);
    assert.equal(compared.code, 0, compared.stderr);
    const { figures } = JSON.parse(compared.stdout);
    assert(figures.length > 0);
    for (const { ratio, verdict } of figures) {
      assert(ratio === 1 || ratio === null);
      assert.equal(verdict, "single runs");
    }

    const extended = await run(["experiment", "--out", out, "--resume", "--repeat", "2"]);
    assert.equal(extended.code, 0, extended.stderr);
    assert.equal(Deno.readTextFileSync(kept), keptText);
    const record = readExperiment(out);
    assert(record.ok && record.value?.plan.repeats === 2);
    assert.match(record.value.command, /^noobcash experiment --nodes 2 .* --json --repeat 2$/);
    assert(!record.value.command.includes("--repeat 1"), "what makes these results anew");
    assert.match(record.value.environment.program, /^noobcash [0-9.]+ \([0-9a-z-]+\)$/);

    const environment = { ...record.value.environment, program: "noobcash 0.0.1 (abc)" };
    writeExperiment(out, { ...record.value, environment });
    const refused = await run(["experiment", "--out", out, "--resume"]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /wanted noobcash 0\.0\.1 \(abc\), Deno .*--other-program/);
    const unchanged = readExperiment(out);
    assert(unchanged.ok && unchanged.value?.resumedBy === undefined);
    const careless = await run(["experiment", "--out", `${out}-new`, "--other-program"]);
    assert.equal(careless.code, 2);
    assert.match(careless.stderr, /--other-program is for --resume/);
    const idle = await run(["experiment", "--out", out, "--resume", "--other-program"]);
    assert.equal(idle.code, 0, idle.stderr);
    const stillOne = readExperiment(out);
    assert(stillOne.ok && stillOne.value?.resumedBy === undefined, "nothing was measured");

    Deno.removeSync(join(out, "runs", "n2-c4-d2", "1"), { recursive: true });
    const allowed = await run(["experiment", "--out", out, "--resume", "--other-program"]);
    assert.equal(allowed.code, 0, allowed.stderr);
    assert.match(allowed.stderr, /measured by noobcash 0\.0\.1 \(abc\).* then by noobcash/);
    const mixed = readExperiment(out);
    assert(mixed.ok);
    assert.equal(mixed.value?.resumedBy?.[0]?.program, record.value.environment.program);
    assert.match(
      Deno.readTextFileSync(join(out, "report.html")),
      /resumed by another program from \d{4}-/,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("experiment --load measures a rate, says what shaped it, and refuses what it would swallow", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-experiment-" });
  try {
    const refused: [string[], RegExp][] = [
      [["--load", "0s"], /got 0 ms, wanted --load of 1 s or more for two nodes or more/],
      [["--load", "1s", "--nodes", "2,1"], /got a single node, wanted --load of/],
      [["--load", "1s", "--workload", "x"], /got --workload, which is for the lines/],
      [["--load", "1s", "--lines", "5"], /got --lines, /],
      [["--load", "1s", "--lead", "5"], /got --lead, /],
      [["--load", "1s", "--retry"], /got --retry, /],
    ];
    await Promise.all(refused.map(async ([args, reason]) => {
      const { code, stderr } = await run(["experiment", ...args, "--out", join(folder, "no")]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, reason);
    }));

    // Ten coins a wallet, all of them under way most of the time.
    const cell = ["--nodes", "2", "--capacity", "20", "--difficulty", "2", "--coins", "10"];
    const { code, stderr } = await run([
      ...["experiment", ...cell, "--repeat", "1"],
      ...["--load", "2s", "--no-strict", "--out", join(folder, "out")],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /n2-c20-d2 .* confirmed, .* Wallets waited for coins \d+ times: more --coins/,
    );
    const runs = readRuns(join(folder, "out"));
    assert(runs.ok && runs.value[0]?.run.steady?.durationMs === 2_000);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

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
