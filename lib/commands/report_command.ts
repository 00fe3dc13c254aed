/**
 * `noobcash report`: renders a result folder again, or puts two side by side.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { METRICS } from "../measure/metric_table.ts";
import { formatCell } from "../measure/run_record.ts";
import { failCommand } from "./fail_command.ts";

export function reportCommand(): Command {
  const command = new Command("report")
    .description("render a result folder again, or compare two")
    .argument("[folder]", "a folder of noobcash experiment")
    .option("--json", "print one JSON object", false)
    .action(async (folder, { json }) => {
      if (folder === undefined) {
        return failCommand("usage", "Cannot report: got no folder, wanted a result folder");
      }
      await render(folder, json);
    });
  command.addCommand(compareCommand() as unknown as Command);
  return command as unknown as Command;
}

function compareCommand() {
  return new Command("compare")
    .description("put two result folders side by side, with the significance of each difference")
    .argument("<a>", "a result folder")
    .argument("<b>", "another one")
    .option("--json", "print one JSON object", false)
    .action(async (a, b, _options, self) => {
      await compare(a, b, self.optsWithGlobals().json === true);
    });
}

/** Renders a folder and says where the report is. */
export async function render(folder: string, json: boolean): Promise<void> {
  const { renderReport } = await import("../report/render_report.ts");
  const report = await renderReport(folder);
  if (!report.ok) return failCommand("usage", report.error.message);
  console.log(json ? JSON.stringify({ report: report.value }) : `Report: ${report.value}`);
}

async function compare(a: string, b: string, json: boolean): Promise<void> {
  const [{ compareResults }, { loadResults }, { formatFigure }, { default: Table }] = await Promise
    .all([
      import("../report/compare.ts"),
      import("../report/render_report.ts"),
      import("../report/conclusions.ts"),
      import("cli-table3"),
    ]);
  const [first, second] = [loadResults(a), loadResults(b)];
  if (!first.ok) return failCommand("usage", first.error.message);
  if (!second.ok) return failCommand("usage", second.error.message);
  const figures = compareResults(first.value.results, second.value.results);
  if (json) return console.log(JSON.stringify({ a, b, figures }));

  const table = new Table({ head: ["cell", "figure", "a", "b", "b / a", "p", ""] });
  for (const { cell, metric, meanA, meanB, ratio, p, verdict } of figures) {
    const { label, unit } = METRICS[metric];
    table.push([
      formatCell(cell),
      `${label}, ${unit}`,
      formatFigure(meanA),
      formatFigure(meanB),
      formatFigure(ratio),
      p === null ? "–" : p.toFixed(3),
      verdict,
    ]);
  }
  console.log(`a: ${a}\nb: ${b}\n${table.toString()}`);
}
