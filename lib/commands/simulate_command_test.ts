import assert from "node:assert/strict";
import { join } from "node:path";
import { testEnvironment } from "../testing/test_environment.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function simulate(...args: readonly string[]): Promise<Outcome> {
  const main = new URL("../../main.ts", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, "--no-check", main, "simulate", ...args],
    env: testEnvironment(),
    clearEnv: true,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("simulate fuzz tells what it ran and that nothing failed", async () => {
  const { code, stdout, stderr } = await simulate("fuzz", "--seeds", "3", "--from", "40", "--json");
  assert.equal(code, 0, stderr);
  const { seedCount, failures, eventCount } = JSON.parse(stdout);
  assert.equal(seedCount, 3);
  assert.deepEqual(failures, []);
  assert(eventCount > 100);
});

Deno.test("simulate replay writes the log of a run, the same each time", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const hashes: string[] = [];
    for (const name of ["a", "b"]) {
      const trace = join(folder, `${name}.jsonl`);
      const { code, stdout, stderr } = await simulate(
        ...["replay", "--seed", "9", "--trace", trace, "--json"],
      );
      assert.equal(code, 0, stderr);
      hashes.push(JSON.parse(stdout).traceHash);
      const lines = Deno.readTextFileSync(trace).trimEnd().split("\n");
      assert.deepEqual(Object.keys(JSON.parse(lines[0] as string)), ["atMs", "node", "text"]);
    }
    assert.equal(hashes[0], hashes[1]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("simulate network writes figures and plots", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const { code, stdout, stderr } = await simulate(
      ...["network", "--nodes", "12", "--blocks", "30", "--interval", "1000,5000"],
      ...["--repeat", "2", "--load", "2", "--out", folder, "--json"],
    );
    assert.equal(code, 0, stderr);
    const { outcomes } = JSON.parse(stdout);
    assert.equal(outcomes.length, 2);
    assert(outcomes[0].estimates.transactionsPerSec.mean > 0);
    assert(outcomes[0].estimates.meanPropagationMs.mean > 0);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const tables = ["figures.csv", "figures.json", "figures.parquet", "fork-rate.svg"];
    const others = ["machine.json", "parts.jsonl", "revenue.svg", "runs.csv", "runs.parquet"];
    assert.deepEqual(names, [...tables, ...others, "sweep.json"]);
    assert.equal(
      Deno.readTextFileSync(join(folder, "runs.csv")).trimEnd().split("\n").length,
      5,
    );
    assert(Deno.readTextFileSync(join(folder, "fork-rate.svg")).startsWith("<svg"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("simulate network: --cpu none is what it is without a word", async () => {
  const network = ["network", "--nodes", "12", "--blocks", "10", "--jobs", "1", "--json"];
  const [silent, none, slow] = await Promise.all([
    simulate(...network),
    simulate(...network, "--cpu", "none"),
    simulate(...network, "--cpu", "20000"),
  ]);
  assert(JSON.parse(none.stdout).outcomes[0].estimates.meanPropagationMs.mean > 0);
  assert.equal(none.stdout, silent.stdout);
  assert.notEqual(slow.stdout, silent.stdout);
});

Deno.test("W06 simulate network refuses every plan that cannot be, and writes nothing", async () => {
  const folder = Deno.makeTempDirSync();
  const edges = join(folder, "edges.txt");
  Deno.writeTextFileSync(edges, "0 1\n2 3\n3 5\n");
  const out = join(folder, "out");
  try {
    for (
      const [args, text] of [
        [["--nodes", "6", "--edges", edges], /got a graph in 3 parts \(0-1 \| 2-3, 5 \| 4\)/],
        [["--nodes", "4", "--degree", "4"], /got --degree 4 of --nodes 4, wanted fewer/],
        [
          ["--nodes", "4", "--hash-power", "constant:0"],
          /got --hash-power constant:0, which gives/,
        ],
      ] as const
    ) {
      const { code, stderr } = await simulate("network", ...args, "--out", out);
      assert.equal(code, 2, stderr);
      assert.match(stderr, text);
    }
    assert.throws(() => Deno.statSync(out), Deno.errors.NotFound);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("simulate network refuses shapes and words that it cannot read", async () => {
  const odd = await simulate("network", "--nodes", "9", "--degree", "3");
  assert.equal(odd.code, 2);
  assert.match(odd.stderr, /got --nodes 9 × --degree 3, wanted an even product/);
  const word = await simulate("network", "--latency", "gamma:3");
  assert.equal(word.code, 2);
  assert.match(word.stderr, /gamma:3/);
});
