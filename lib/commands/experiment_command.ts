/**
 * `noobcash experiment`: measures throughput, block time and more over a matrix of networks.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { hostname } from "node:os";
import { PRESETS } from "../experiment/presets.ts";
import { isSameMachine, machineText } from "../experiment/merge_cells.ts";
import { type PlanDifference, resumePlan } from "../experiment/resume_plan.ts";
import type { ExperimentRecord } from "../measure/experiment_record.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { type FlagName, longFlagOf, PARAMETERS } from "../parameter_table.ts";
import { createParams, DEFAULT_PARAMS } from "../params.ts";
import { paramsErrorText } from "../runtime/node_options.ts";
import { parameterOptions } from "../terminal/parameter_options.ts";
import { progressText, runText } from "../report/run_progress.ts";
import { reportTexts } from "../report/texts.ts";
import { invariant, ok } from "../result.ts";
import type { Shard } from "../sweep/shard.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { decimalNumber, listOf, wholeNumber } from "../terminal/option_values.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { durationMs, hashRate, share } from "../terminal/quantities.ts";
import { languageOption, terminalLanguage } from "../terminal/terminal_language.ts";
import { type ExperimentCommandOptions, loadProblem, planOf } from "./experiment_plan.ts";
import { render } from "./render_folder.ts";
import { shardOf, shardOption } from "./sweep_options.ts";
import { EXIT_CODE_INTERRUPTED, StoppedByUser, stopSignals } from "../terminal/stop_signals.ts";

export function experimentCommand(): Command {
  const command = new Command("experiment")
    .description("measure networks of real processes over a matrix of parameters")
    .requiredOption("-o, --out <folder>", "where raw data, figures and the report go")
    .addOption(new Option("--preset <name>", "a ready-made matrix").choices(PRESETS))
    .option("-n, --nodes <counts>", "as in 5,10", listOf(wholeNumber(1, 200)))
    .option("-c, --capacity <counts>", "as in 1,5,10", listOf(wholeNumber(1)))
    .option("--difficulty <zeros>", "as in 4,5", listOf(decimalNumber(0, 16)))
    .addOption(
      new Option("--coins <count>", "coins of each node at the start")
        .argParser(coins).default(undefined, "100"),
    )
    .option("--repeat <count>", "repetitions of each cell", wholeNumber(1, 1000))
    .option(
      "--workload <folder>",
      "holds <n>nodes/transactions<id>.txt (transactions, or generated)",
    )
    .option(
      "--load <duration>",
      "pay round the ring for so long, instead of a workload",
      durationMs,
    )
    .option("--lines <count>", "only so many lines of each file", wholeNumber(1))
    .option("--seed <number>", "orders the cells", wholeNumber(0))
    .option("--rate <lines>", "open loop: so many payments a second", decimalNumber(0.001, 1e6))
    .option(
      "--concurrency <count>",
      "payments under way, each client (load: 128, with --rate 4,096)",
      wholeNumber(1),
    )
    .option("--lead <lines>", "closed loop: how far a client may run ahead", wholeNumber(1))
    .option("--retry", "a line that lacks coins waits for them")
    .option("--hash-rate-limit <rate>", "each node mines no faster, as in 50kH/s", hashRate)
    .option("--link-latency <duration>", "messages leave so much later", durationMs)
    .option("--link-loss <share>", "frames that never arrive, as in 5%", share)
    .option("--threads <count>", "mining threads of each node", wholeNumber(1, 1024))
    .option("--no-strict", "mine partly filled blocks, too")
    .option(
      "--block-wait <duration>",
      "with --no-strict: how long a block waits to fill",
      durationMs,
    )
    .option(
      "--shard <i/n>",
      "only the i-th of n parts of the cells, for several machines",
      shardOption,
    )
    .option("--resume", "go on with what is in the folder", false)
    .option(
      "--other-program",
      "with --resume: go on although another version measured what is there; the record says so",
      false,
    )
    .option("--json", "print one JSON object", false)
    .addOption(languageOption("language of the report and of the progress"));
  for (const name of RULE_NAMES) command.addOption(ruleOption(name));
  return command.action(async (options) =>
    await run(options as ExperimentCommandOptions)
  ) as unknown as Command;
}

/** The rules of consensus that all cells may have. */
const RULE_NAMES = [
  "forkChoice",
  "difficultyAdjustment",
  "blockIntervalMs",
  "adjustmentWindow",
] as const;

/** A rule of consensus, as `node` and `cluster` know it. */
function ruleOption(name: FlagName): Option {
  const option = parameterOptions().find((each) => each.long === longFlagOf(name));
  invariant(option !== undefined, `A rule has an option: ${name}`);
  return option;
}

const coins = wholeNumber(PARAMETERS.coinsPerNode.min, PARAMETERS.coinsPerNode.max);

async function run(options: ExperimentCommandOptions): Promise<void> {
  const { plannedRuns, runExperiment, runsOfShard } = await import(
    "../experiment/run_experiment.ts"
  );
  const shard = shardOf(options);
  if (shard === undefined) return;
  const isShard = shard.count > 1;
  const begun = await beginExperiment(options, shard);
  if (begun === undefined) return;
  const { record, noteProgram } = begun;

  const text = reportTexts(terminalLanguage(options.lang));
  const progress = createProgressLine();
  const stop = stopSignals();
  let invalidCount = 0;
  try {
    await runExperiment(record.plan, {
      folder: options.out,
      shard,
      signal: stop.signal,
      onProgress(state) {
        const share = (state.doneRuns + 0.9 * Math.min(1, state.done / Math.max(1, state.total))) /
          state.totalRuns;
        progress.update(`${progressBar(share)} ${progressText(state, text)}`);
      },
      onMeasured() {
        progress.clear();
        noteProgram();
      },
      onRun(data) {
        progress.clear();
        if (data.run.invalid.length > 0) invalidCount++;
        console.error(runText(data, text));
      },
    });
  } catch (error) {
    if (!(error instanceof StoppedByUser)) throw error;
    const command = `noobcash experiment --out ${options.out} --resume`;
    console.error(text("progress.stopped", { command }));
    Deno.exitCode = EXIT_CODE_INTERRUPTED;
  } finally {
    progress.clear();
    stop.dispose();
  }
  if (stop.signal.aborted) return;
  if (isShard) {
    const [own, all] = [runsOfShard(record.plan, shard), plannedRuns(record.plan)];
    console.error(text("progress.shard", {
      shard: shardText(shard),
      own: own.length,
      all: all.length,
      command: "noobcash report merge DIR... -o FOLDER",
    }));
    if (options.json) console.log(JSON.stringify({ shard: shardText(shard), runs: own.length }));
  } else await render(options.out, { json: options.json, language: options.lang });
  if (invalidCount > 0) {
    const runs = invalidCount === 1 ? "1 run is" : `${invalidCount} runs are`;
    failCommand("refused", `${runs} invalid; the report tells why`);
  }
}

interface BegunExperiment {
  readonly record: ExperimentRecord;
  /** Writes down, once, that another program has measured a part, before the part itself is written. */
  readonly noteProgram: () => void;
}

/** What the folder is to hold: a new experiment, or the one that is there; undefined where it is refused. */
async function beginExperiment(
  options: ExperimentCommandOptions,
  shard: Shard,
): Promise<BegunExperiment | undefined> {
  const [
    { workloadFor },
    folderFile,
    { readEnvironment },
    { programName },
    { programsOf, resumeProgram },
  ] = await Promise.all([
    import("../experiment/run_experiment.ts"),
    import("../experiment/experiment_folder.ts"),
    import("../experiment/environment.ts"),
    import("./sweep_options.ts"),
    import("../experiment/resume_program.ts"),
  ]);
  if (options.otherProgram && !options.resume) {
    return void failCommand("usage", "--other-program is for --resume: got it without");
  }
  const found = folderFile.readExperiment(options.out);
  if (!found.ok) return void failCommand("usage", found.error.message);
  const there = found.value;
  if (there !== undefined && !options.resume) {
    return void failCommand(
      "usage",
      `Cannot begin in "${options.out}": got an experiment that is there, wanted --resume or ` +
        "another folder",
    );
  }
  if (there !== undefined && options.preset !== undefined && options.preset !== there.preset) {
    return void failCommand(
      "usage",
      resumeText(options.out, {
        option: "--preset",
        there: there.preset ?? "none",
        wanted: options.preset,
      }),
    );
  }

  const wanted = planOf(options, there?.plan);
  const problem = loadProblem(wanted, options);
  if (problem !== undefined) return void failCommand("usage", problem);
  const founded = createParams({
    ...DEFAULT_PARAMS,
    ...wanted.network.rules,
    genesisTimeMs: 0,
    bootstrapKey: "00".repeat(32) as PublicKey,
  });
  if (!founded.ok) return void failCommand("usage", paramsErrorText(founded.error));
  const plan = there === undefined ? ok(wanted) : resumePlan(there.plan, wanted);
  if (!plan.ok) return void failCommand("usage", resumeText(options.out, plan.error));
  for (const nodes of plan.value.nodes) {
    const workload = workloadFor(plan.value, { nodes });
    if (!workload.ok) return void failCommand("usage", workload.error.message);
  }
  const host = hostname();
  const environment = readEnvironment(programName());
  if (there !== undefined && !isSameMachine(there, { ...there, host, environment })) {
    return void failCommand(
      "usage",
      `Cannot resume in "${options.out}": got ${machineText({ host, environment })}, wanted ` +
        `${machineText(there)}, where it was begun: measured cells of different machines are ` +
        "never averaged",
    );
  }
  const resumed = there === undefined ? ok(undefined) : resumeProgram(there, {
    now: environment,
    nowMs: Date.now(),
    isOtherAllowed: options.otherProgram,
  });
  if (!resumed.ok) {
    return void failCommand(
      "usage",
      `Cannot resume in "${options.out}": got ${resumed.error.now}, wanted ${resumed.error.last}, ` +
        "which measured what is there, another folder, or --other-program, which is recorded",
    );
  }
  const record: ExperimentRecord = {
    version: 1,
    preset: options.preset ?? null,
    command: `noobcash experiment ${Deno.args.slice(1).map(quoteArgument).join(" ")}`,
    startedAtMs: Date.now(),
    environment,
    host,
    ...(shard.count > 1 ? { shard: shardText(shard) } : {}),
    ...there,
    // One that is extended has repetitions that its first command does not make.
    ...(there !== undefined && plan.value.repeats !== there.plan.repeats && {
      command: there.command.replace(REPEAT_WORDS, "") + ` --repeat ${plan.value.repeats}`,
    }),
    plan: plan.value,
  };
  let resumedBy = resumed.value;
  const write = (written: ExperimentRecord) => {
    folderFile.writeExperiment(options.out, written);
    const programs = programsOf(written);
    if (programs.length > 1) {
      console.error(`Warning: measured by ${programs.join(", then by ")}; the report says so`);
    }
  };
  write(record);
  const noteProgram = () => {
    if (resumedBy === undefined) return;
    write({ ...record, resumedBy });
    resumedBy = undefined;
  };
  return { record, noteProgram };
}

const REPEAT_WORDS = / --repeat[ =]\d+/g;

function shardText({ index, count }: Shard): string {
  return `${index + 1}/${count}`;
}

function resumeText(folder: string, { option, there, wanted }: PlanDifference): string {
  return `Cannot resume in "${folder}": got ${option} ${wanted}, wanted ${there} as it was begun, ` +
    "or another folder";
}

function quoteArgument(text: string): string {
  return /^[\w./:,=%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
