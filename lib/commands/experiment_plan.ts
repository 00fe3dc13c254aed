/**
 * What `noobcash experiment` is asked for, and the plan that this makes on top of a preset or of what is there.
 *
 * @module
 */
import { BASE_PLAN, planOfPreset, type PRESETS } from "../experiment/presets.ts";
import type { ExperimentPlan } from "../measure/experiment_record.ts";
import type { Shard } from "../sweep/shard.ts";
import { foundingChoiceOf } from "../terminal/parameter_options.ts";
import type { Language } from "../translation.ts";
import {
  CLOSED_LOOP_CONCURRENCY,
  LOAD_MS_MIN,
  OPEN_LOOP_CONCURRENCY,
} from "../workload/run_load.ts";

/** The options as they were given; what was left out stays as the plan has it. */
export interface ExperimentCommandOptions {
  readonly out: string;
  readonly preset?: (typeof PRESETS)[number];
  readonly nodes?: readonly number[];
  readonly capacity?: readonly number[];
  readonly difficulty?: readonly number[];
  readonly coins?: number;
  readonly repeat?: number;
  readonly workload?: string;
  readonly load?: number;
  readonly lines?: number;
  readonly seed?: number;
  readonly rate?: number;
  readonly concurrency?: number;
  readonly lead?: number;
  readonly retry?: true;
  readonly hashRateLimit?: number;
  readonly linkLatency?: number;
  readonly linkLoss?: number;
  readonly threads?: number;
  readonly strict: boolean;
  readonly blockWait?: number;
  readonly shard?: Shard;
  readonly resume: boolean;
  readonly otherProgram: boolean;
  readonly json: boolean;
  readonly lang?: Language;
}

/** What the options say, on top of what is there already, a preset, or nothing. */
export function planOf(options: ExperimentCommandOptions, there?: ExperimentPlan): ExperimentPlan {
  const plan = there ?? (options.preset === undefined ? BASE_PLAN : planOfPreset(options.preset));
  const { load, network } = plan;
  return {
    nodes: options.nodes ?? plan.nodes,
    capacities: options.capacity ?? plan.capacities,
    difficulties: options.difficulty ?? plan.difficulties,
    repeats: options.repeat ?? plan.repeats,
    workload: options.workload ?? plan.workload,
    linesPerNode: options.lines ?? plan.linesPerNode,
    seed: options.seed ?? plan.seed,
    load: {
      ratePerSecond: options.rate ?? load.ratePerSecond,
      concurrency: options.concurrency ??
        (options.load !== undefined && there === undefined
          ? (options.rate === undefined ? CLOSED_LOOP_CONCURRENCY : OPEN_LOOP_CONCURRENCY)
          : load.concurrency),
      leadLines: options.lead ?? load.leadLines,
      retry: options.retry ?? load.retry,
      ...durationOf(options.load ?? load.durationMs),
    },
    network: {
      ...network,
      strict: options.strict && network.strict,
      coinsPerNode: options.coins ?? network.coinsPerNode,
      blockWaitMs: options.blockWait ?? network.blockWaitMs,
      threadsPerNode: options.threads ?? network.threadsPerNode,
      hashRateLimit: options.hashRateLimit ?? network.hashRateLimit,
      linkLatencyMs: options.linkLatency ?? network.linkLatencyMs,
      linkLoss: options.linkLoss ?? network.linkLoss,
      ...rulesOf(options, network),
    },
  };
}

/** What does not go with a load, in a sentence: nothing that was asked for is swallowed. */
export function loadProblem(
  { nodes, load: { durationMs } }: ExperimentPlan,
  options: ExperimentCommandOptions,
): string | undefined {
  if (durationMs === undefined) return undefined;
  if (durationMs < LOAD_MS_MIN || nodes.includes(1)) {
    const got = durationMs < LOAD_MS_MIN ? `${durationMs} ms` : "a single node";
    return `Cannot load a network: got ${got}, wanted --load of 1 s or more for two nodes or more`;
  }
  const given = (["workload", "lines", "lead", "retry"] as const).find((name) =>
    options[name] !== undefined
  );
  return given &&
    `Cannot load a network: got --${given}, which is for the lines of a workload, and --load`;
}

function durationOf(durationMs: number | undefined) {
  return durationMs === undefined ? {} : { durationMs };
}

/** The rules that were named, on top of those of a plan; none where all are the usual ones. */
function rulesOf(
  options: ExperimentCommandOptions,
  { rules }: ExperimentPlan["network"],
): Pick<ExperimentPlan["network"], "rules"> {
  const { forkChoice, difficultyAdjustment, blockIntervalMs, adjustmentWindow } = foundingChoiceOf(
    options,
  );
  const wanted = {
    ...rules,
    ...(forkChoice !== undefined && { forkChoice }),
    ...(difficultyAdjustment !== undefined && { difficultyAdjustment }),
    ...(blockIntervalMs !== undefined && { blockIntervalMs }),
    ...(adjustmentWindow !== undefined && { adjustmentWindow }),
  };
  return Object.keys(wanted).length === 0 ? {} : { rules: wanted };
}
