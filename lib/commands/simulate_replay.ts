/**
 * `noobcash simulate replay`: one seed of the fuzzer in detail, for people and for other tools.
 *
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { describeHappening } from "../fuzz/describe_happening.ts";
import { FUZZ_PRESETS, type FuzzPlan, type FuzzPreset, planFuzz } from "../fuzz/fuzz_plan.ts";
import { type FuzzOptions, type FuzzOutcome, runFuzz } from "../fuzz/fuzz_run.ts";
import { keepHappenings } from "../fuzz/shrink_plan.ts";
import { FeedRecorder, simulatedHead } from "../simulation/feed_recorder.ts";
import type { FeedEvent, FeedHead } from "../page/feed.ts";
import { EXIT_CODES, failCommand } from "../terminal/fail_command.ts";
import { listOf, wholeNumber } from "../terminal/option_values.ts";
import { programVersion } from "../terminal/version.ts";
import { formatTrace, formatTrees, TRACE_FORMATS, type TraceFormat } from "./trace_files.ts";

interface ReplayOptions {
  readonly seed: number;
  readonly preset: FuzzPreset;
  readonly keep?: readonly number[] | undefined;
  readonly keepNone: boolean;
  readonly trace?: string | undefined;
  readonly record?: string | undefined;
  readonly open: boolean;
  readonly tree?: string | undefined;
  readonly plan: boolean;
  readonly json: boolean;
}

export function replayCommand() {
  return new Command("replay")
    .description("run one seed again and write down what happens")
    .requiredOption("--seed <number>", "the seed", wholeNumber(0))
    .addOption(
      new Option("--preset <rules>", "the rules with which the seed was fuzzed")
        .choices(FUZZ_PRESETS).default("usual" as const),
    )
    .option("--keep <places>", "only these happenings of the plan", listOf(wholeNumber(0)))
    .option("--keep-none", "none of the plan's happenings", false)
    .option(
      "--trace <file>",
      "write every event there, one JSON object a line; perfetto, perfetto:FILE, shiviz or " +
        "shiviz:FILE for those tools' formats",
    )
    .option("--record <file>", "write a recording, for noobcash play")
    .option("--open", "play it in the browser: play, step, back, the violation marked", false)
    .option("--tree <id>", "how blocks and transactions whose hashes begin so were heard of")
    .option("--plan", "print the plan, too", false)
    .option("--json", "print one JSON object", false)
    .action(async (options) => await replay(options));
}

async function replay(options: ReplayOptions): Promise<void> {
  const { seed, trace, plan: hasPlan, json, tree } = options;
  const full = planFuzz(seed, { preset: options.preset });
  const plan = planOf(full, options);
  const target = trace === undefined ? undefined : traceTarget(trace, seed);
  const lines: string[] = [];
  let recorder: FeedRecorder | undefined;
  const isWatched = tree !== undefined || options.record !== undefined || options.open ||
    target?.format;
  const fuzzOptions: FuzzOptions = {
    ...(target === undefined || target.format ? {} : { write: (line) => lines.push(line) }),
    ...(isWatched ? { watch: (nowMs) => recorder = new FeedRecorder(nowMs) } : {}),
  };
  const outcome = runFuzz(plan, fuzzOptions);

  const head = simulatedHead(plan.params, { title: `seed ${seed}`, nodes: plan.nodes.length });
  const events = recorder?.events ?? [];
  if (target !== undefined) {
    Deno.writeTextFileSync(
      target.path,
      target.format === undefined
        ? lines.map((line) => JSON.stringify(traceObject(line)) + "\n").join("")
        : formatTrace(target.format, head, events),
    );
    if (target.format !== undefined) console.error(`Written to ${target.path}`);
  }
  const recording = options.record === undefined && !options.open
    ? undefined
    : await recordingOf({ head, events: withMarks(events, plan, outcome) });
  if (options.record !== undefined && recording !== undefined) {
    Deno.writeFileSync(options.record, recording);
  }
  if (tree !== undefined) {
    const text = formatTrees(events, tree);
    if (text === undefined) {
      return failCommand(
        "usage",
        `Cannot show "${tree}": no block or transaction has that name`,
      );
    }
    if (!json) console.log(text);
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
  if (!options.open || recording === undefined) return;
  const { playBytes } = await import("./play_command.ts");
  await playBytes(recording, { name: `seed ${seed}`, json });
}

async function recordingOf(
  feed: { readonly head: FeedHead; readonly events: readonly FeedEvent[] },
): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeRecording } = await import("../control/recording.ts");
  return await encodeRecording(feed, programVersion().version);
}

/** The events in order, with what the plan did and what a checker objected to. */
export function withMarks(
  events: readonly FeedEvent[],
  plan: FuzzPlan,
  { violation, atMs }: Pick<FuzzOutcome, "violation" | "atMs">,
): readonly FeedEvent[] {
  const marks: FeedEvent[] = plan.happenings
    .filter((happening) => happening.atMs >= 0 && happening.atMs <= atMs)
    .map((happening) => ({
      kind: "mark",
      at: happening.atMs,
      mark: "order",
      text: describeHappening(happening).replace(/^at \d+ ms /, "").slice(0, MARK_LENGTH_MAX),
      nodes: "node" in happening ? [happening.node] : [],
    }));
  if (violation !== undefined) {
    marks.push({
      kind: "mark",
      at: atMs,
      mark: "violation",
      text: `${violation.rule}: ${violation.detail}`.slice(0, MARK_LENGTH_MAX),
      nodes: [],
    });
  }
  return [...events, ...marks].sort((a, b) => a.at - b.at);
}

const MARK_LENGTH_MAX = 900;

function planOf(full: FuzzPlan, { keep, keepNone }: ReplayOptions): FuzzPlan {
  if (keepNone) return keepHappenings(full, []);
  return keep === undefined ? full : keepHappenings(full, keep);
}

/** Where a trace goes and as what; no format: our own lines. */
function traceTarget(
  text: string,
  seed: number,
): { readonly path: string; readonly format: TraceFormat | undefined } {
  for (const format of TRACE_FORMATS) {
    if (text === format) {
      const ending = format === "perfetto" ? "perfetto.json" : "shiviz.log";
      return { path: `seed-${seed}.${ending}`, format };
    }
    if (text.startsWith(`${format}:`)) return { path: text.slice(format.length + 1), format };
  }
  return { path: text, format: undefined };
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
