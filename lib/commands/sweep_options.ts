/**
 * What every command that runs a sweep has in common: its options, and the way from a plan to results.
 *
 * ```
 * options → shard → folder (new, or to go on in) → workers → parts on disk → figures, unless it is a shard
 * ```
 *
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { hostname } from "node:os";
import {
  appendPart,
  openSweep,
  type Parts,
  type SweepRecord,
  sweepRecord,
  writeMachine,
} from "../sweep/sweep_folder.ts";
import { keepStrategy } from "../sweep/load_strategy.ts";
import { runSweep, SweepFailed, TimeLeft } from "../sweep/run_sweep.ts";
import { isOfShard, parseShard, type Shard, shardOfEnvironment, WHOLE } from "../sweep/shard.ts";
import { keysOf } from "../sweep/sweep_kinds.ts";
import type { Json, SweepPlan } from "../sweep/sweep_plan.ts";
import { writeSweepFiles } from "../sweep/sweep_files.ts";
import { failCommand } from "../terminal/fail_command.ts";
import { wholeNumber } from "../terminal/option_values.ts";
import { createProgressLine, progressBar } from "../terminal/progress_line.ts";
import { EXIT_CODE_INTERRUPTED, stopSignals } from "../terminal/stop_signals.ts";
import { programVersion } from "../terminal/version.ts";

export interface SweepOptions {
  readonly jobs: number;
  readonly out?: string | undefined;
  readonly resume: boolean;
  readonly shard?: Shard | undefined;
}

/** As many workers as the machine has cores. */
export const JOBS_DEFAULT = navigator.hardwareConcurrency;

/** Reads `--shard i/n`. */
export function shardOption(text: string): Shard {
  const shard = parseShard(text);
  if (shard.ok) return shard.value;
  throw new InvalidArgumentError(shard.error.message);
}

/** The options that every sweep has, beside {@link outOption}. */
export const SWEEP_OPTIONS = {
  jobs: new Option("--jobs <count>", "worker threads").argParser(wholeNumber(1, 1024))
    .default(JOBS_DEFAULT),
  shard: new Option("--shard <i/n>", "only the i-th of n parts, for several machines")
    .argParser(shardOption),
  resume: new Option("--resume", "go on with what is in the folder").default(false),
  json: new Option("--json", "print one JSON object").default(false),
};

/** The option that names the result folder; `files` are what is written there. */
export function outOption(files = "raw data, tables and plots") {
  return new Option("--out <folder>", `write ${files} there`);
}

export interface SweepOutcome {
  readonly record: SweepRecord;
  readonly parts: Parts;
  readonly shard: Shard;
  /** A stop was asked for before everything was done. */
  readonly isStopped: boolean;
}

export interface SweepCallOptions {
  readonly strategyUrl?: string | undefined;
  /** Where one's own strategy is: the result folder keeps a copy. */
  readonly strategyPath?: string | undefined;
  readonly onPart?: (key: string, result: Json) => void;
  /** Tells after each part whether to go on. */
  readonly isEnough?: () => boolean;
}

/**
 * Runs a plan's parts, as far as they are this shard's and not done yet. A refusal is printed, sets the
 * exit code and gives `undefined`.
 */
export async function performSweep(
  plan: SweepPlan,
  options: SweepOptions,
  { strategyUrl, strategyPath, onPart, isEnough }: SweepCallOptions = {},
): Promise<SweepOutcome | undefined> {
  const shard = shardOf(options);
  if (shard === undefined) return;
  if (options.resume && options.out === undefined) {
    failCommand("usage", "Cannot resume: it needs --out, the folder to go on in");
    return;
  }
  const record = sweepRecord(plan, programName());
  const parts = new Map<string, Json>();
  if (options.out !== undefined) {
    const opened = openSweep(options.out, record, { resumes: options.resume });
    if (!opened.ok) {
      failCommand("usage", opened.error.message);
      return;
    }
    for (const [key, result] of opened.value) parts.set(key, result);
    writeMachine(options.out, machineOf(shard));
    if (strategyPath !== undefined) keepStrategy(strategyPath, options.out);
  }

  const own = keysOf(plan).filter((key) => isOfShard(key, shard));
  const keys = own.filter((key) => !parts.has(key));
  const stop = stopSignals();
  const enough = new AbortController();
  const signal = AbortSignal.any([stop.signal, enough.signal]);
  const progress = createProgressLine();
  const left = new TimeLeft(keys.length, performance.now());
  try {
    await runSweep(plan, keys, {
      jobs: options.jobs,
      strategyUrl,
      signal,
      onDone(key, result) {
        parts.set(key, result);
        if (options.out !== undefined) appendPart(options.out, key, result);
        left.noteDone();
        progress.clear();
        onPart?.(key, result);
        progress.update(progressText(left, keys.length));
        if (isEnough?.() === true) enough.abort();
      },
    });
  } catch (error) {
    if (error instanceof SweepFailed) {
      progress.clear();
      failCommand("refused", `Cannot run a part: ${error.message}`);
      return;
    }
    if (!signal.aborted) throw error;
  } finally {
    progress.clear();
    stop.dispose();
  }

  const isStopped = stop.signal.aborted;
  if (isStopped) {
    const rest = options.out === undefined
      ? "with --out and --resume one can go on"
      : "go on with the same command and --resume";
    console.error(
      `Stopped: ${own.length - keys.length + left.done} of ${own.length} done; ${rest}`,
    );
    Deno.exitCode = EXIT_CODE_INTERRUPTED;
  }
  const isWhole = shard.count === 1;
  if (options.out !== undefined && isWhole) await writeSweepFiles(options.out, record, parts);
  if (!isWhole && !isStopped) {
    console.error(
      `Shard ${shard.index + 1}/${shard.count}: ${own.length} of ${keysOf(plan).length} parts; ` +
        "put all shards together with: noobcash report merge DIR... -o FOLDER",
    );
  }
  return { record, parts, shard, isStopped };
}

/** Version and commit, by which results of other code are told apart. */
export function programName(): string {
  const { version, commit } = programVersion();
  return `noobcash ${version} (${commit})`;
}

/** The shard that the options or the batch system name; a refusal is printed and gives `undefined`. */
export function shardOf(
  { shard, out }: { readonly shard?: Shard | undefined; readonly out?: string | undefined },
): Shard | undefined {
  const found = shard === undefined
    ? shardOfEnvironment((name) => Deno.env.get(name))
    : { ok: true, value: shard } as const;
  if (!found.ok) {
    failCommand("usage", found.error.message);
    return undefined;
  }
  const chosen = found.value ?? WHOLE;
  if (chosen.count > 1 && out === undefined) {
    failCommand(
      "usage",
      `Cannot run shard ${chosen.index + 1}/${chosen.count}: it needs --out, a folder to merge`,
    );
    return undefined;
  }
  return chosen;
}

function machineOf({ index, count }: Shard): object {
  return {
    host: hostname(),
    target: Deno.build.target,
    deno: Deno.version.deno,
    cores: navigator.hardwareConcurrency,
    shard: `${index + 1}/${count}`,
  };
}

function progressText(left: TimeLeft, total: number): string {
  const restMs = left.leftMs(performance.now());
  const rest = restMs === undefined ? "" : `, about ${durationText(restMs)} left`;
  return `${progressBar(left.done / Math.max(1, total))} ${left.done} of ${total} runs${rest}`;
}

function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
