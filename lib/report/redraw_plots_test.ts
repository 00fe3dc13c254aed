/**
 * The notebook and the R script of docs/analysis, run on results of the program's own.
 *
 * They run wherever their interpreter and its packages are: Debian's python3-pandas, python3-matplotlib,
 * python3-nbformat, python3-nbclient and python3-ipykernel, and r-base-core. A reader of Parquet is not
 * among these; without one both read the CSV beside it, and say so.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeExperiment, writeRun } from "../experiment/experiment_folder.ts";
import { BASE_PLAN } from "../experiment/presets.ts";
import { handMadeRun } from "../measure/hand_made_run.ts";
import { DEFAULT_NETWORK_CHOICE } from "../simulation/network_plan.ts";
import { appendPart, openSweep, sweepRecord } from "../sweep/sweep_folder.ts";
import { writeSweepFiles } from "../sweep/sweep_files.ts";
import { keysOf, runPart } from "../sweep/sweep_kinds.ts";
import type { Json, SweepPlan } from "../sweep/sweep_plan.ts";
import { renderReport } from "./render_report.ts";

const ANALYSIS = fileURLToPath(new URL("../../docs/analysis", import.meta.url));
const PYTHONS = ["python3", "/usr/bin/python3"];
const NEEDED = "import pandas, matplotlib, nbformat, nbclient, ipykernel";
const EXECUTE = `
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            print(output.text, end="")
`;

const python = PYTHONS.find((name) => isFine(name, ["-c", NEEDED]));
const hasR = isFine("Rscript", ["--version"]);

Deno.test({
  name:
    "the notebook redraws attacks, networks and experiments from Parquet, or says that it reads CSV",
  ignore: python === undefined,
  async fn() {
    await withResults(async (folders, plots) => {
      const text = await run(python as string, ["-c", EXECUTE, join(ANALYSIS, "plots.ipynb")], {
        NOOBCASH_RESULTS: folders.join(":"),
        NOOBCASH_PLOTS: plots,
        MPLBACKEND: "agg",
        // The kernel keeps its files there.
        HOME: plots,
      });
      const hasReader = isFine(python as string, ["-c", "import pyarrow"]);
      assert.match(
        text,
        hasReader ? /figures\.parquet: 4 rows/ : /figures\.csv: 4 rows \(no reader/,
      );
      assertDrawn(plots, "");
    });
  },
});

Deno.test({
  name: "the R script redraws the same plots",
  ignore: !hasR,
  async fn() {
    await withResults(async (folders, plots) => {
      const script = join(ANALYSIS, "plots.R");
      const text = await run("Rscript", [script, ...folders], { NOOBCASH_PLOTS: plots });
      assert.match(text, /figures\.(?:parquet|csv): 4 rows/);
      assertDrawn(plots, "-r");
    });
  },
});

/** Each plot is a PNG, and not an empty one. */
function assertDrawn(plots: string, suffix: string): void {
  const names = [
    "attack-attack",
    "network-forks",
    "experiment-txPerSecond",
    "experiment-blockTimeMs",
  ];
  for (const name of names) {
    const bytes = Deno.readFileSync(join(plots, `${name}${suffix}.png`));
    assert.deepEqual([...bytes.slice(1, 4)], [...new TextEncoder().encode("PNG")]);
    assert(bytes.length > 3_000, `${name} has ${bytes.length} bytes`);
  }
}

/** A small result of each kind. */
async function withResults(
  act: (folders: readonly string[], plots: string) => Promise<void>,
): Promise<void> {
  const root = Deno.makeTempDirSync({ prefix: "noobcash-plots-" });
  try {
    const setting = {
      honest: 4,
      topology: { kind: "full" },
      latency: { kind: "constant", value: 10 },
      intervalMs: 600_000,
      blocks: 40,
      trials: 1,
    } as const;
    await writeSweep(join(root, "attack"), {
      kind: "attack",
      choice: {
        attack: "selfish",
        cells: [0.2, 0.4].flatMap((share) => [0, 0.5].map((gamma) => ({ share, gamma }))),
        setting,
        repeat: 2,
        seed: 1,
        strategySha256: null,
      },
    });
    await writeSweep(join(root, "network"), {
      kind: "network",
      choice: {
        network: { ...DEFAULT_NETWORK_CHOICE, nodes: 10, blocks: 20 },
        intervalsMs: [500, 1000, 2000, 4000],
        repeat: 2,
      },
    });
    await writeMeasured(join(root, "experiment"));
    const plots = join(root, "plots");
    Deno.mkdirSync(plots);
    await act(["attack", "network", "experiment"].map((name) => join(root, name)), plots);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

async function writeSweep(folder: string, plan: SweepPlan): Promise<void> {
  const record = sweepRecord(plan, "noobcash test");
  assert(openSweep(folder, record, { resumes: false }).ok);
  const parts = new Map<string, Json>();
  for (const key of keysOf(plan)) {
    const result = runPart(plan, key, undefined);
    parts.set(key, result);
    appendPart(folder, key, result);
  }
  await writeSweepFiles(folder, record, parts);
}

async function writeMeasured(folder: string): Promise<void> {
  writeExperiment(folder, {
    version: 1,
    preset: null,
    command: "noobcash experiment --out DIR",
    startedAtMs: 0,
    plan: BASE_PLAN,
    environment: {
      program: "noobcash test",
      deno: "2",
      v8: "1",
      os: "linux",
      processor: "one",
      cores: 1,
      memoryBytes: 2 ** 30,
    },
  });
  for (const capacity of [1, 5]) {
    for (const repeat of [0, 1]) {
      const data = handMadeRun();
      const run = { ...data.run, repeat, cell: { ...data.run.cell, capacity } };
      writeRun(folder, { ...data, run });
    }
  }
  assert((await renderReport(folder)).ok);
}

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function isFine(program: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
