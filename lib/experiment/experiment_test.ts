import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cellsOf } from "../measure/experiment_record.ts";
import { handMadeRun } from "../measure/hand_made_run.ts";
import { formatCell } from "../measure/run_record.ts";
import { keptIntervalMs } from "./block_interval.ts";
import { hasRun, readRuns, writeRun } from "./experiment_folder.ts";
import { judgeRun } from "./judge_run.ts";
import { BASE_PLAN, planOfPreset } from "./presets.ts";
import { readEnvironment } from "./environment.ts";
import { resumePlan } from "./resume_plan.ts";
import { programsOf, resumeProgram } from "./resume_program.ts";
import { stillMsMax } from "./run_cell.ts";
import { plannedRuns, workloadFor } from "./run_experiment.ts";

Deno.test("the preset course is the assignment's whole matrix, five times", () => {
  const plan = planOfPreset("course");
  assert.deepEqual(cellsOf(plan).map(formatCell), [
    "n5-c1-d4",
    "n5-c5-d4",
    "n5-c10-d4",
    "n5-c1-d5",
    "n5-c5-d5",
    "n5-c10-d5",
    "n10-c1-d4",
    "n10-c5-d4",
    "n10-c10-d4",
    "n10-c1-d5",
    "n10-c5-d5",
    "n10-c10-d5",
  ]);
  assert.deepEqual([plan.repeats, plan.network.strict, plan.linesPerNode], [5, true, null]);
});

Deno.test("the presets course, course-shared and course-vm differ in the machines, not in the matrix", () => {
  const [course, shared, vm] = (["course", "course-shared", "course-vm"] as const).map(
    planOfPreset,
  );
  assert(course !== undefined && shared !== undefined && vm !== undefined);
  assert.deepEqual(cellsOf(shared), cellsOf(course));
  assert.deepEqual(cellsOf(vm), cellsOf(course));
  assert.deepEqual([course, shared, vm].map(({ network }) => network.hashRateLimit), [
    1_000_000,
    null,
    50_000,
  ]);
});

Deno.test("plannedRuns() visits every cell once a repetition, in an order that follows from the seed", () => {
  const plan = planOfPreset("course");
  const runs = plannedRuns(plan);
  assert.equal(runs.length, 60);
  const names = runs.map(({ cell, repeat }) => `${formatCell(cell)}/${repeat}`);
  assert.equal(new Set(names).size, 60);
  assert.deepEqual(runs.slice(0, 12).map(({ repeat }) => repeat), Array(12).fill(0));
  assert.deepEqual(plannedRuns(plan), runs);
  assert.notDeepEqual(plannedRuns({ ...plan, seed: 2 }), runs);
});

Deno.test("workloadFor() takes the folder's files, or makes them where nobody named a folder", () => {
  const { network, load } = BASE_PLAN;
  const folder = fileURLToPath(new URL("../../transactions", import.meta.url));
  const read = workloadFor({ workload: folder, linesPerNode: null, network, load }, { nodes: 5 });
  assert(read.ok);
  assert.equal(read.value.name, join(folder, "5nodes"));

  const made = workloadFor({ workload: "transactions", linesPerNode: 7, network, load }, {
    nodes: 4,
  });
  assert(made.ok);
  assert.deepEqual(made.value.files.map(({ lines }) => lines.length), [7, 7, 7, 7]);

  const named = workloadFor({ workload: "/nowhere", linesPerNode: 7, network, load }, { nodes: 5 });
  assert.match(named.ok ? "" : named.error.message, /there is no such file/);
});

Deno.test("resumePlan() extends the repetitions and names whatever else differs", () => {
  const there = planOfPreset("quick");
  const more = resumePlan(there, { ...there, repeats: 10 });
  assert(more.ok);
  assert.deepEqual(more.value, { ...there, repeats: 10 });
  const optionOf = (change: Partial<typeof there>) => {
    const plan = resumePlan(there, { ...there, ...change });
    return plan.ok ? undefined : plan.error.option;
  };
  assert.equal(optionOf({}), undefined);
  assert.equal(optionOf({ repeats: 1 }), "--repeat");
  assert.equal(optionOf({ capacities: [5] }), "--capacity");
  assert.equal(optionOf({ workload: "/other" }), "--workload");
  assert.equal(
    optionOf({ network: { ...there.network, coinsPerNode: 5 } }),
    "--coins",
  );
});

Deno.test("resumeProgram() goes on with the same program, and with another one only if that is said", () => {
  const first = readEnvironment("noobcash 0.1.0 (one)");
  const second = { ...first, program: "noobcash 0.1.0 (two)" };
  const goOn = (
    there: Parameters<typeof resumeProgram>[0],
    now: typeof first,
    isAllowed: boolean,
  ) => resumeProgram(there, { now, nowMs: 5, isOtherAllowed: isAllowed });

  assert.deepEqual(goOn({ environment: first }, first, false), { ok: true, value: undefined });
  const refused = goOn({ environment: first }, second, false);
  assert(!refused.ok);
  assert.match(refused.error.last, /\(one\), Deno /);
  assert.match(refused.error.now, /\(two\), Deno /);
  assert(!goOn({ environment: first }, { ...first, deno: "1.0.0" }, false).ok);

  const allowed = goOn({ environment: first }, second, true);
  assert(allowed.ok && allowed.value !== undefined);
  const mixed = { environment: first, resumedBy: allowed.value };
  assert.deepEqual(mixed.resumedBy, [{ program: second.program, deno: second.deno, sinceMs: 5 }]);
  assert.deepEqual(goOn(mixed, second, false), { ok: true, value: undefined });
  assert(!goOn(mixed, first, false).ok);
  assert.equal(programsOf(mixed).length, 2);
});

Deno.test("E03 E04 judgeRun() flags what is doubtful and invalidates what cannot be", () => {
  const good = {
    hashRateSigmas: 2.9,
    offeredPerSecond: 400,
    confirmed: 10,
    hashRateMeasured: 95_000,
    seconds: 1,
  };
  const codes = (spoilt: Partial<typeof good>) => {
    const { invalid, warnings } = judgeRun({ ...good, ...spoilt }, {
      limitPerSecond: 1000,
      hashRateWanted: 100_000,
    });
    return [invalid.map(({ code }) => code), warnings.map(({ code }) => code)];
  };
  assert.deepEqual(codes({}), [[], []]);
  assert.deepEqual(codes({ hashRateSigmas: -3.1 }), [[], ["hash-rate-off"]]);
  assert.deepEqual(codes({ hashRateSigmas: 5.1 }), [["hash-rate-off"], []]);
  assert.deepEqual(codes({ offeredPerSecond: 600 }), [[], ["generator-limited"]]);
  assert.deepEqual(codes({ offeredPerSecond: 901 }), [["generator-limited"], []]);
  assert.deepEqual(codes({ hashRateMeasured: 80_000 }), [[], ["hash-rate-missed"]]);
  assert.deepEqual(codes({ hashRateMeasured: 40_000 }), [["hash-rate-missed"], []]);
  assert.deepEqual(codes({ hashRateMeasured: 40_000, seconds: 0.9 }), [[], ["hash-rate-missed"]]);
  assert.deepEqual(codes({ confirmed: 0 }), [["nothing-confirmed"], []]);
});

Deno.test("readRuns() gives back what writeRun() wrote, and skips runs that are not whole", () => {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-experiment-" });
  try {
    const data = handMadeRun();
    writeRun(folder, data);
    const { cell } = data.run;
    assert(hasRun(folder, { cell, repeat: 0 }));
    assert(!hasRun(folder, { cell, repeat: 1 }));

    // Interrupted before its run.json was there.
    const half = join(folder, "runs", formatCell(cell), "1");
    Deno.mkdirSync(half);
    Deno.writeTextFileSync(join(half, "transactions.jsonl"), "");
    const read = readRuns(folder);
    assert(read.ok);
    assert.deepEqual(read.value, [data]);

    const whole = join(folder, "runs", formatCell(cell), "0");
    const spoilt = [
      ["blocks.jsonl", '{"hash":5}\n', 'in line 1 "hash": '],
      ["transactions.jsonl", "\n{\n", "in line 2 a text that is not JSON"],
      ["run.json", '{"version":7}', '"version": '],
    ] as const;
    for (const [name, text, problem] of spoilt) {
      Deno.writeTextFileSync(join(whole, name), text);
      const refused = readRuns(folder);
      assert(!refused.ok);
      const { message } = refused.error;
      assert(message.startsWith(`Cannot read "${join(whole, name)}": got ${problem}`), message);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a run is patient by the interval that an adjusted difficulty keeps, not the founder's alone", () => {
  const { network } = BASE_PLAN;
  const limited = { ...network, hashRateLimit: 1_000_000 };
  const cell = { nodes: 1, difficulty: 1 };
  assert.equal(stillMsMax(cell, limited), 60_000);
  const adjusted = { difficultyAdjustment: "window", blockIntervalMs: 10_000 } as const;
  assert.equal(stillMsMax(cell, { ...limited, rules: adjusted }), 300_000);
  // A founder's difficulty that is too hard at first is waited for, too.
  assert.equal(
    stillMsMax({ nodes: 1, difficulty: 6 }, { ...limited, rules: adjusted }),
    503_316.48,
  );
  assert.equal(keptIntervalMs({ rules: { forkChoice: "ghost" } }), undefined);
});
