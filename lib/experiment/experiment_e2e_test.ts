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
