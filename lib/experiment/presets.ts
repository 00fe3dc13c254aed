/**
 * Ready-made experiments. `docs/experiments.md` says what each is for.
 *
 * @module
 */
import type { ExperimentPlan } from "../measure/experiment_record.ts";
import { DEFAULT_PARAMS } from "../params.ts";

/** The names of the presets. */
export const PRESETS = ["course", "course-shared", "course-vm", "quick"] as const;
export type Preset = (typeof PRESETS)[number];

/** What a node of the reference's virtual machines hashed, by its published results: about 50 kH/s. */
export const COURSE_VM_HASH_RATE = 50_000;

/**
 * What each node hashes in the preset course: so little that ten nodes leave an ordinary computer's
 * cores to the network, so that each is a machine of its own and ten of them are twice five.
 */
export const EQUAL_MACHINE_HASH_RATE = 1_000_000;

/** What each node hashes in the preset quick. */
export const QUICK_HASH_RATE = 500_000;

/** What an experiment is when nothing else is said: the assignment's rules, and no cell repeated. */
export const BASE_PLAN: ExperimentPlan = {
  nodes: [5],
  capacities: [10],
  difficulties: [4],
  repeats: 1,
  workload: "transactions",
  linesPerNode: null,
  seed: 1,
  load: { ratePerSecond: null, concurrency: 1, leadLines: 4, retry: false },
  network: {
    strict: true,
    blockWaitMs: DEFAULT_PARAMS.blockWaitMs,
    threadsPerNode: 1,
    hashRateLimit: null,
    linkLatencyMs: 0,
    linkLoss: 0,
    coinsPerNode: DEFAULT_PARAMS.coinsPerNode,
  },
};

/** The assignment's whole matrix; nodes that share the cores mine as fast as these can. */
const COURSE_PLAN: ExperimentPlan = {
  ...BASE_PLAN,
  nodes: [5, 10],
  capacities: [1, 5, 10],
  difficulties: [4, 5],
  repeats: 5,
};

/** The plan of a preset. */
export function planOfPreset(preset: Preset): ExperimentPlan {
  switch (preset) {
    case "course":
      return {
        ...COURSE_PLAN,
        network: { ...BASE_PLAN.network, hashRateLimit: EQUAL_MACHINE_HASH_RATE },
      };
    case "course-shared":
      return COURSE_PLAN;
    case "course-vm":
      // At difficulty 5 a block takes five machines like those of the course four seconds: 40 lines a
      // node keep the whole matrix within an hour and a half.
      return {
        ...COURSE_PLAN,
        repeats: 1,
        linesPerNode: 40,
        network: { ...BASE_PLAN.network, hashRateLimit: COURSE_VM_HASH_RATE, linkLatencyMs: 1 },
      };
    case "quick":
      // At this hash rate a block takes 11 to 65 ms: long enough for the network. A run has ten of them
      // or more, so of five repetitions an interval is wider than its mean once in 350 such cells. More lines
      // would have half of the time go to the cells of many small blocks.
      return {
        ...BASE_PLAN,
        nodes: [2, 3],
        capacities: [2, 8],
        difficulties: [3.5, 4],
        repeats: 5,
        linesPerNode: 40,
        network: { ...BASE_PLAN.network, hashRateLimit: QUICK_HASH_RATE },
      };
  }
}
