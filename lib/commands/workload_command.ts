/**
 * `noobcash workload`: makes workloads from a seed, and tells what one can come to.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import {
  checkWorkloadChoice,
  DEFAULT_WORKLOAD_CHOICE,
  generateWorkload,
} from "../workload/generate_workload.ts";
import { DEFAULT_LINT_OPTIONS, type LintReport, lintWorkload } from "../workload/lint_workload.ts";
import { readWorkload } from "../workload/read_workload.ts";
import {
  describeMalformed,
  formatWorkloadFile,
  type PaymentLine,
} from "../workload/workload_file.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";

export function workloadCommand(): Command {
  const command = new Command("workload")
    .description("make a workload from a seed, or check one");
  command.addCommand(generateCommand() as unknown as Command);
  command.addCommand(lintCommand() as unknown as Command);
  return command as unknown as Command;
}

function generateCommand() {
  const choice = DEFAULT_WORKLOAD_CHOICE;
  return new Command("generate")
    .description("write transactions<id>.txt for each node; every line can be afforded at any pace")
    .argument("<folder>", "where the files go; made if it is not there")
    .option("-n, --nodes <count>", "how many nodes", wholeNumber(1, 10_000), choice.nodes)
    .option("--lines <count>", "lines a node", wholeNumber(1, 1_000_000), choice.linesPerNode)
    .option("--seed <number>", "the same seed makes the same files", wholeNumber(0), choice.seed)
    .option("--amount-max <coins>", "the most a line pays", wholeNumber(1), choice.amountMax)
    .option(
      "--impossible <count>",
      "lines a node that ask for more coins than exist",
      wholeNumber(0),
      choice.impossiblePerNode,
    )
    .option(
      "--lead <lines>",
      "how far one client may run ahead of another",
      wholeNumber(0),
      choice.lead,
    )
    .option("--coins <count>", "what each node starts with", wholeNumber(1), choice.coinsPerNode)
    .option("--force", "replace files that are there", false)
    .option("--json", "print one JSON object", false)
    .action((folder, options) => {
      const made = {
        nodes: options.nodes,
        linesPerNode: options.lines,
        seed: options.seed,
        amountMax: options.amountMax,
        impossiblePerNode: options.impossible,
        lead: options.lead,
        coinsPerNode: options.coins,
      };
      const problem = checkWorkloadChoice(made);
      if (problem !== undefined) return failCommand("usage", problem);

      const files = generateWorkload(made).map(({ fileName, lines }) => ({
        path: join(folder, fileName),
        text: formatWorkloadFile(lines as PaymentLine[]),
      }));
      Deno.mkdirSync(folder, { recursive: true });
      try {
        for (const { path, text } of files) {
          Deno.writeTextFileSync(path, text, { createNew: !options.force });
        }
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        return failCommand(
          "usage",
          `Cannot write to "${folder}": got files that are there, wanted an empty folder or --force`,
        );
      }

      if (options.json) console.log(JSON.stringify({ folder, files: files.length, ...made }));
      else console.log(`${files.length} files of ${options.lines} lines in ${folder}`);
    });
}

function lintCommand() {
  return new Command("lint")
    .description("tell which lines can never succeed and how many can at most")
    .argument("<folder>", "where transactions<id>.txt are")
    .option("-n, --nodes <count>", "how many nodes; all that have a file", wholeNumber(1, 10_000))
    .option(
      "--coins <count>",
      "what each node starts with",
      wholeNumber(1),
      DEFAULT_LINT_OPTIONS.coinsPerNode,
    )
    .option(
      "--fee <coins>",
      "what each transaction pays to the miner",
      wholeNumber(0),
      DEFAULT_LINT_OPTIONS.fee,
    )
    .option("--orders <count>", "orders to try for the spread", wholeNumber(0, 1_000_000), 2000)
    .option("--json", "print one JSON object", false)
    .action((folder, { nodes, coins, fee, orders, json }) => {
      const workload = readWorkload(folder, nodes);
      if (!workload.ok) return failCommand("usage", workload.error.message);
      const report = lintWorkload(workload.value, {
        ...DEFAULT_LINT_OPTIONS,
        coinsPerNode: coins,
        fee,
        orders,
      });
      console.log(json ? JSON.stringify(report) : formatReport(report));
      if (report.malformed.length > 0) Deno.exitCode = 1;
    });
}

function formatReport(report: LintReport): string {
  const { evenPace } = report;
  return [
    ...report.malformed.map(({ fileName, line }) => describeMalformed(fileName, line)),
    ...report.impossible.map(({ fileName, line, reason, reachable }) =>
      `${fileName}:${line.lineNumber}: id${line.receiverId} ${line.amount} can never succeed: ` +
      (reason === "receiver-unknown" ? "no such node" : `its node can hold ${reachable} at most`)
    ),
    `nodes       ${report.nodes}`,
    `offered     ${report.offered}`,
    `malformed   ${report.malformed.length}`,
    `impossible  ${report.impossible.length}`,
    `ceiling     ${report.ceiling} accepted at most`,
    ...(evenPace === undefined ? [] : [
      `even pace   ${evenPace.min} to ${evenPace.max} accepted, median ${evenPace.median} ` +
      `(${evenPace.orders} orders, no retry)`,
    ]),
  ].join("\n");
}
