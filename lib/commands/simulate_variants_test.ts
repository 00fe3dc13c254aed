import assert from "node:assert/strict";
import { join } from "node:path";
import { testEnvironment } from "../testing/test_environment.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

async function variants(...args: readonly string[]) {
  const main = new URL("../../main.ts", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSION_FLAGS, "--no-check", main, "simulate", "variants", ...args],
    env: testEnvironment(),
    clearEnv: true,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const SMALL = ["--nodes", "8", "--degree", "4", "--blocks", "130", "--interval", "300"];

Deno.test("simulate variants writes tables and plots, and goes on with the same result", async () => {
  const folder = Deno.makeTempDirSync();
  const out = join(folder, "out");
  const args = [...SMALL, "--variant", "most-work,ghost", "--repeat", "2", "--out", out];
  try {
    const first = await variants(...args, "--json");
    assert.equal(first.code, 0, first.stderr);
    const { kind, points, verdict, doneParts } = JSON.parse(first.stdout);
    assert.deepEqual([kind, doneParts, points.length], ["variants", 4, 2]);
    assert.deepEqual(points.map(({ variant }: { variant: string }) => variant), [
      "most-work",
      "ghost",
    ]);
    assert(points[0].finalityMs >= 0 && points[0].finalityMsHalfWidth95 >= 0);
    assert.match(verdict, /final first with/);
    const names = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
    for (const name of ["finality.svg", "runs.csv", "runs.parquet", "stale-rate.svg"]) {
      assert(names.includes(name), name);
    }

    const parts = Deno.readTextFileSync(join(out, "parts.jsonl")).split("\n").slice(0, 1);
    Deno.writeTextFileSync(join(out, "parts.jsonl"), parts.join("\n") + "\n");
    const again = await variants(...args, "--resume", "--json", "--jobs", "1");
    assert.equal(again.stdout, first.stdout);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("simulate variants shows a hidden attacker, and refuses what makes no sense", async () => {
  const shown = await variants(...SMALL, "--variant", "ghost", "--repeat", "1", "--hidden", "0.2");
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /hidden 0.2 won/);
  for (
    const args of [
      ["--variant", "heaviest"],
      ["--hidden", "1"],
      ["--hidden", "0.2", "--blocks", "2000"],
      ["--interval", "0"],
    ]
  ) {
    const refused = await variants(...args);
    assert.equal(refused.code, 2, args.join(" "));
    assert.match(refused.stderr, /got/);
  }
});
