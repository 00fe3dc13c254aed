import assert from "node:assert/strict";
import { join } from "node:path";
import { writeExperiment, writeRun } from "../experiment/experiment_folder.ts";
import { BASE_PLAN } from "../experiment/presets.ts";
import { handMadeRun } from "../measure/hand_made_run.ts";
import type { RunData } from "../measure/run_record.ts";
import { loadResults, renderReport } from "./render_report.ts";
import { REPORT_TEXTS, type ReportTextKey } from "./texts.ts";

Deno.test("renderReport() writes a report that needs nothing else, with every part in it", async () => {
  await withFolder(async (folder) => {
    writeExperiment(folder, EXPERIMENT);
    for (const capacity of [1, 10]) {
      for (const repeat of [0, 1]) writeRun(folder, runOf(capacity, repeat));
    }
    const spoilt = runOf(10, 2);
    writeRun(folder, {
      ...spoilt,
      run: { ...spoilt.run, invalid: [{ code: "not-converged", text: "Ended on <2> tips" }] },
    });

    const report = await renderReport(folder);
    assert(report.ok);
    const html = Deno.readTextFileSync(report.value);
    assert.deepEqual([...html.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, title]) => title), [
      "Conclusions",
      "Throughput and block time",
      "Plots",
      "Where the time goes",
      "Validity",
      "Method",
      "Environment and plan",
      "Every figure",
    ]);
    assert.deepEqual([...html.matchAll(/<figure id="([^"]+)">/g)].map(([, name]) => name), [
      "throughput-by-capacity",
      "block-time-by-capacity",
      "throughput-by-nodes",
      "block-time-by-nodes",
      "latency",
      "forks",
      "efficiency",
    ]);
    const targets = [...html.matchAll(/<a href="#([^"]+)">/g)].map(([, id]) => id);
    assert.equal(targets.length, 8 + 7);
    for (const id of targets) assert(html.includes(` id="${id}"`), id);
    for (const column of html.matchAll(/<th>(?:reference|others|ours)[^<]*<\/th>/g)) {
      assert.fail(`Nothing was published of such cells: ${column}`);
    }
    for (const [, width] of html.matchAll(/<svg [^>]*width="(\d+)/g)) {
      assert(Number(width) > 950 && Number(width) < 1150, `a plot is ${width} wide`);
    }
    assert.match(html, /4 of 5 runs valid/);
    assert.match(html, /<td>not-converged<\/td><td>Ended on &lt;2&gt; tips<\/td>/);
    assert(!/(?:src|href)="(?:https?:)?\/\//.test(html), "Nothing may be loaded from elsewhere");
    assert(!html.includes("NaN") && !html.includes("undefined"));

    const names = [...Deno.readDirSync(join(folder, "plots"))].map(({ name }) => name);
    assert.equal(names.filter((name) => name.endsWith(".svg")).length, 7);
    const markdown = Deno.readTextFileSync(join(folder, "report.md"));
    assert.match(markdown, /^# Results: quick\n\nMade by `noobcash experiment --preset quick/);
    assert.match(markdown, /\n\| 2 \| 1 \| 10 \| 1.5 ± 0 \|/);
    for (const name of names) assert(markdown.includes(`](plots/${name})`), name);
    const results = JSON.parse(Deno.readTextFileSync(join(folder, "results.json")));
    assert.deepEqual(
      results.cells.map((
        cell: { validRuns: number; invalidRuns: number },
      ) => [cell.validRuns, cell.invalidRuns]),
      [[2, 0], [2, 1]],
    );
    assert.match(
      Deno.readTextFileSync(join(folder, "results.csv")),
      /^2,10,1,txPerSecond,tx\/s,1.5/m,
    );
  });
});

Deno.test("renderReport() leaves no English in a Greek report but keys, codes and names", async () => {
  await withFolder(async (folder) => {
    writeExperiment(folder, EXPERIMENT);
    for (const repeat of [0, 1]) writeRun(folder, runOf(10, repeat));
    const invalid = [{ code: "not-converged", text: "2" }];
    const spoilt = runOf(10, 2);
    writeRun(folder, { ...spoilt, run: { ...spoilt.run, invalid } });
    assert((await renderReport(folder, "el")).ok);

    const files = ["report.html", "report.md", "plots/latency.svg", "plots/forks.svg"];
    for (const name of files) {
      const shown = Deno.readTextFileSync(join(folder, name))
        .replaceAll(/<style>.*?<\/style>/gs, "").split(/<[^>]*>|[|\n:`]/)
        .map((part) => part.trim());
      assert(shown.length > 20);
      for (const [key, english] of Object.entries(REPORT_TEXTS.en)) {
        const isOwn = REPORT_TEXTS.el[key as ReportTextKey] !== english;
        if (isOwn) assert(!shown.includes(english), `${name} has "${english}"`);
      }
      const prose = Object.values(REPORT_TEXTS.en).filter((each) => /^[^{}]{25,}$/.test(each));
      for (const english of prose) {
        assert(!shown.some((part) => part.includes(english)), `${name} has "${english}"`);
      }
    }
    const svg = Deno.readTextFileSync(join(folder, "plots/latency.svg"));
    assert.match(svg, />την έχουν όλοι</);
    assert.match(svg, />χωρητικότητα 10</);
  });
});

Deno.test("renderReport() draws the same plots from the same records", async () => {
  await withFolder(async (folder) => {
    writeExperiment(folder, EXPERIMENT);
    writeRun(folder, runOf(1, 0));
    const path = join(folder, "plots", "throughput-by-capacity.svg");
    await renderReport(folder);
    const first = Deno.readTextFileSync(path);
    await renderReport(folder);
    assert.equal(Deno.readTextFileSync(path), first);
  });
});

Deno.test("loadResults() refuses a folder that is no experiment", async () => {
  await withFolder((folder) => {
    const empty = loadResults(folder);
    assert(!empty.ok && empty.error.code === "experiment-empty");
    Deno.writeTextFileSync(join(folder, "experiment.json"), "{}");
    const foreign = loadResults(folder);
    assert(!foreign.ok && foreign.error.code === "experiment-unreadable");
  });
});

Deno.test("readEnvironment() names the machine with no more than the program's permissions", async () => {
  const url = new URL("../experiment/environment.ts", import.meta.url).href;
  const code =
    `import { readEnvironment } from "${url}"; console.log(readEnvironment("").processor)`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    stdin: "null",
  }).output();
  const asProgram = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--allow-read", "--allow-sys", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = asProgram.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const named = new TextDecoder().decode((await asProgram.output()).stdout).trim();
  assert.equal(named, new TextDecoder().decode(stdout).trim());
  assert(named.length > 3 && named !== "unknown");
});

const EXPERIMENT = {
  version: 1,
  preset: "quick",
  command: "noobcash experiment --preset quick --out DIR",
  startedAtMs: 1_767_225_600_000,
  plan: BASE_PLAN,
  environment: {
    program: "noobcash 0.1.0",
    deno: "2.9.6",
    v8: "14",
    os: "linux",
    processor: "one",
    cores: 2,
    memoryBytes: 2 ** 32,
  },
} as const;

function runOf(capacity: number, repeat: number): RunData {
  const data = handMadeRun();
  return { ...data, run: { ...data.run, repeat, cell: { ...data.run.cell, capacity } } };
}

async function withFolder(act: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "noobcash-report-" });
  try {
    await act(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
