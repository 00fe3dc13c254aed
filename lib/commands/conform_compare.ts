/**
 * `noobcash conform compare`: a table of a whole class.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import Table from "cli-table3";
import { basename, join, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import {
  commonFailures,
  compareCsv,
  type ComparedRun,
  compareRuns,
} from "../conform/compare_runs.ts";
import { readResult, RESULT_BYTES_MAX } from "../conform/read_result.ts";
import type { RunResult } from "../conform/result.ts";
import { formatPoints, unknownCodes, type Weights, weightsSchema } from "../conform/score.ts";
import { err, type Result } from "../result.ts";
import { failCommand } from "../terminal/fail_command.ts";

export function compareCommand(): Command {
  return new Command("compare")
    .description("make a table of many runs: points by level, and what most of them fail")
    .argument("<folders...>", "folders that --out made")
    .option("--weights <file>", "YAML: how much levels and tests count")
    .option("--csv", "print CSV, a column a test", false)
    .option("--json", "print one JSON object", false)
    .action((folders, _options, self) => {
      // The command above takes --weights and --json, too, and then has them.
      const { weights: file, csv, json } = self.optsWithGlobals();
      const weights = readWeights(file);
      if (weights === undefined) return;
      const runs: ComparedRun[] = [];
      for (const folder of folders) {
        const run = readRun(folder);
        if (!run.ok) {
          return failCommand(
            "usage",
            `Cannot read "${
              join(folder, "results.json")
            }": ${run.error}, wanted what "noobcash conform --out" writes`,
          );
        }
        runs.push({ name: basename(resolve(folder)), run: run.value });
      }
      if (csv) {
        return void Deno.stdout.writeSync(new TextEncoder().encode(compareCsv(runs, weights)));
      }
      const compared = compareRuns(runs, weights);
      const failures = commonFailures(runs);
      if (json) {
        const rows = compared.map(({ name, run, score }) => ({
          name,
          implementation: run.implementation,
          seed: run.seed,
          score,
        }));
        return console.log(JSON.stringify({ runs: rows, commonFailures: failures }));
      }
      const table = new Table({
        head: ["Run", "Points", "of", "1", "2", "3", "4", "5", "6", "Not judged"],
        style: { head: [], border: [] },
      });
      for (const { name, score } of compared) {
        const byLevel = [1, 2, 3, 4, 5, 6].map((level) => {
          const found = score.levels.find((one) => one.level === level);
          return found === undefined ? "-" : formatPoints(found.earned);
        });
        table.push([
          name,
          formatPoints(score.earned),
          formatPoints(score.possible),
          ...byLevel,
          formatPoints(score.notApplicable),
        ]);
      }
      console.log(table.toString());
      if (failures.length === 0) return;
      console.log("\nWhat most fail");
      for (const { code, title, count } of failures.slice(0, 15)) {
        console.log(`  ${String(count).padStart(3)} of ${runs.length}  ${code} ${title}`);
      }
    }) as unknown as Command;
}

/** Reads a weights file; says what is wrong with it. */
export function readWeights(file: string | undefined): Weights | undefined {
  if (file === undefined) return {};
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    failCommand(
      "usage",
      `Cannot read the weights "${file}": got ${error.name}, wanted a YAML file`,
    );
    return undefined;
  }
  const document = parseDocument(text, { lineCounter: new LineCounter() });
  const parsed = weightsSchema.safeParse(
    document.errors.length > 0 ? undefined : document.toJS() ?? {},
  );
  const unknown = parsed.success ? unknownCodes(parsed.data) : [];
  if (parsed.success && unknown.length === 0) return parsed.data;
  const why = document.errors[0]?.message.split("\n")[0] ??
    (parsed.success
      ? `no test "${unknown[0]}"`
      : parsed.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; "));
  failCommand("usage", `Cannot read the weights "${file}": ${why}`);
  return undefined;
}

/** Reads what a run wrote into a folder; the error says what was found instead. */
function readRun(folder: string): Result<RunResult, string> {
  const path = join(folder, "results.json");
  try {
    const { size } = Deno.statSync(path);
    if (size > RESULT_BYTES_MAX) return err(`got ${size} bytes`);
    return readResult(Deno.readTextFileSync(path));
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.IsADirectory || error instanceof Deno.errors.PermissionDenied
    ) return err(`got ${error.name}`);
    throw error;
  }
}
