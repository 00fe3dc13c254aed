import assert from "node:assert/strict";
import { join } from "node:path";
import { mergeSweeps } from "./merge_sweeps.ts";
import { runSweep } from "./run_sweep.ts";
import { isOfShard, parseShard, shardOfEnvironment } from "./shard.ts";
import {
  appendPart,
  openSweep,
  readParts,
  type SweepRecord,
  sweepRecord,
  writeParts,
} from "./sweep_folder.ts";
import { writeSweepFiles } from "./sweep_files.ts";
import { keysOf, runPart } from "./sweep_kinds.ts";
import { hashOfPlan, type Json, type SweepPlan } from "./sweep_plan.ts";

const PLAN: SweepPlan = {
  kind: "attack",
  choice: {
    attack: "majority",
    cells: [{ share: 0.7, depth: 2 }, { share: 0.8, depth: 2 }, { share: 0.9, depth: 2 }],
    setting: {
      honest: 2,
      topology: { kind: "full" },
      latency: { kind: "constant", value: 1 },
      intervalMs: 1000,
      blocks: 10,
      trials: 3,
    },
    repeat: 4,
    seed: 1,
    strategySha256: null,
  },
};
const RECORD = sweepRecord(PLAN, "noobcash test");

async function runAll(keys: readonly string[], jobs: number): Promise<Map<string, Json>> {
  const parts = new Map<string, Json>();
  await runSweep(PLAN, keys, {
    jobs,
    strategyUrl: undefined,
    signal: new AbortController().signal,
    onDone: (key, result) => parts.set(key, result),
  });
  return parts;
}

function inFolder(test: (folder: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const folder = Deno.makeTempDirSync();
    try {
      await test(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

Deno.test("parts come out the same with one worker, with three, and without any", async () => {
  const keys = keysOf(PLAN);
  assert.equal(keys.length, 12);
  const [one, three] = [await runAll(keys, 1), await runAll(keys, 3)];
  for (const key of keys) {
    assert.deepEqual(one.get(key), runPart(PLAN, key, undefined));
    assert.deepEqual(three.get(key), one.get(key));
  }
});

Deno.test("a stop keeps what is done and ends the rest", async () => {
  const controller = new AbortController();
  const done: string[] = [];
  const run = runSweep(PLAN, keysOf(PLAN), {
    jobs: 1,
    strategyUrl: undefined,
    signal: controller.signal,
    onDone(key) {
      done.push(key);
      if (done.length === 2) controller.abort();
    },
  });
  await assert.rejects(run, { name: "AbortError" });
  assert.deepEqual(done, keysOf(PLAN).slice(0, 2));
});

Deno.test("every key is in exactly one shard, whatever their number", () => {
  const keys: readonly string[] = keysOf(PLAN);
  for (const count of [1, 3, 8]) {
    for (const key of keys) {
      let owners = 0;
      for (let index = 0; index < count; index++) if (isOfShard(key, { index, count })) owners++;
      assert.equal(owners, 1);
    }
  }
});

Deno.test("shards are read from words and from batch systems", () => {
  for (const text of ["0/3", "4/3", "1", "a/b", "1/0", "1/2/3", ""]) {
    assert.equal(parseShard(text).ok, false, text);
  }
  const read = (variables: Record<string, string>) => shardOfEnvironment((name) => variables[name]);
  assert.deepEqual(read({}), { ok: true, value: undefined });
  assert.deepEqual(
    read({
      SLURM_ARRAY_TASK_ID: "3",
      SLURM_ARRAY_TASK_COUNT: "8",
      SLURM_ARRAY_TASK_MIN: "1",
    }),
    { ok: true, value: { index: 2, count: 8 } },
  );
  assert.deepEqual(
    read({ JOB_COMPLETION_INDEX: "0", NOOBCASH_SHARDS: "5" }),
    { ok: true, value: { index: 0, count: 5 } },
  );
  assert.equal(read({ JOB_COMPLETION_INDEX: "0" }).ok, false);
  assert.equal(read({ SLURM_ARRAY_TASK_ID: "9", SLURM_ARRAY_TASK_COUNT: "8" }).ok, false);
});

Deno.test(
  "shards 1, 3 and 8 of one plan merge to the same bytes",
  inFolder(async (folder) => {
    const all = await runAll(keysOf(PLAN), 2);
    const bytes: string[] = [];
    for (const count of [1, 3, 8]) {
      const shards = Array.from({ length: count }, (_, index) => {
        const shard = join(folder, `${count}-${index}`);
        assert(openSweep(shard, RECORD, { resumes: false }).ok);
        // In another order than the plan's: as they come.
        for (const key of keysOf(PLAN).toReversed()) {
          if (isOfShard(key, { index, count })) appendPart(shard, key, all.get(key) as Json);
        }
        return shard;
      });
      const merged = mergeSweeps(shards);
      assert(merged.ok);
      assert.deepEqual([merged.value.missing, merged.value.doubled], [[], []]);
      const out = join(folder, `merged-${count}`);
      assert(openSweep(out, merged.value.record, { resumes: false }).ok);
      writeParts(out, merged.value.parts, keysOf(PLAN));
      await writeSweepFiles(out, merged.value.record, merged.value.parts);
      const names = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
      assert(names.includes("runs.parquet") && names.includes("majority.svg"), names.join(" "));
      bytes.push(names.map((name) => Deno.readTextFileSync(join(out, name))).join("\n"));
    }
    assert.equal(bytes[1], bytes[0]);
    assert.equal(bytes[2], bytes[0]);
  }),
);

Deno.test(
  "a merge names what is missing and doubled, and refuses other plans, versions and results",
  inFolder((folder) => {
    const [first, second] = keysOf(PLAN) as [string, string];
    const make = (name: string, record: SweepRecord, results: readonly [string, number][]) => {
      const path = join(folder, name);
      assert(openSweep(path, record, { resumes: false }).ok);
      for (const [key, blocksFound] of results) appendPart(path, key, { blocksFound });
      return path;
    };
    const a = make("a", RECORD, [[first, 1], [second, 2]]);
    const b = make("b", RECORD, [[first, 1]]);
    const merged = mergeSweeps([a, b]);
    assert(merged.ok);
    assert.deepEqual(merged.value.doubled, [first]);
    assert.deepEqual(merged.value.missing, keysOf(PLAN).slice(2));

    const other = { ...PLAN, choice: { ...PLAN.choice, seed: 2 } } as SweepPlan;
    const refusals: readonly (readonly [string, string, RegExp])[] = [
      [make("c", sweepRecord(other, RECORD.program), []), "sweep-differs", /differs in seed/],
      [make("d", sweepRecord(PLAN, "noobcash other"), []), "sweep-differs", /noobcash other/],
      [make("e", RECORD, [[first, 3]]), "parts-contradict", /another result/],
      [join(folder, "nowhere"), "sweep-absent", /no folder that simulate --out made/],
    ];
    for (const [path, code, text] of refusals) {
      const refused = mergeSweeps([a, path]);
      assert(!refused.ok);
      assert.equal(refused.error.code, code);
      assert.match(refused.error.message, text);
    }
  }),
);

Deno.test(
  "a folder is gone on in by its own plan alone, and half a line is done again",
  inFolder((folder) => {
    const [first] = keysOf(PLAN) as [string];
    assert(openSweep(folder, RECORD, { resumes: false }).ok);
    appendPart(folder, first, { blocksFound: 1 });
    Deno.writeTextFileSync(join(folder, "parts.jsonl"), '{"key":"hal', { append: true });
    assert.deepEqual([...readParts(folder).keys()], [first]);

    const again = openSweep(folder, RECORD, { resumes: false });
    assert(!again.ok && again.error.code === "sweep-exists");
    const resumed = openSweep(folder, RECORD, { resumes: true });
    assert(resumed.ok && resumed.value.size === 1);

    const more = { ...PLAN, choice: { ...PLAN.choice, repeat: 10 } } as SweepPlan;
    const refused = openSweep(folder, sweepRecord(more, RECORD.program), { resumes: true });
    assert(!refused.ok);
    assert.match(refused.error.message, /differs in repeat/);
  }),
);

Deno.test("a plan's hash does not depend on the order of its fields", () => {
  const { choice, kind } = PLAN;
  const shuffled = { choice: Object.fromEntries(Object.entries(choice).reverse()), kind };
  assert.equal(hashOfPlan(shuffled as unknown as SweepPlan), hashOfPlan(PLAN));
});
