import assert from "node:assert/strict";
import { join } from "node:path";
import {
  cellsOf,
  type ExperimentPlan,
  type ExperimentRecord,
} from "../measure/experiment_record.ts";
import { handMadeRun } from "../measure/hand_made_run.ts";
import type { Cell, RunData } from "../measure/run_record.ts";
import { isOfShard } from "../sweep/shard.ts";
import { readRuns, writeExperiment, writeRun } from "./experiment_folder.ts";
import { mergeCells } from "./merge_cells.ts";
import { BASE_PLAN } from "./presets.ts";
import { plannedRuns, runsOfShard } from "./run_experiment.ts";

const PLAN: ExperimentPlan = {
  ...BASE_PLAN,
  nodes: [5],
  capacities: [1, 5, 10],
  difficulties: [4],
  repeats: 2,
};

const RECORD: ExperimentRecord = {
  version: 1,
  preset: null,
  command: "noobcash experiment --capacity 1,5,10 --shard 1/2 --out a --resume",
  startedAtMs: 1_767_225_600_000,
  plan: PLAN,
  host: "one",
  environment: {
    program: "noobcash 0.1.0",
    deno: "2.9.6",
    v8: "14",
    os: "linux",
    processor: "a processor",
    cores: 2,
    memoryBytes: 2 ** 32,
  },
};

Deno.test("every cell is in one shard with all its repetitions, whatever the number of shards", () => {
  for (const count of [1, 2, 3, 8]) {
    const runs = Array.from({ length: count }, (_, index) => runsOfShard(PLAN, { index, count }));
    assert.equal(runs.flat().length, plannedRuns(PLAN).length);
    for (const cell of cellsOf(PLAN)) {
      const owners = runs.filter((own) => own.some((run) => run.cell.capacity === cell.capacity));
      assert.equal(owners.length, 1);
    }
  }
  assert(isOfShard("anything", { index: 0, count: 1 }));
});

Deno.test("mergeCells() refuses a folder that two programs have measured", async () => {
  await withFolders((folderOf) => {
    const folder = folderOf("a");
    const resumedBy = [{ program: "noobcash 0.2.0", deno: "2.9.6", sinceMs: 1_767_225_700_000 }];
    write(folder, { ...RECORD, resumedBy }, [[1, 0]]);
    const merged = mergeCells([folder]);
    assert(!merged.ok);
    assert.equal(merged.error.code, "experiment-differs");
    assert.match(merged.error.message, /noobcash 0\.1\.0, Deno 2\.9\.6 and of noobcash 0\.2\.0/);
  });
});

Deno.test("mergeCells() puts shards together, the same whatever their number and order", async () => {
  await withFolders((folderOf) => {
    const [first, second] = [folderOf("a"), folderOf("b")];
    write(first, RECORD, [[1, 0], [1, 1], [5, 0], [5, 1]]);
    write(second, { ...RECORD, startedAtMs: RECORD.startedAtMs + 5 }, [[10, 0], [10, 1]]);
    const merged = mergeCells([second, first]);
    assert(merged.ok);
    assert.deepEqual([merged.value.missing, merged.value.doubled], [[], []]);
    assert.equal(merged.value.runs.length, 6);
    assert.equal(merged.value.record.measuredOn, undefined);
    const { command } = merged.value.record;
    assert.equal(command, "noobcash experiment --capacity 1,5,10 --out FOLDER");

    const whole = folderOf("whole");
    write(whole, RECORD, [[1, 0], [1, 1], [5, 0], [5, 1], [10, 0], [10, 1]]);
    assert.deepEqual(mergeCells([whole]), merged);
    writeExperiment(folderOf("out"), merged.value.record);
    for (const data of merged.value.runs) writeRun(folderOf("out"), data);
    assert.deepEqual(readRuns(folderOf("out")), readRuns(whole));
  });
});

Deno.test("mergeCells() names what is missing and what is there twice", async () => {
  await withFolders((folderOf) => {
    write(folderOf("a"), RECORD, [[1, 0], [1, 1], [5, 0]]);
    write(folderOf("b"), RECORD, [[1, 1], [10, 0]]);
    const merged = mergeCells([folderOf("a"), folderOf("b")]);
    assert(merged.ok);
    assert.deepEqual(merged.value.missing, ["n5-c5-d4 #1", "n5-c10-d4 #1"]);
    assert.deepEqual(merged.value.doubled, ["n5-c1-d4 #1"]);
  });
});

Deno.test("mergeCells() never averages: neither two machines nor two measurements", async () => {
  await withFolders((folderOf) => {
    write(folderOf("a"), RECORD, [[1, 0], [5, 0]]);
    write(folderOf("other"), { ...RECORD, host: "two" }, [[1, 1]]);
    const mixed = mergeCells([folderOf("a"), folderOf("other")]);
    assert(!mixed.ok && mixed.error.code === "cell-of-two-machines");
    assert.match(mixed.error.message, /measured cells of different machines are never averaged/);

    write(folderOf("again"), RECORD, [[1, 0]], 1);
    const twice = mergeCells([folderOf("a"), folderOf("again")]);
    assert(!twice.ok && twice.error.code === "cell-measured-twice");
    assert.match(twice.error.message, /n5-c1-d4 #0/);

    // Different cells of two machines may stand side by side: the record says which.
    write(folderOf("rest"), { ...RECORD, host: "two" }, [[10, 0]]);
    const apart = mergeCells([folderOf("a"), folderOf("rest")]);
    assert(apart.ok);
    assert.deepEqual(
      apart.value.record.measuredOn?.map(({ host, cells }) => [host, cells]),
      [["one", ["n5-c1-d4", "n5-c5-d4"]], ["two", ["n5-c10-d4"]]],
    );
  });
});

Deno.test("mergeCells() refuses another plan, another program and what is no experiment", async () => {
  await withFolders((folderOf) => {
    write(folderOf("a"), RECORD, [[1, 0]]);
    write(folderOf("plan"), { ...RECORD, plan: { ...PLAN, seed: 9, repeats: 3 } }, [[5, 0]]);
    const plan = mergeCells([folderOf("a"), folderOf("plan")]);
    assert(!plan.ok && plan.error.code === "experiment-differs");
    assert.match(plan.error.message, /repeats, seed/);

    const environment = { ...RECORD.environment, program: "noobcash 0.2.0" };
    write(folderOf("program"), { ...RECORD, environment }, [[5, 0]]);
    const program = mergeCells([folderOf("a"), folderOf("program")]);
    assert(!program.ok && program.error.code === "experiment-differs");
    assert.match(program.error.message, /noobcash 0\.2\.0/);

    const nothing = mergeCells([folderOf("a"), folderOf("nothing")]);
    assert(!nothing.ok && nothing.error.code === "experiment-absent");

    write(folderOf("beyond"), RECORD, [[99, 0]]);
    const beyond = mergeCells([folderOf("a"), folderOf("beyond")]);
    assert(!beyond.ok && beyond.error.code === "experiment-differs");
  });
});

function write(
  folder: string,
  record: ExperimentRecord,
  runs: readonly (readonly [capacity: number, repeat: number])[],
  startedAtMs?: number,
): void {
  writeExperiment(folder, record);
  for (const [capacity, repeat] of runs) {
    writeRun(folder, runOf({ nodes: 5, capacity, difficulty: 4 }, repeat, startedAtMs));
  }
}

function runOf(cell: Cell, repeat: number, startedAtMs?: number): RunData {
  const data = handMadeRun();
  const run = { ...data.run, repeat, cell };
  return { ...data, run: startedAtMs === undefined ? run : { ...run, startedAtMs } };
}

async function withFolders(
  act: (folderOf: (name: string) => string) => Promise<void> | void,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-cells-" });
  try {
    await act((name) => join(folder, name));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
