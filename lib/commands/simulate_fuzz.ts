/**
 * `noobcash simulate fuzz` and `noobcash simulate replay`: runs of many seeds, and one run in detail.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import { describeHappening } from "../fuzz/describe_happening.ts";
import { type FuzzPlan, planFuzz } from "../fuzz/fuzz_plan.ts";
import { type FuzzOutcome, runFuzz } from "../fuzz/fuzz_run.ts";
import { keepHappenings, shrinkPlan } from "../fuzz/shrink_plan.ts";
import { listOf, wholeNumber } from "../terminal/option_values.ts";
import { EXIT_CODES } from "../terminal/fail_command.ts";
import { programVersion } from "../terminal/version.ts";

export function fuzzCommand() {
  return new Command("fuzz")
    .description("run the node under many seeds of faults and load, with checkers that look on")
    .option("--seeds <count>", "how many seeds", wholeNumber(1), 1000)
    .option("--from <seed>", "the first seed", wholeNumber(0), 1)
    .option(
      "--minutes <count>",
      "go on for this long, whatever the number of seeds",
      wholeNumber(1),
    )
    .option("--no-shrink", "report a failing seed as it is")
    .option("--keep-going", "do not stop at the first failing seed", false)
    .option("--json", "print one JSON object", false)
    .action((options) => {
      const startedAtMs = Date.now();
      const deadlineMs = options.minutes === undefined
        ? undefined
        : startedAtMs + options.minutes * 60_000;
      const failures: Failure[] = [];
      let seedCount = 0;
      let eventCount = 0;
      for (let seed = options.from;; seed++) {
        const isDone = deadlineMs === undefined
          ? seedCount >= options.seeds
          : Date.now() >= deadlineMs;
        if (isDone) break;
        const plan = planFuzz(seed);
        const outcome = runFuzz(plan);
        seedCount++;
        eventCount += outcome.eventCount;
        if (outcome.violation === undefined) continue;
        failures.push(examine(plan, outcome, options.shrink));
        if (!options.json) console.log(failureText(failures[failures.length - 1] as Failure));
        if (!options.keepGoing) break;
      }

      const seconds = (Date.now() - startedAtMs) / 1000;
      const { commit } = programVersion();
      if (options.json) {
        console.log(JSON.stringify({ commit, seedCount, eventCount, seconds, failures }));
      } else {
        console.log(
          `${seedCount} seeds from ${options.from}, ${eventCount} events, ${failures.length} ` +
            `failed, ${seconds.toFixed(1)} s, commit ${commit}`,
        );
      }
      if (failures.length > 0) Deno.exitCode = EXIT_CODES.refused;
    });
}

export function replayCommand() {
  return new Command("replay")
    .description("run one seed again and write down what happens")
    .requiredOption("--seed <number>", "the seed", wholeNumber(0))
    .option("--keep <places>", "only these happenings of the plan", listOf(wholeNumber(0)))
    .option("--keep-none", "none of the plan's happenings", false)
    .option("--trace <file>", "write every event there, one JSON object a line")
    .option("--plan", "print the plan, too", false)
    .option("--json", "print one JSON object", false)
    .action(({ seed, keep, keepNone, trace, plan: hasPlan, json }) => {
      const full = planFuzz(seed);
      const plan = keepNone
        ? keepHappenings(full, [])
        : keep === undefined
        ? full
        : keepHappenings(full, keep);
      const lines: string[] = [];
      const outcome = runFuzz(
        plan,
        trace === undefined ? {} : { write: (line) => lines.push(line) },
      );
      if (trace !== undefined) {
        Deno.writeTextFileSync(
          trace,
          lines.map((line) => JSON.stringify(traceObject(line)) + "\n").join(""),
        );
      }
      const { violation, ...rest } = outcome;
      const result = {
        seed,
        commit: programVersion().commit,
        ...rest,
        violation: violation && { rule: violation.rule, detail: violation.detail },
      };
      if (json) console.log(JSON.stringify(hasPlan ? { ...result, plan } : result));
      else {
        if (hasPlan) console.log(planText(full, plan));
        console.log(
          violation === undefined
            ? `Seed ${seed} holds: height ${rest.height} after ${Math.round(rest.atMs)} ms, ` +
              `${rest.eventCount} events, log ${rest.traceHash}`
            : `Seed ${seed} breaks ${violation.message}\nat ${Math.round(rest.atMs)} ms, ` +
              `${rest.eventCount} events, log ${rest.traceHash}`,
        );
      }
      if (violation !== undefined) Deno.exitCode = EXIT_CODES.refused;
    });
}

/** What is told of a failing seed. */
interface Failure {
  readonly seed: number;
  readonly commit: string;
  readonly rule: string;
  readonly detail: string;
  readonly atMs: number;
  readonly happeningCount: number;
  readonly keptCount: number;
  /** What is left of the plan, in words. */
  readonly happenings: readonly string[];
  readonly replay: string;
}

function examine(plan: FuzzPlan, outcome: FuzzOutcome, shrinks: boolean): Failure {
  const { seed } = plan;
  const rule = outcome.violation?.rule ?? "";
  const shrunk = shrinks ? shrinkPlan(plan, rule) : undefined;
  const smallest = shrunk?.plan ?? plan;
  const keep = shrunk === undefined || smallest.happenings.length === plan.happenings.length
    ? ""
    : shrunk.kept.length === 0
    ? " --keep-none"
    : ` --keep ${shrunk.kept.join(",")}`;
  return {
    seed,
    commit: programVersion().commit,
    rule,
    detail: outcome.violation?.detail ?? "",
    atMs: outcome.atMs,
    happeningCount: plan.happenings.length,
    keptCount: smallest.happenings.length,
    happenings: smallest.happenings.map(describeHappening),
    replay: `noobcash simulate replay --seed ${seed}${keep} --trace seed-${seed}.jsonl`,
  };
}

function failureText(failure: Failure): string {
  return [
    `Seed ${failure.seed} breaks ${failure.rule}: ${failure.detail}`,
    `  at ${Math.round(failure.atMs)} ms, commit ${failure.commit}`,
    `  ${failure.keptCount} of ${failure.happeningCount} happenings suffice:`,
    ...failure.happenings.map((text) => `    ${text}`),
    `  ${failure.replay}`,
  ].join("\n");
}

function planText(full: FuzzPlan, plan: FuzzPlan): string {
  const kept = new Set(plan.happenings);
  const { params, nodes, liar, isFullMesh } = plan;
  return [
    JSON.stringify(params),
    `${nodes.length} nodes: ${nodes.map(({ role }) => role).join(", ")}; ` +
    `${liar === undefined ? "nobody lies" : `node ${liar} lies`}; ` +
    `${isFullMesh ? "everybody tells everybody" : "news are passed on"}`,
    ...full.happenings.flatMap((happening, index) =>
      kept.has(happening) ? [`${index} ${describeHappening(happening)}`] : []
    ),
  ].join("\n");
}

function traceObject(line: string): object {
  const match = /^([0-9.]+) ([0-9]+) (.*)$/s.exec(line);
  if (match === null) return { text: line };
  return { atMs: Number(match[1]), node: Number(match[2]), text: match[3] };
}
