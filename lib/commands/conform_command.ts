/**
 * `noobcash conform`: grades an implementation of the assignment from outside.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { styleText } from "node:util";
import { selfName } from "../terminal/self_command.ts";
import { sha256Hex } from "../crypto/hash.ts";
import { utf8Bytes } from "../bytes.ts";
import { ALL_TESTS } from "../conform/all_tests.ts";
import { type ConformTest, LEVEL_NAMES } from "../conform/conform_test.ts";
import { GITHUB_ACTIONS_EXAMPLE } from "../conform/github_actions.ts";
import { grade } from "../conform/grade.ts";
import { junitXml } from "../conform/junit_xml.ts";
import { runNoobcashDoor } from "../conform/noobcash_door.ts";
import type { RunResult, TestResult } from "../conform/result.ts";
import type { SandboxMode } from "../conform/sandbox.ts";
import { scoreSheetHtml } from "../conform/score_sheet.ts";
import { formatPoints, scoreOf, type Weights } from "../conform/score.ts";
import { Trouble } from "../conform/trouble.ts";
import { runWorker } from "../conform/worker.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { listOf, wholeNumber } from "../terminal/option_values.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { EXIT_CODE_INTERRUPTED, StoppedByUser, stopSignals } from "../terminal/stop_signals.ts";
import { versionLine } from "../terminal/version.ts";
import { checkCommand } from "./conform_check.ts";
import { compareCommand, readWeights } from "./conform_compare.ts";
import { initCommand } from "./conform_init.ts";
import { openAdapter, sandboxOf } from "./conform_open.ts";

export function conformCommand(): Command {
  const command = new Command("conform")
    .description(
      "grade an implementation of the assignment as a black box, or whole classes of them",
    )
    .option("--adapter <file>", 'how to run it and talk to it; "noobcash" is this very program')
    .addOption(
      new Option("--level <levels>", "only these levels, as in 2 or 1-3")
        .argParser(levels).default(undefined, "all"),
    )
    .option(
      "--only <codes>",
      "only these tests, as in L203,L431",
      listOf((text) => text.toUpperCase()),
    )
    .option("--seed <number>", "what is random follows from it", wholeNumber(0, 2 ** 31), 1)
    .option("--runs <count>", "how often a failed test is run in all", wholeNumber(1, 20), 3)
    .option("--jobs <count>", "networks side by side", wholeNumber(1, 32), 1)
    .option("--out <folder>", "write score sheet, results.json and junit.xml there")
    .option("--weights <file>", "YAML: how much levels and tests count")
    .option("--unsafe", "run it without a sandbox where this machine has none", false)
    .option("--list", "tell all tests and end", false)
    .option("--json", "print one JSON object", false)
    .action(async (options) => await run(options));
  command.addCommand(checkCommand() as unknown as Command);
  command.addCommand(initCommand());
  command.addCommand(compareCommand());
  command.addCommand(
    new Command("github-actions").description(
      "print a workflow that grades a repository at every push",
    )
      .action(() => console.log(GITHUB_ACTIONS_EXAMPLE.trimEnd())) as unknown as Command,
  );
  // Started by this program itself, never by hand.
  command.addCommand(new Command("worker").action(runWorker) as unknown as Command, {
    hidden: true,
  });
  command.addCommand(new Command("door").action(runNoobcashDoor) as unknown as Command, {
    hidden: true,
  });
  return command as unknown as Command;
}

interface RunOptions {
  readonly adapter?: string;
  readonly level?: readonly number[];
  readonly only?: readonly string[];
  readonly seed: number;
  readonly jobs: number;
  readonly runs: number;
  readonly out?: string;
  readonly weights?: string;
  readonly unsafe: boolean;
  readonly list: boolean;
  readonly json: boolean;
}

async function run(options: RunOptions): Promise<void> {
  if (options.list) return printTests(options.json);
  const tests = chooseTests(options);
  if (typeof tests === "string") return failCommand("usage", tests);
  const opened = openAdapter(options.adapter);
  if (opened === undefined) return;
  const weights = readWeights(options.weights);
  if (weights === undefined) return;
  const mode = await sandboxOf(options.unsafe);
  if (mode === undefined) return;
  // Before the work, not after it.
  if (options.out !== undefined && !makeFolder(options.out)) return;

  const stop = stopSignals();
  const progress = createProgressLine();
  const startedAt = new Date();
  let done = 0;
  try {
    const results = await grade({
      ...opened,
      mode,
      tests,
      seed: options.seed,
      jobs: options.jobs,
      runs: options.runs,
      signal: stop.signal,
      onEvent(event) {
        if (event.event === "test") {
          const title = tests.find(({ code }) => code === event.code)?.title ?? "";
          const again = event.run > 1 ? ` (run ${event.run})` : "";
          progress.update(
            `${
              progressBar(done / tests.length)
            } ${done} of ${tests.length}  ${event.code}${again} ${title}`,
          );
        } else if (event.event === "result") {
          done++;
          progress.clear();
          if (!options.json) console.log(resultLine(event.result));
        }
      },
    });
    progress.clear();
    const finished: RunResult = {
      format: 1,
      implementation: opened.adapter.name,
      adapterSha256: sha256Hex(utf8Bytes(opened.text)),
      seed: options.seed,
      program: versionLine(),
      sandbox: SANDBOX_WORDS[mode],
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      command: repeatCommand(options),
      results,
    };
    if (options.out !== undefined) writeResults(options.out, finished, weights);
    console.log(
      options.json
        ? JSON.stringify({ ...finished, score: scoreOf(results, weights) })
        : summary(finished, weights, options.out),
    );
    if (results.some(({ verdict }) => verdict === "failed" || verdict === "flaky")) {
      Deno.exitCode = 1;
    }
  } catch (error) {
    if (error instanceof StoppedByUser) Deno.exitCode = EXIT_CODE_INTERRUPTED;
    else if (error instanceof Trouble) {
      failCommand("refused", `Cannot grade: ${error.code}: ${error.message}`);
    } else throw error;
  } finally {
    progress.clear();
    stop.dispose();
  }
}

const SANDBOX_WORDS: Readonly<Record<SandboxMode, string>> = {
  root:
    "namespaces, a user of its own for each node, limits on memory, processes, files and output",
  user: "namespaces of an ordinary user, limits on memory, processes, files and output",
  none: "none (--unsafe); limits on memory and files by process, and on output",
};

function chooseTests({ level, only }: RunOptions): readonly ConformTest[] | string {
  const unknown = only?.find((code) => !ALL_TESTS.some((test) => test.code === code));
  if (unknown !== undefined) {
    return `Cannot choose tests: got "${unknown}", wanted a code of "noobcash conform --list"`;
  }
  const chosen = ALL_TESTS.filter((test) =>
    (level === undefined || level.includes(test.level)) &&
    (only === undefined || only.includes(test.code))
  );
  return chosen.length === 0
    ? "Cannot choose tests: none is of these levels and has these codes"
    : chosen;
}

function levels(text: string): readonly number[] {
  const [from = "", to = from] = text.split("-");
  const [low, high] = [wholeNumber(1, 6)(from), wholeNumber(1, 6)(to)];
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, at) => low + at);
}

function printTests(json: boolean): void {
  if (json) {
    return console.log(
      JSON.stringify(
        ALL_TESTS.map(({ code, level, points, title, why, basis, needs }) => ({
          code,
          level,
          points,
          title,
          why,
          basis,
          needs,
        })),
      ),
    );
  }
  let level = 0;
  for (const test of ALL_TESTS) {
    if (test.level !== level) {
      level = test.level;
      const points = ALL_TESTS.filter((one) => one.level === level).reduce(
        (sum, one) => sum + one.points,
        0,
      );
      console.log(
        styleText(
          "bold",
          `${level === 1 ? "" : "\n"}Level ${level}: ${LEVEL_NAMES[test.level]} (${points} points)`,
        ),
      );
    }
    console.log(
      `${test.code}  ${String(test.points).padStart(2)}  ${test.title}${
        test.basis === "assignment" ? "" : " *"
      }`,
    );
  }
  console.log("\n* beyond the assignment");
}

function resultLine(
  { code, verdict, title, reason, failures, runs, durationMs }: TestResult,
): string {
  const word = {
    passed: styleText("green", "passed"),
    failed: styleText("red", "FAILED"),
    flaky: styleText("yellow", "FLAKY "),
    "not-applicable": styleText("dim", "-     "),
  }[verdict];
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  const why = verdict === "passed" || reason === null
    ? ""
    : `\n             ${reason.split("\n")[0]?.slice(0, 300)}`;
  return `${word} ${code} ${title} ${
    styleText(
      "dim",
      verdict === "flaky" ? `(failed ${failures} of ${runs}, ${seconds})` : `(${seconds})`,
    )
  }${why}`;
}

function summary(run: RunResult, weights: Weights, out: string | undefined): string {
  const score = scoreOf(run.results, weights);
  const rows = score.levels.map(({ level, name, earned, possible, notApplicable }) =>
    `  ${level} ${name.padEnd(22)} ${progressBar(possible === 0 ? 0 : earned / possible, 16)} ${
      formatPoints(earned).padStart(5)
    } of ${formatPoints(possible)}` +
    (notApplicable === 0 ? "" : `, ${formatPoints(notApplicable)} not judged`)
  );
  return [
    "",
    styleText(
      "bold",
      `${run.implementation}: ${formatPoints(score.earned)} of ${
        formatPoints(score.possible)
      } points`,
    ),
    ...rows,
    ...(out === undefined ? [] : ["", `Score sheet: ${join(out, "score-sheet.html")}`]),
  ].join("\n");
}

/** Makes the folder for the results, and tries whether it can be written to. */
function makeFolder(folder: string): boolean {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.removeSync(Deno.makeTempFileSync({ dir: folder, prefix: ".noobcash-" }));
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    failCommand("usage", `Cannot write to "${folder}": got ${error.name}, wanted a folder`);
    return false;
  }
}

function writeResults(folder: string, run: RunResult, weights: Weights): void {
  Deno.writeTextFileSync(join(folder, "results.json"), `${JSON.stringify(run, undefined, 1)}\n`);
  Deno.writeTextFileSync(join(folder, "score-sheet.html"), scoreSheetHtml(run, weights));
  Deno.writeTextFileSync(join(folder, "junit.xml"), junitXml(run));
}

function repeatCommand({ adapter, level, seed, unsafe }: RunOptions): string {
  const words = [
    selfName(),
    "conform",
    "--adapter",
    shellWord(adapter ?? ""),
    "--seed",
    String(seed),
  ];
  if (level !== undefined) words.push("--level", `${level[0]}-${level.at(-1)}`);
  if (unsafe) words.push("--unsafe");
  return words.join(" ");
}

/** A word as a shell takes it. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
