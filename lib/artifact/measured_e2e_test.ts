/** Artifacts of measured results: a small experiment of real processes, bundled and run again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readEnvironment } from "../experiment/environment.ts";
import { writeExperiment } from "../experiment/experiment_folder.ts";
import { BASE_PLAN } from "../experiment/presets.ts";
import { runExperiment } from "../experiment/run_experiment.ts";
import type { ExperimentPlan } from "../measure/experiment_record.ts";
import { renderReport } from "../report/render_report.ts";
import { unpackArtifact } from "./bundle.ts";
import { readBundledWorkload } from "./bundled_workload.ts";
import { checkArtifact } from "./check_artifact.ts";
import { makeArtifact } from "./make_artifact.ts";
import { PERMISSION_FLAGS } from "../../scripts/program_permissions.ts";

/** Nothing that is measured twice is so far apart. */
const ANYTHING = 1e6;

/**
 * Checks again where the machine stood still: eight payments take a tenth of a second, and where it is full for
 * that long, the run says so and no figure comes out.
 */
async function checkOnQuietMachine(
  artifact: Parameters<typeof checkArtifact>[0],
  folder: string,
): Promise<readonly string[]> {
  for (let attempt = 1;; attempt++) {
    let runs = 0;
    const differences = await checkArtifact(artifact, {
      folder: `${folder}-${attempt}`,
      jobs: 1,
      runsStrategy: false,
      signal: new AbortController().signal,
      onProgress: () => runs++,
    });
    assert.equal(runs, 1);
    const isMissing = differences.some((text) => text.endsWith("did not come out at all"));
    if (!isMissing || attempt === 3) return differences;
  }
}

Deno.test("a measured artifact is measured again, and what lies outside the tolerance is named", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-measured-" });
  try {
    const workload = join(folder, "workload");
    Deno.mkdirSync(join(workload, "2nodes"), { recursive: true });
    for (const node of [0, 1]) {
      const lines = `id${1 - node} 1\n`.repeat(4);
      Deno.writeTextFileSync(join(workload, "2nodes", `transactions${node}.txt`), lines);
    }
    const plan: ExperimentPlan = {
      ...BASE_PLAN,
      nodes: [2],
      capacities: [2],
      difficulties: [2],
      repeats: 1,
      workload,
      network: { ...BASE_PLAN.network, strict: false, blockWaitMs: 100 },
    };
    const result = join(folder, "result");
    writeExperiment(result, {
      version: 1,
      preset: null,
      command: "noobcash experiment --workload 'my folder/payments' --out DIR",
      startedAtMs: 0,
      plan,
      environment: readEnvironment("noobcash test"),
    });
    const signal = new AbortController().signal;
    await runExperiment(plan, { folder: result, signal, onProgress() {}, onRun() {} });
    assert((await renderReport(result)).ok);

    const differencesWithin = async (tolerance: number, name: string) => {
      const made = makeArtifact(result, { name: `${name}.tar.zst`, tolerance });
      assert(made.ok);
      const artifact = unpackArtifact(made.value);
      assert(artifact.ok);
      assert.equal(artifact.value.manifest.kind, "measured");
      assert.equal(artifact.value.manifest.tolerance, tolerance);
      assert(artifact.value.files.has("results.parquet"));
      return await checkOnQuietMachine(artifact.value, join(folder, name));
    };
    assert.deepEqual(await differencesWithin(ANYTHING, "wide"), []);
    // No two runs of real processes take the same time to the last digit.
    const differences = await differencesWithin(0, "narrow");
    assert(differences.some((text) => /^throughput of n2-c2-d2 is [0-9.]+, [0-9.]+ in/.test(text)));

    // The artifact brings its workload: the folder may be gone where it is checked, not where it is made.
    const made = makeArtifact(result, { name: "whole.tar.zst", tolerance: ANYTHING });
    assert(made.ok);
    const artifact = unpackArtifact(made.value);
    assert(artifact.ok && artifact.value.files.has("workload/2nodes/transactions1.txt"));
    assert(!readBundledWorkload(plan, 10).ok);
    const { reproduce } = artifact.value.manifest.commands;
    assert.equal(reproduce, "noobcash experiment --workload data/workload --out DIR");
    Deno.removeSync(workload, { recursive: true });
    const again = await checkOnQuietMachine(artifact.value, join(folder, "elsewhere"));
    assert.deepEqual(again, []);
    const gone = makeArtifact(result, { name: "gone.tar.zst", tolerance: ANYTHING });
    assert(!gone.ok);
    assert.match(gone.error.message, /transactions0\.txt/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("artifact check of nothing ends with 2", async () => {
  const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...PERMISSION_FLAGS, main, "artifact", "check", "/nowhere.tar.zst"],
  }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /Cannot read .*there is no such file/);
});
