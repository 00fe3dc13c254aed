/**
 * `noobcash report`: renders a result folder again, or puts two side by side.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import type { ReplayRecord } from "../experiment/replay_record.ts";
import { err, type Result } from "../result.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { languageOption, terminalLanguage } from "../terminal/terminal_language.ts";
import type { Language } from "../translation.ts";
import { render, type RenderOptions } from "./render_folder.ts";
import { traceCommand } from "./trace_files.ts";

export function reportCommand(): Command {
  const command = new Command("report")
    .description("render a result folder again, or compare two")
    .argument("[folder]", "a folder of noobcash experiment")
    .option("--json", "print one JSON object", false)
    .addOption(languageOption("language of the report"))
    .action(async (folder, { json, lang }) => {
      if (folder === undefined) {
        return failCommand("usage", "Cannot report: no result folder is named");
      }
      await render(folder, { json, language: lang as Language | undefined });
    });
  command.addCommand(compareCommand() as unknown as Command);
  command.addCommand(mergeCommand() as unknown as Command);
  command.addCommand(traceCommand() as unknown as Command);
  return command as unknown as Command;
}

function compareCommand() {
  return new Command("compare")
    .description("put two result folders side by side, with the significance of each difference")
    .argument("<a>", "a result folder")
    .argument("<b>", "another one")
    .option("--json", "print one JSON object", false)
    .addOption(languageOption("language of the table"))
    .action(async (a, b, _options, self) => {
      // The command above takes these options, too, and then has them.
      const { json: wantsJson, lang } = self.optsWithGlobals() as { json?: true; lang?: Language };
      await compare(a, b, { json: wantsJson === true, language: lang });
    });
}

function mergeCommand() {
  return new Command("merge")
    .description(
      "make one result of what several machines have: shards of a sweep or of an experiment, or a " +
        "fleet's records",
    )
    .argument(
      "<parts...>",
      "folders of shards, or a file of `noobcash replay --record` of each node",
    )
    .requiredOption("-o, --out <folder>", "the result folder; further runs may be in it")
    .option("--json", "print one JSON object", false)
    .addOption(languageOption("language of the report"))
    .action(async (paths, { out }, self) => {
      // The command above takes these options, too, and then has them.
      const { json: wantsJson, lang } = self.optsWithGlobals() as { json?: true; lang?: Language };
      const how = { json: wantsJson === true, language: lang };
      const { areExperiments, areSweeps, mergeCellFolders, mergeSweepFolders } = await import(
        "./merge_command.ts"
      );
      if (areSweeps(paths)) await mergeSweepFolders(paths, out, how.json);
      else if (areExperiments(paths)) await mergeCellFolders(paths, out, how);
      else await merge(paths, out, how);
    });
}

/** Merges records into a result folder, as the next repetition of their cell. */
async function merge(
  paths: readonly string[],
  folder: string,
  { json, language }: RenderOptions,
): Promise<void> {
  const [{ mergeExperiment, mergeReplays }, { hasRun, readExperiment, writeExperiment, writeRun }] =
    await Promise.all([
      import("../experiment/merge_replays.ts"),
      import("../experiment/experiment_folder.ts"),
    ]);
  const records: ReplayRecord[] = [];
  for (const path of paths) {
    const record = await readRecord(path);
    if (!record.ok) {
      return failCommand(
        "usage",
        `Cannot read "${path}": got ${record.error}, wanted a file of noobcash replay --record`,
      );
    }
    records.push(record.value);
  }
  const experiment = readExperiment(folder);
  if (!experiment.ok) return failCommand("usage", experiment.error.message);

  const [first] = records as [ReplayRecord];
  let repeat = 0;
  while (hasRun(folder, { cell: first.cell, repeat })) repeat++;
  const data = mergeReplays(records, { repeat });
  if (!data.ok) return failCommand("usage", data.error.message);
  writeExperiment(folder, mergeExperiment(experiment.value, data.value, first));
  writeRun(folder, data.value);
  await render(folder, { json, language });
}

async function readRecord(path: string): Promise<Result<ReplayRecord, string>> {
  const [{ replayRecordSchema }, { parseRecord }] = await Promise.all([
    import("../experiment/replay_record.ts"),
    import("../parse_record.ts"),
  ]);
  try {
    return parseRecord(Deno.readTextFileSync(path), replayRecordSchema);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return err("nothing");
    throw error;
  }
}

async function compare(
  a: string,
  b: string,
  { json, language }: RenderOptions,
): Promise<void> {
  const [{ compareResults }, { comparisonOf }, { loadResults }, { reportTexts }, { tableText }] =
    await Promise.all([
      import("../report/compare.ts"),
      import("../report/compare_table.ts"),
      import("../report/render_report.ts"),
      import("../report/texts.ts"),
      import("../client/table_text.ts"),
    ]);
  const [first, second] = [loadResults(a), loadResults(b)];
  if (!first.ok) return failCommand("usage", first.error.message);
  if (!second.ok) return failCommand("usage", second.error.message);
  const figures = compareResults(first.value.results, second.value.results);
  if (json) return console.log(JSON.stringify({ a, b, figures }));

  const text = reportTexts(terminalLanguage(language));
  const { head, rows } = comparisonOf(figures, text);
  console.log(`${text("compared.a")}: ${a}\n${text("compared.b")}: ${b}\n`);
  console.log(rows.length === 0 ? text("compared.nothing") : tableText(head, rows));
}
