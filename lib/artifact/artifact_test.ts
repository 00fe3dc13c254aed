import assert from "node:assert/strict";
import { join } from "node:path";
import { readEnvironment } from "../experiment/environment.ts";
import { writeExperiment } from "../experiment/experiment_folder.ts";
import { BASE_PLAN } from "../experiment/presets.ts";
import { findStrategy, keepStrategy, loadStrategy } from "../sweep/load_strategy.ts";
import { appendPart, openSweep, sweepRecord } from "../sweep/sweep_folder.ts";
import { writeSweepFiles } from "../sweep/sweep_files.ts";
import { keysOf, runPart } from "../sweep/sweep_kinds.ts";
import type { Json, SweepPlan } from "../sweep/sweep_plan.ts";
import { packArtifact, programsText, unpackArtifact } from "./bundle.ts";
import { checkArtifact } from "./check_artifact.ts";
import { makeArtifact } from "./make_artifact.ts";

const PLAN: SweepPlan = { kind: "fuzz", choice: { from: 40, seeds: 3 } };
const OPTIONS = { name: "a.tar.zst", tolerance: 0.1 };

async function writeResult(folder: string, spoil: (part: Json) => Json = (part) => part) {
  const record = sweepRecord(PLAN, "noobcash test");
  assert(openSweep(folder, record, { resumes: false }).ok);
  const parts = new Map<string, Json>();
  for (const key of keysOf(PLAN)) {
    parts.set(key, spoil(runPart(PLAN, key, undefined)));
    appendPart(folder, key, parts.get(key) as Json);
  }
  await writeSweepFiles(folder, record, parts);
}

async function differencesOf(bytes: Uint8Array, folder: string, runsStrategy = true) {
  const artifact = unpackArtifact(bytes);
  assert(artifact.ok);
  return await checkArtifact(artifact.value, {
    folder,
    jobs: 1,
    runsStrategy,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

Deno.test("an artifact of a simulated result is the same bytes each time and comes out again", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    await writeResult(join(folder, "result"));
    const made = makeArtifact(join(folder, "result"), OPTIONS);
    assert(made.ok);
    assert.deepEqual(makeArtifact(join(folder, "result"), OPTIONS), made);
    const artifact = unpackArtifact(made.value);
    assert(artifact.ok);
    assert.deepEqual(artifact.value.manifest.seeds, [40]);
    assert(artifact.value.files.has("runs.parquet"));
    assert.deepEqual(await differencesOf(made.value, join(folder, "check")), []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a check names the figure that does not come out", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    await writeResult(join(folder, "result"), (part) => ({ ...(part as object), height: 99 }));
    const made = makeArtifact(join(folder, "result"), OPTIONS);
    assert(made.ok);
    const [difference = ""] = await differencesOf(made.value, join(folder, "check"));
    assert.match(difference, /3 of 3 runs differ, first "40" in height/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("an artifact that was changed, or is none, is refused; so is half a result", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const bytes = new TextEncoder().encode("data");
    const facts = {
      kind: "simulated",
      program: "noobcash test",
      programSha256: "0".repeat(64),
      runtimeSha256: "0".repeat(64),
      planHash: null,
      seeds: [],
      machine: null,
      tolerance: null,
      commands: { check: "", reproduce: "" },
    } as const;
    const packed = packArtifact(facts, new Map([["x", bytes]]));
    assert(unpackArtifact(packed).ok);
    const outside = unpackArtifact(packArtifact(facts, new Map([["../x", bytes]])));
    assert(!outside.ok && outside.error.code === "artifact-unreadable");
    const nothing = unpackArtifact(bytes);
    assert(!nothing.ok && nothing.error.code === "artifact-unreadable");

    assert(openSweep(folder, sweepRecord(PLAN, "noobcash test"), { resumes: false }).ok);
    const half = makeArtifact(folder, OPTIONS);
    assert(!half.ok && half.error.code === "folder-incomplete");
    const none = makeArtifact(join(folder, "nowhere"), OPTIONS);
    assert(!none.ok && none.error.code === "folder-unreadable");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("an artifact of a folder that two programs have measured names both", () => {
  const folder = Deno.makeTempDirSync();
  try {
    writeExperiment(folder, {
      version: 1,
      preset: null,
      command: "noobcash experiment --load 1s --out DIR",
      startedAtMs: 0,
      plan: { ...BASE_PLAN, load: { ...BASE_PLAN.load, durationMs: 1_000 } },
      environment: readEnvironment("noobcash 0.1.0 (one)"),
      resumedBy: [{ program: "noobcash 0.1.0 (two)", deno: "2.9.6", sinceMs: 1_767_225_600_000 }],
    });
    const made = makeArtifact(folder, OPTIONS);
    assert(made.ok);
    const artifact = unpackArtifact(made.value);
    assert(artifact.ok);
    assert.equal(
      programsText(artifact.value.manifest),
      "noobcash 0.1.0 (one), then by noobcash 0.1.0 (two) (from 2026-01-01T00:00:00.000Z on)",
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("an artifact brings one's own strategy, whose code runs only where that is allowed", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "mine.ts");
    // Mines on its own until somebody else has found a block, then plays by the rules.
    Deno.writeTextFileSync(
      path,
      `export const strategy = { name: "mine", react: ({ own, honest, found }) =>
        found === "own" ? "wait" : own < honest ? "adopt" : own > honest ? "override" : "match" };\n`,
    );
    const found = findStrategy(path);
    assert(found.ok);
    const loaded = await loadStrategy(found.value.url);
    assert(loaded.ok);
    const plan: SweepPlan = {
      kind: "attack",
      choice: {
        attack: "selfish",
        cells: [{ share: 0.3, gamma: 0 }],
        setting: {
          honest: 3,
          topology: { kind: "full" },
          latency: { kind: "constant", value: 10 },
          intervalMs: 600_000,
          blocks: 30,
          trials: 1,
        },
        repeat: 2,
        seed: 1,
        strategySha256: found.value.sha256,
      },
    };
    const result = join(folder, "result");
    const record = sweepRecord(plan, "noobcash test");
    assert(openSweep(result, record, { resumes: false }).ok);
    keepStrategy(path, result);
    const parts = new Map<string, Json>();
    for (const key of keysOf(plan)) {
      parts.set(key, runPart(plan, key, loaded.value));
      appendPart(result, key, parts.get(key) as Json);
    }
    await writeSweepFiles(result, record, parts);
    const made = makeArtifact(result, OPTIONS);
    assert(made.ok);
    Deno.removeSync(path);
    assert.deepEqual(await differencesOf(made.value, join(folder, "check")), []);
    const [refused = ""] = await differencesOf(made.value, join(folder, "no"), false);
    assert.match(refused, /not allowed to run/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
