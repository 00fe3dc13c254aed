import assert from "node:assert/strict";
import { join } from "node:path";
import { testEnvironment } from "../testing/test_environment.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

async function noobcash(...args: readonly string[]) {
  const main = new URL("../../main.ts", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, "--no-check", main, ...args],
    env: testEnvironment(),
    clearEnv: true,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const attack = (...args: readonly string[]) => noobcash("simulate", "attack", ...args);

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("simulate attack writes tables and a plot, goes on, and refuses another plan", async () => {
  const folder = Deno.makeTempDirSync();
  const out = join(folder, "out");
  const args = ["selfish", "--share", "0.2:0.4:0.2", "--gamma", "0,0.5", "--blocks", "60"];
  try {
    const first = await attack(...args, "--repeat", "2", "--out", out, "--json");
    assert.equal(first.code, 0, first.stderr);
    const { points, verdict, doneParts } = JSON.parse(first.stdout);
    assert.equal(doneParts, 8);
    assert.equal(points.length, 4);
    assert.deepEqual([points[0].share, points[0].gamma, points[0].runs], [0.2, 0, 2]);
    assert.match(verdict, /standard errors/);
    const wanted = ["figures.csv", "figures.json", "figures.parquet", "machine.json"];
    const more = ["parts.jsonl", "runs.csv", "runs.parquet", "selfish.svg", "sweep.json"];
    assert.deepEqual(namesIn(out), [...wanted, ...more]);
    assert.equal(Deno.readTextFileSync(join(out, "runs.csv")).trimEnd().split("\n").length, 9);

    // A run that was stopped: half of its parts are there.
    const parts = Deno.readTextFileSync(join(out, "parts.jsonl")).split("\n").slice(0, 4);
    Deno.writeTextFileSync(join(out, "parts.jsonl"), parts.join("\n") + "\n");
    const again = await attack(...args, "--repeat", "2", "--out", out, "--resume", "--json");
    assert.equal(again.stdout, first.stdout);

    const other = await attack(...args, "--repeat", "3", "--out", out, "--resume");
    assert.equal(other.code, 2);
    assert.match(other.stderr, /differs in repeat/);
    const twice = await attack(...args, "--repeat", "2", "--out", out);
    assert.equal(twice.code, 2);
    assert.match(twice.stderr, /wanted --resume/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("simulate attack refuses what makes no sense with exit code 2, and writes nothing", async () => {
  const folder = Deno.makeTempDirSync();
  const edges = join(folder, "edges");
  const strategy = join(folder, "strategy.ts");
  Deno.writeTextFileSync(edges, "0 1\n2 3\n");
  Deno.writeTextFileSync(strategy, "export const nothing = 1;\n");
  const out = join(folder, "out");
  try {
    const refused: readonly (readonly [readonly string[], RegExp])[] = [
      [["selfish", "--share", "1.5"], /wanted numbers of 0 to 1/],
      [["selfish", "--share", "0.5:0.1:0.1"], /empty range/],
      [["selfish", "--edges", edges, "--honest", "3"], /graph in 2 parts \(0-1 \| 2-3\)/],
      [["selfish", "--edges", join(folder, "none")], /there is no such file/],
      [["selfish", "--topology", "regular", "--gamma", "0.5"], /--gamma and a shape/],
      [["selfish", "--topology", "regular", "--degree", "3"], /even product/],
      [["selfish", "--strategy", join(folder, "none")], /got no file/],
      [["selfish", "--strategy", strategy], /runs as a part of this program/],
      [["selfish", "--strategy", strategy], /no `strategy` with a name/],
      [["selfish", "--shard", "4/3"], /wanted i\/n/],
      [["double-spend", "--gamma", "0.5"], /unknown option/],
      [["double-spend", "--share", "0.5"], /below 0.5/],
      [["stubborn", "--variant", "Q"], /wanted such as L/],
      [["majority", "--share", "0.5"], /above 0.5/],
    ];
    for (const [args, reason] of refused) {
      const { code, stderr } = await attack(...args, "--out", out);
      assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
      assert.match(stderr, reason);
      assert.deepEqual(namesIn(folder), ["edges", "strategy.ts"]);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
