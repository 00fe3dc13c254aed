/**
 * Results that others made: folders of experiments and of sweeps as reports and the pages of results read
 * them, and artifacts. A spoilt file is refused with a sentence, or named on the page.
 *
 * @module
 */
import { createTar } from "nanotar";
import { join } from "node:path";
import zlib from "node:zlib";
import { packArtifact, unpackArtifact } from "../../lib/artifact/bundle.ts";
import { utf8Bytes } from "../../lib/bytes.ts";
import { writeExperiment, writeRun } from "../../lib/experiment/experiment_folder.ts";
import { handMadeExperiment, handMadeRun } from "../../lib/measure/hand_made_run.ts";
import { summarizeRun, summarizeRuns } from "../../lib/measure/summary.ts";
import type { RandomStream } from "../../lib/random/random_stream.ts";
import { compareResults } from "../../lib/report/compare.ts";
import { drawConclusions } from "../../lib/report/conclusions.ts";
import { loadResults } from "../../lib/report/render_report.ts";
import { invariant } from "../../lib/result.ts";
import { reportTexts } from "../../lib/report/texts.ts";
import { compareDescribed } from "../../lib/serve/compare_results.ts";
import { describeResult } from "../../lib/serve/describe_result.ts";
import { readParts, readSweep, sweepRecord } from "../../lib/sweep/sweep_folder.ts";
import type { Door } from "./doors.ts";

const RUN = handMadeRun();
const EXPERIMENT = handMadeExperiment();

/** An experiment's raw records, as a report reads them. */
export function resultDoor(folder: string): Door {
  const path = join(folder, "results");
  writeExperiment(path, EXPERIMENT);
  writeRun(path, RUN);
  const runs = join(path, "runs");
  const [cell] = [...Deno.readDirSync(runs)].map(({ name }) => name);
  const run = join(runs, cell as string, String(RUN.run.repeat));
  const files = [
    join(path, "experiment.json"),
    ...["run.json", "transactions.jsonl", "blocks.jsonl"].map((name) => join(run, name)),
  ];
  const corpus = files.map((file) => Deno.readFileSync(file));
  return {
    name: "result folders",
    corpus,
    turn: 20,
    take(input, random) {
      spoilOne(files, corpus, input, random);
      const loaded = loadResults(path);
      if (!loaded.ok) return demandSentence(loaded.error.message);
      drawConclusions(loaded.value.results);
      compareResults(loaded.value.results, loaded.value.results);
    },
  };
}

/** What was computed from records, as the pages of results read it. */
export function figuresDoor(folder: string): Door {
  const path = join(folder, "figures");
  Deno.mkdirSync(path);
  const names = ["experiment.json", "results.json", "figures.json", "sweep.json", "parts.jsonl"];
  const files = names.map((name) => join(path, name));
  const plan = { kind: "network", choice: { runs: 3, network: { seed: 1 } } } as unknown;
  const record = sweepRecord(plan as Parameters<typeof sweepRecord>[0], "noobcash");
  const corpus = [
    JSON.stringify(EXPERIMENT),
    JSON.stringify(summarizeRuns([summarizeRun(RUN), summarizeRun(RUN)])),
    '{"kind":"network","program":"noobcash","verdict":"held","points":[{"a":{"b":1},"c":2}]}',
    JSON.stringify(record),
    '{"key":"1","result":{"a":[1,2]}}\n{"key":"2","result":null}\n',
  ].map(utf8Bytes);
  let timeMs = 0;
  return {
    name: "figures",
    corpus,
    turn: 20,
    take(input, random) {
      spoilOne(files, corpus, input, random);
      const sweep = readSweep(path);
      if (!sweep.ok) demandSentence(sweep.error.message);
      readParts(path);
      for (const kind of ["experiment", "simulation"] as const) {
        const found = { name: kind, path, kind, timeMs: timeMs++, sizeBytes: 1 };
        const described = describeResult(found);
        compareDescribed(described, described, reportTexts("el"));
        for (const problem of described.problems) {
          invariant(names.some((name) => problem.startsWith(`${name}: `)), `No file: ${problem}`);
        }
      }
    },
  };
}

/** Artifacts, spoilt as they are and spoilt inside. */
export function artifactDoor(): Door {
  const hash = "ab".repeat(32);
  const whole = packArtifact({
    kind: "simulated",
    program: "noobcash",
    programSha256: hash,
    runtimeSha256: hash,
    planHash: hash,
    seeds: [1],
    machine: null,
    tolerance: null,
    commands: { check: "noobcash artifact check a", reproduce: "noobcash artifact check a" },
  }, new Map([["sweep.json", new Uint8Array(utf8Bytes("{}"))]]));
  const unpacked = unpackArtifact(whole);
  invariant(unpacked.ok, "What was packed can be unpacked");
  const manifest = utf8Bytes(JSON.stringify(unpacked.value.manifest));
  const take = (bytes: Uint8Array) => {
    const taken = unpackArtifact(bytes);
    if (!taken.ok) demandSentence(taken.error.message);
  };
  return {
    name: "artifacts",
    corpus: [whole, manifest],
    turn: 20,
    take(input) {
      take(input);
      const entries = [{ name: "artifact.json", data: input }, {
        name: "data/sweep.json",
        data: "{}",
      }];
      take(new Uint8Array(zlib.zstdCompressSync(createTar(entries))));
    },
  };
}

/** Puts every file as it was but the one that the input may be of. */
function spoilOne(
  files: readonly string[],
  corpus: readonly Uint8Array[],
  input: Uint8Array,
  random: RandomStream,
): void {
  const spoilt = random.pick(files);
  for (const [index, file] of files.entries()) {
    Deno.writeFileSync(file, file === spoilt ? input : corpus[index] as Uint8Array);
  }
}

function demandSentence(message: string): void {
  invariant(/^Cannot .*, wanted /.test(message), `A refusal says what was wanted: ${message}`);
}
