/**
 * Renders a result folder: results.json, results.csv, results.parquet, plots as SVG, report.html, report.md.
 *
 * Called after an experiment and by `noobcash report`.
 *
 * @module
 */
import { join } from "node:path";
import { readExperiment, readRuns } from "../experiment/experiment_folder.ts";
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import {
  formatCsv,
  type Results,
  summarizeRun,
  summarizeRuns,
  tableOfResults,
} from "../measure/summary.ts";
import { parquetOfTable } from "../table/parquet.ts";
import { err, ok, type Result } from "../result.ts";
import type { Language } from "../translation.ts";
import { drawConclusions } from "./conclusions.ts";
import { drawPlots } from "./plots.ts";
import { renderHtml } from "./report_html.ts";
import { renderMarkdown } from "./report_markdown.ts";
import { reportTexts } from "./texts.ts";

export interface LoadedResults {
  readonly experiment: ExperimentRecord;
  readonly results: Results;
}

export interface ReportError {
  readonly code: "experiment-unreadable" | "experiment-empty";
  readonly message: string;
}

/** Reads a result folder and computes its figures from the raw records. */
export function loadResults(folder: string): Result<LoadedResults, ReportError> {
  const experiment = readExperiment(folder);
  if (!experiment.ok) return experiment;
  const runs = readRuns(folder);
  if (!runs.ok) return runs;
  if (experiment.value === undefined || runs.value.length === 0) {
    return err({
      code: "experiment-empty",
      message:
        `Cannot report on "${folder}": it has no finished runs, wanted a folder of noobcash ` +
        "experiment",
    });
  }
  return ok({ experiment: experiment.value, results: summarizeRuns(runs.value.map(summarizeRun)) });
}

/** Writes everything that is made from the raw records; answers where the report is. */
export async function renderReport(
  folder: string,
  language: Language = "en",
): Promise<Result<string, ReportError>> {
  const loaded = loadResults(folder);
  if (!loaded.ok) return loaded;
  const { experiment, results } = loaded.value;
  const csv = formatCsv(results);
  const json = JSON.stringify({ experiment, ...results }, null, 2) + "\n";
  const text = reportTexts(language);
  const plots = await drawPlots(results, text);
  const conclusions = drawConclusions(results, text);

  Deno.mkdirSync(join(folder, "plots"), { recursive: true });
  Deno.writeTextFileSync(join(folder, "results.csv"), csv);
  const parquet = await parquetOfTable(tableOfResults(results));
  Deno.writeFileSync(join(folder, "results.parquet"), parquet);
  Deno.writeTextFileSync(join(folder, "results.json"), json);
  for (const { name, svg } of plots) {
    Deno.writeTextFileSync(join(folder, "plots", `${name}.svg`), svg);
  }
  Deno.writeTextFileSync(
    join(folder, "report.md"),
    renderMarkdown({ experiment, results, plots, conclusions }, text),
  );
  const path = join(folder, "report.html");
  Deno.writeTextFileSync(
    path,
    renderHtml({ experiment, results, plots, conclusions, csv, json, language }),
  );
  return ok(path);
}
