import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { FUZZ_PRESETS, planFuzz } from "./fuzz_plan.ts";
import { runFuzz } from "./fuzz_run.ts";
import { keepHappenings, shrinkPlan } from "./shrink_plan.ts";

/** Short runs: a thousand of them fit into the suite. `deno task soak` runs ten thousand whole ones. */
const SHORT = { horizonMsMax: 3_000 };

Deno.test("a thousand short seeds hold", () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const { violation } = runFuzz(planFuzz(seed, SHORT));
    assert.equal(violation, undefined, `seed ${seed}: ${violation?.message}`);
  }
});

Deno.test("fifty whole seeds hold", () => {
  for (let seed = 100_001; seed <= 100_050; seed++) {
    const { violation } = runFuzz(planFuzz(seed));
    assert.equal(violation, undefined, `seed ${seed}: ${violation?.message}`);
  }
});

Deno.test("S01 one seed gives one log, another seed another", () => {
  const first = runFuzz(planFuzz(12));
  const second = runFuzz(planFuzz(12));
  assert.equal(second.traceHash, first.traceHash);
  assert.equal(second.eventCount, first.eventCount);
  assert.notEqual(runFuzz(planFuzz(13)).traceHash, first.traceHash);
});

Deno.test("S01 the log is the same from another folder, in another locale and time zone", async () => {
  const here = runFuzz(planFuzz(12)).traceHash;
  const source = [
    `import { planFuzz } from ${JSON.stringify(import.meta.resolve("./fuzz_plan.ts"))};`,
    `import { runFuzz } from ${JSON.stringify(import.meta.resolve("./fuzz_run.ts"))};`,
    "console.log(runFuzz(planFuzz(12)).traceHash);",
  ].join("\n");
  const folder = Deno.makeTempDirSync();
  try {
    const script = `${folder}/run.ts`;
    Deno.writeTextFileSync(script, source);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", configPath(), script],
      cwd: folder,
      env: { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", TZ: "Pacific/Chatham", NO_COLOR: "1" },
    }).output();
    const there = new TextDecoder().decode(stdout).trim();
    assert.equal(there, here, new TextDecoder().decode(stderr));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("shrinkPlan() leaves only what breaks the rule", () => {
  // A world in which node 0 never comes back cannot come to rest: no happening is to blame.
  const plan = planFuzz(5);
  const dead = {
    ...plan,
    nodes: plan.nodes.map((node, index) => index === 0 ? { ...node, startAtMs: Infinity } : node),
  };
  assert.equal(runFuzz(dead).violation?.rule, "not-at-rest");
  const shrunk = shrinkPlan(dead, "not-at-rest");
  assert.deepEqual(shrunk.kept, []);
  assert.deepEqual(keepHappenings(dead, shrunk.kept).happenings, []);
});

function configPath(): string {
  return fileURLToPath(new URL("../../deno.json", import.meta.url));
}

Deno.test("forty short seeds hold under each other fork choice and adjustment", () => {
  for (const preset of FUZZ_PRESETS) {
    for (let seed = 1; seed <= 40 && preset !== "usual"; seed++) {
      const { violation } = runFuzz(planFuzz(seed, { horizonMsMax: 4_000, preset }));
      assert.equal(violation, undefined, `${preset} ${seed}: ${violation?.message}`);
    }
  }
});
