/**
 * `noobcash simulate fuzz`: runs of many seeds.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { describeHappening } from "../fuzz/describe_happening.ts";
import { FUZZ_PRESETS, type FuzzPlan, type FuzzPreset, planFuzz } from "../fuzz/fuzz_plan.ts";
import { type FuzzOutcome, runFuzz } from "../fuzz/fuzz_run.ts";
import { shrinkPlan } from "../fuzz/shrink_plan.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import type { FuzzPart } from "../sweep/fuzz_sweep.ts";
import { EXIT_CODES, failCommand } from "../terminal/fail_command.ts";
import { programVersion } from "../terminal/version.ts";
import { outOption, performSweep, SWEEP_OPTIONS } from "./sweep_options.ts";

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
    .addOption(
      new Option("--preset <rules>", "which fork choice or difficulty adjustment networks have")
        .choices(FUZZ_PRESETS).default("usual" as const),
    )
    .option("--no-shrink", "report a failing seed as it is")
    .option("--keep-going", "do not stop at the first failing seed", false)
    .addOption(SWEEP_OPTIONS.jobs)
    .addOption(SWEEP_OPTIONS.shard)
    .addOption(outOption("what each seed did"))
    .addOption(SWEEP_OPTIONS.resume)
    .addOption(SWEEP_OPTIONS.json)
    .action(async (options) => {
      const isOfSweep = options.out !== undefined || options.shard !== undefined;
      if (options.minutes !== undefined && isOfSweep) {
        return failCommand(
          "usage",
          "Cannot fuzz: got --minutes and --out or --shard, wanted a number of seeds that is known",
        );
      }
      const { preset } = options;
      const startedAtMs = Date.now();
      const found: FuzzTally = { failures: [], seedCount: 0, eventCount: 0 };
      const take = (seed: number, part: Pick<FuzzPart, "eventCount" | "rule">) => {
        found.seedCount++;
        found.eventCount += part.eventCount;
        if (part.rule === null) return;
        const plan = planFuzz(seed, { preset });
        const failure = examine(plan, runFuzz(plan), { shrinks: options.shrink, preset });
        found.failures.push(failure);
        if (!options.json) console.log(failureText(failure));
      };
      const isEnough = () => found.failures.length > 0 && !options.keepGoing;
      if (options.minutes === undefined) {
        const { from, seeds } = options;
        const outcome = await performSweep(
          { kind: "fuzz", choice: { from, seeds, ...(preset === "usual" ? {} : { preset }) } },
          options,
          {
            onPart: (key, part) => take(Number(key), part as unknown as FuzzPart),
            isEnough,
          },
        );
        if (outcome === undefined) return;
      } else {
        const deadlineMs = startedAtMs + options.minutes * 60_000;
        for (let seed = options.from; Date.now() < deadlineMs && !isEnough(); seed++) {
          const { eventCount, violation } = runFuzz(planFuzz(seed, { preset }));
          take(seed, { eventCount, rule: violation?.rule ?? null });
        }
      }

      const { failures, seedCount, eventCount } = found;
      failures.sort((a, b) => a.seed - b.seed);
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

/** What is counted while seeds are run. */
interface FuzzTally {
  readonly failures: Failure[];
  seedCount: number;
  eventCount: number;
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
  /** The same in the browser, with play, step and back. */
  readonly watch: string;
}

function examine(
  plan: FuzzPlan,
  outcome: FuzzOutcome,
  { shrinks, preset }: { readonly shrinks: boolean; readonly preset: FuzzPreset },
): Failure {
  const { seed } = plan;
  const rule = outcome.violation?.rule ?? "";
  const shrunk = shrinks ? shrinkPlan(plan, rule) : undefined;
  const smallest = shrunk?.plan ?? plan;
  const keep = shrunk === undefined || smallest.happenings.length === plan.happenings.length
    ? ""
    : shrunk.kept.length === 0
    ? " --keep-none"
    : ` --keep ${shrunk.kept.join(",")}`;
  const rules = preset === "usual" ? "" : ` --preset ${preset}`;
  return {
    seed,
    commit: programVersion().commit,
    rule,
    detail: outcome.violation?.detail ?? "",
    atMs: outcome.atMs,
    happeningCount: plan.happenings.length,
    keptCount: smallest.happenings.length,
    happenings: smallest.happenings.map(describeHappening),
    replay: `noobcash simulate replay --seed ${seed}${rules}${keep} --trace seed-${seed}.jsonl`,
    watch: `noobcash simulate replay --seed ${seed}${rules}${keep} --open`,
  };
}

function failureText(failure: Failure): string {
  return [
    `Seed ${failure.seed} breaks ${failure.rule}: ${failure.detail}`,
    `  at ${Math.round(failure.atMs)} ms, commit ${failure.commit}`,
    `  ${failure.keptCount} of ${failure.happeningCount} happenings suffice:`,
    ...failure.happenings.map((text) => `    ${text}`),
    `  ${failure.replay}`,
    `  ${failure.watch}`,
  ].join("\n");
}
