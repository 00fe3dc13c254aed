/**
 * What one seed decides: the network's parameters, who is in it, its weather, its load, and everything
 * that goes wrong.
 *
 * A plan is data. Each happening carries its own end, so that any of them can be left out and the rest
 * stays what it was: that is how a failing run is shrunk.
 *
 * @module
 */
import { STAGED_TRANSACTIONS_MIN } from "../node/staged_block.ts";
import { DEFAULT_PARAMS, type ParamsChoice } from "../params.ts";
import type { LinkProfile } from "../simulation/link_model.ts";
import { type RandomStream, randomStream, type Seed } from "../random/random_stream.ts";
import { FORGERY_KINDS, type ForgeryKind } from "./forgery.ts";

export type Happening =
  & { readonly atMs: number }
  & (
    /** A node pays from its own wallet. */
    | { readonly kind: "pay"; readonly node: number; readonly to: number; readonly amount: number }
    /** Somebody else signs a node's coins away, at one node or at two that get different transactions. */
    | {
      readonly kind: "spend-elsewhere";
      readonly wallet: number;
      readonly at: readonly number[];
      readonly amount: number;
    }
    | {
      readonly kind: "crash";
      readonly node: number;
      readonly downMs: number;
      readonly point: "now" | "before-durable" | "after-durable" | "between-effects";
    }
    | { readonly kind: "partition"; readonly groups: readonly number[]; readonly forMs: number }
    | {
      readonly kind: "cut-link";
      readonly node: number;
      readonly to: number;
      readonly forMs: number;
    }
    | { readonly kind: "cut-by-hand"; readonly node: number; readonly forMs: number }
    | { readonly kind: "weather"; readonly links: LinkProfile; readonly forMs: number }
    | { readonly kind: "clock"; readonly node: number; readonly byMs: number }
    /** A clock that is hours off for a while, and then right again. */
    | {
      readonly kind: "clock-jump";
      readonly node: number;
      readonly byMs: number;
      readonly forMs: number;
    }
    /** A machine sleeps: nothing happens there, and its wall clock goes on by more than it has felt. */
    | { readonly kind: "sleep"; readonly node: number; readonly forMs: number }
    | { readonly kind: "pause-mining"; readonly node: number; readonly forMs: number }
    | { readonly kind: "mine-now"; readonly node: number }
    | { readonly kind: "drop-transaction"; readonly node: number }
    | { readonly kind: "invalidate-block"; readonly node: number; readonly forMs: number }
    /** The lying node sends something that breaks a rule. */
    | { readonly kind: "forge"; readonly forgery: ForgeryKind; readonly to: number }
  );

export interface FuzzNodePlan {
  readonly role: "bootstrap" | "member" | "observer" | "too-many";
  readonly blocksPerMs: number;
  readonly isMining: boolean;
  readonly clockOffsetMs: number;
  readonly clockDrift: number;
  readonly startAtMs: number;
  readonly batchDelayMs: number;
}

export interface FuzzPlan {
  readonly seed: Seed;
  readonly params: Omit<ParamsChoice, "bootstrapKey">;
  readonly nodes: readonly FuzzNodePlan[];
  /** The node that lies, if there is one; its state machine is honest. */
  readonly liar: number | undefined;
  readonly isFullMesh: boolean;
  /** From so many transactions on a block is taken in by stages. */
  readonly stagedTransactionsMin?: number;
  readonly isEncoded: boolean;
  readonly links: LinkProfile;
  readonly happenings: readonly Happening[];
  /** When everything that goes wrong ends. */
  readonly horizonMs: number;
}

/** When simulated networks were founded. */
export const FUZZ_GENESIS_TIME_MS = 1_704_067_200_000;

/** Which rules the networks of a run go by. */
export const FUZZ_PRESETS = [
  "usual",
  "longest",
  "ghost",
  "lower-hash",
  "window",
  "lwma",
  "variants",
] as const;
export type FuzzPreset = typeof FUZZ_PRESETS[number];

/**
 * Draws a seed's plan.
 *
 * @param options.horizonMsMax cuts the run short, for many seeds in little time
 * @param options.preset the fork choice or difficulty adjustment of all networks; `variants` draws both
 */
export function planFuzz(
  seed: Seed,
  options: { readonly horizonMsMax?: number; readonly preset?: FuzzPreset } = {},
): FuzzPlan {
  const shape = randomStream(seed, "shape");
  const ringSize = shape.pick([1, 2, 3, 3, 4, 4, 5, 6]);
  const horizonMs = Math.min(
    shape.pick([4_000, 8_000, 8_000, 16_000, 32_000]),
    options.horizonMsMax ?? Infinity,
  );
  const hasLiar = ringSize >= 3 && shape.chance(0.5);
  const usual = planParams(ringSize, shape);
  const intervalMs = shape.pick([200, 500, 1500, 4000]);
  const rules = planRules(options.preset ?? "usual", intervalMs, randomStream(seed, "rules"));
  const params = { ...usual, ...rules };
  const nodes = planNodes({ ringSize, intervalMs }, shape);
  const links = planWeather(shape, 0.5);
  const isFullMesh = shape.chance(0.8);
  const isEncoded = shape.chance(0.15);
  const liar = hasLiar ? ringSize - 1 : undefined;
  const happenings = [
    ...planLoad(
      { ringSize, horizonMs, paymentMsMin: intervalMs / params.capacity },
      randomStream(seed, "load"),
    ),
    ...planFaults(
      { ringSize, nodeCount: nodes.length, horizonMs },
      randomStream(seed, "faults"),
    ),
    ...planClocks(
      { nodeCount: nodes.length, horizonMs },
      randomStream(seed, "clocks"),
    ),
    ...(liar === undefined
      ? []
      : planForgeries({ liar, horizonMs }, randomStream(seed, "forgeries"))),
  ].sort((a, b) => a.atMs - b.atMs);
  // The name of a stream is part of what a seed means: it stays as it was first given.
  const stages = randomStream(seed, "heavy");
  const stagedTransactionsMin = stages.pick([0, 1, 3, STAGED_TRANSACTIONS_MIN]);
  return {
    seed,
    params,
    nodes,
    liar,
    isFullMesh,
    stagedTransactionsMin,
    isEncoded,
    links,
    happenings,
    horizonMs,
  };
}

function planParams(nodes: number, stream: RandomStream): FuzzPlan["params"] {
  const isStrict = stream.chance(0.15);
  return {
    ...DEFAULT_PARAMS,
    nodes,
    capacity: stream.pick([1, 2, 3, 5, 10]),
    difficulty: stream.pick([0, 0, 0.5, 1]),
    coinsPerNode: 100,
    reward: stream.chance(0.2) ? 7 : 0,
    fee: stream.chance(0.2) ? 1 : 0,
    blockWaitMs: stream.pick([0, 200, 1000, 3000]),
    strict: isStrict,
    emptyBlocks: !isStrict && stream.chance(0.25),
    genesisTimeMs: FUZZ_GENESIS_TIME_MS,
  };
}

/** Rules other than the usual ones. Drawn from a stream of its own: the rest of the plan stays what it was. */
function planRules(
  preset: FuzzPreset,
  intervalMs: number,
  stream: RandomStream,
): Partial<FuzzPlan["params"]> {
  if (preset === "usual") return {};
  const adjusted = (difficultyAdjustment: "window" | "lwma") => ({
    difficultyAdjustment,
    adjustmentWindow: stream.pick([2, 3, 5, 10]),
    blockIntervalMs: Math.round(intervalMs * stream.pick([0.5, 1, 2, 4])),
  });
  switch (preset) {
    case "window":
    case "lwma":
      return adjusted(preset);
    case "variants": {
      const forkChoice = stream.pick(["most-work", "longest", "ghost", "lower-hash"] as const);
      const rule = stream.pick(["none", "window", "lwma"] as const);
      return { forkChoice, ...(rule === "none" ? {} : adjusted(rule)) };
    }
    default:
      return { forkChoice: preset };
  }
}

function planNodes(
  { ringSize, intervalMs }: { readonly ringSize: number; readonly intervalMs: number },
  stream: RandomStream,
): FuzzNodePlan[] {
  const startSpanMs = stream.pick([0, 500, 3000]);
  const skewMs = stream.pick([0, 0, 100, 2000]);
  const plan = (role: FuzzNodePlan["role"]): FuzzNodePlan => ({
    role,
    blocksPerMs: stream.uniform(0.3, 1.7) / intervalMs / ringSize,
    isMining: role !== "observer",
    clockOffsetMs: Math.round(stream.uniform(-skewMs, skewMs)),
    clockDrift: stream.uniform(-0.001, 0.001),
    startAtMs: role === "too-many" ? Infinity : Math.floor(stream.uniform(0, startSpanMs)),
    batchDelayMs: stream.pick([0, 1, 5, 40]),
  });
  const nodes = [plan("bootstrap")];
  for (let index = 1; index < ringSize; index++) nodes.push(plan("member"));
  if (stream.chance(0.15)) nodes.push(plan("observer"));
  if (stream.chance(0.1)) nodes.push(plan("too-many"));
  return nodes;
}

/** @param goodShare the chance that nothing gets lost */
function planWeather(stream: RandomStream, goodShare: number): LinkProfile {
  const latencyMs = stream.pick([5, 30, 100, 400]);
  const isGood = stream.chance(goodShare);
  const share = (max: number) => isGood || stream.chance(0.5) ? 0 : stream.uniform(0, max);
  return {
    latency: { kind: "uniform", min: latencyMs / 2, max: latencyMs * 1.5 },
    jitter: { kind: "exponential", mean: stream.pick([0, latencyMs / 10, latencyMs]) },
    lossProbability: share(0.3),
    duplicateProbability: share(0.2),
    reorderProbability: share(0.2),
    uplink: stream.chance(0.2) ? { kind: "constant", value: 20 } : undefined,
  };
}

function planLoad(
  { ringSize, horizonMs, paymentMsMin }: {
    readonly ringSize: number;
    readonly horizonMs: number;
    /** How long the network takes for one payment when all goes well. */
    readonly paymentMsMin: number;
  },
  stream: RandomStream,
): Happening[] {
  const happenings: Happening[] = [];
  const meanGapMs = Math.max(stream.pick([100, 300, 1000]), paymentMsMin);
  const node = () => stream.integer(0, ringSize - 1);
  for (let atMs = stream.exponential(meanGapMs); atMs < horizonMs;) {
    if (stream.chance(0.1)) {
      const at = stream.chance(0.6) ? [node(), node()] : [node()];
      const wallet = node();
      happenings.push({ atMs, kind: "spend-elsewhere", wallet, at, amount: stream.integer(1, 9) });
    } else {
      const burst = stream.chance(0.05) ? 12 : 1;
      const payer = node();
      for (let count = 0; count < burst; count++) {
        // Never 100, because first coins are told from other payments by their amount.
        const amount = stream.chance(0.1) ? stream.integer(40, 99) : stream.integer(1, 20);
        happenings.push({ atMs: atMs + count, kind: "pay", node: payer, to: node(), amount });
      }
    }
    atMs += stream.exponential(meanGapMs);
  }
  return happenings;
}

function planFaults(
  { ringSize, nodeCount, horizonMs }: {
    readonly ringSize: number;
    readonly nodeCount: number;
    readonly horizonMs: number;
  },
  stream: RandomStream,
): Happening[] {
  const happenings: Happening[] = [];
  const meanGapMs = stream.pick([700, 2000, 6000]);
  const forMs = () => stream.exponential(stream.pick([300, 2000, 6000]));
  const node = () => stream.integer(0, nodeCount - 1);
  for (let atMs = stream.exponential(meanGapMs); atMs < horizonMs;) {
    const dice = stream.float();
    if (dice < 0.3) {
      const point = stream.pick(
        ["now", "before-durable", "after-durable", "between-effects"] as const,
      );
      happenings.push({ atMs, kind: "crash", node: node(), downMs: forMs(), point });
    } else if (dice < 0.5) {
      const groups = Array.from({ length: nodeCount }, () => stream.integer(0, 1));
      happenings.push({ atMs, kind: "partition", groups, forMs: forMs() });
    } else if (dice < 0.6) {
      happenings.push({ atMs, kind: "cut-link", node: node(), to: node(), forMs: forMs() });
    } else if (dice < 0.68) {
      happenings.push({ atMs, kind: "weather", links: planWeather(stream, 0), forMs: forMs() });
    } else if (dice < 0.75) {
      const byMs = Math.round(stream.uniform(-3000, 3000));
      happenings.push({ atMs, kind: "clock", node: node(), byMs });
    } else if (dice < 0.8) {
      happenings.push({ atMs, kind: "cut-by-hand", node: node(), forMs: forMs() });
    } else if (dice < 0.85) {
      happenings.push({ atMs, kind: "pause-mining", node: node(), forMs: forMs() });
    } else if (dice < 0.9) {
      happenings.push({ atMs, kind: "mine-now", node: node() });
    } else if (dice < 0.95) {
      happenings.push({ atMs, kind: "drop-transaction", node: stream.integer(0, ringSize - 1) });
    } else {
      happenings.push({ atMs, kind: "invalidate-block", node: node(), forMs: forMs() });
    }
    atMs += stream.exponential(meanGapMs);
  }
  return happenings;
}

/** Sleeping machines, and clocks that are hours off for half a minute; in one run of three. */
function planClocks(
  { nodeCount, horizonMs }: { readonly nodeCount: number; readonly horizonMs: number },
  stream: RandomStream,
): Happening[] {
  if (!stream.chance(1 / 3)) return [];
  const happenings: Happening[] = [];
  const node = () => stream.integer(0, nodeCount - 1);
  for (let atMs = stream.exponential(3000); atMs < horizonMs;) {
    const forMs = stream.exponential(stream.pick([1000, 6000, 30_000]));
    if (stream.chance(0.5)) happenings.push({ atMs, kind: "sleep", node: node(), forMs });
    else {
      const hours = stream.pick([-8, -3, 3, 8]);
      const byMs = hours * 3_600_000 + stream.integer(-1000, 1000);
      happenings.push({ atMs, kind: "clock-jump", node: node(), byMs, forMs });
    }
    atMs += stream.exponential(4000);
  }
  return happenings;
}

function planForgeries(
  { liar, horizonMs }: { readonly liar: number; readonly horizonMs: number },
  stream: RandomStream,
): Happening[] {
  const happenings: Happening[] = [];
  const meanGapMs = stream.pick([300, 1500]);
  for (let atMs = stream.exponential(meanGapMs); atMs < horizonMs;) {
    // A forged branch needs more luck than the others to mean anything.
    const forgery = stream.chance(0.1)
      ? "branch-spends-what-only-the-tip-created"
      : stream.pick(FORGERY_KINDS);
    happenings.push({ atMs, kind: "forge", forgery, to: stream.integer(0, liar - 1) });
    atMs += stream.exponential(meanGapMs);
  }
  return happenings;
}
