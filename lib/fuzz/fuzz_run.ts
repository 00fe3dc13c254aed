/**
 * One fuzzed run: a plan is played, checked after every event, healed, and has to come to rest.
 *
 * ```
 * safety:   until the horizon anything may fail, and nothing may go wrong
 * liveness: everything is mended, everybody is up; within bounded time all honest nodes stand on one tip,
 *           nothing that could be confirmed waits, and every acknowledged payment has its place
 * ```
 *
 * @module
 */
import type { KeyPair } from "../crypto/keys.ts";
import { DEFAULT_TIMING, type NodeTiming, type Role } from "../node/state.ts";
import { createParams, type Params } from "../params.ts";
import type { Amount } from "../primitives/amount.ts";
import { invariant, unreachable } from "../result.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import {
  dropOldestTransaction,
  invalidateTip,
  order,
  reconnectAll,
  reconsiderAll,
  spendElsewhere,
} from "./fuzz_orders.ts";
import { Liar } from "./liar.ts";
import type { FuzzNodePlan, FuzzPlan, Happening } from "./fuzz_plan.ts";
import { NodeChecker } from "./node_checker.ts";
import { randomStream } from "../random/random_stream.ts";
import { checkAtRest, isNodeBehind } from "./liveness.ts";
import { SimulatedDisk } from "../simulation/simulated_disk.ts";
import { Trace } from "../simulation/trace.ts";
import { demand, Violation } from "./violation.ts";
import {
  type SimNode,
  type SimNodePlan,
  urlOfNode,
  type WorldObserver,
} from "../simulation/sim_node.ts";
import { World } from "../simulation/world.ts";

/** Impatient nodes: what takes minutes in life takes seconds here. */
export const FUZZ_TIMING: NodeTiming = {
  ...DEFAULT_TIMING,
  statusIntervalMs: 500,
  requestTimeoutMs: 1_500,
  joinRetryMsMin: 50,
  joinRetryMsMax: 1_000,
  backOffMs: 250,
};

/** How long a mended network may take until it is at rest, beside the mining of what waits. */
export const LIVENESS_MS_MAX = 120_000;
/** Short against all block intervals, so that a mended network has moments with one tip. */
const MENDED_LATENCY_MS = 5;
/** A world that needs more events than this is going round in circles. */
const EVENTS_MAX = 400_000;

export interface FuzzOutcome {
  readonly violation: Violation | undefined;
  /** When it happened, or when the world came to rest. */
  readonly atMs: number;
  readonly eventCount: number;
  readonly traceHash: string;
  readonly height: number;
}

export interface FuzzOptions {
  /** Gets each line of the trace. */
  readonly write?: (line: string) => void;
  /** Makes something that looks on, for a world of which it can ask the time. */
  readonly watch?: (nowMs: () => number) => WorldObserver;
}

/** Plays a plan. Our own mistakes inside the node count as violations, too. */
export function runFuzz(plan: FuzzPlan, options: FuzzOptions = {}): FuzzOutcome {
  const trace = new Trace(options.write);
  const run = new FuzzRun(plan, trace, options.watch);
  let violation: Violation | undefined;
  try {
    run.play();
  } catch (error) {
    violation = violationOf(error);
    trace.add(`violation ${violation.message}`);
  }
  const { world } = run;
  return {
    violation,
    atMs: world.nowMs,
    eventCount: world.eventCount,
    traceHash: trace.hash,
    height: run.height,
  };
}

class FuzzRun {
  readonly world: World;
  readonly #plan: FuzzPlan;
  readonly #checker: NodeChecker;
  readonly #params: Params;
  readonly #keyPairs: readonly KeyPair[];
  readonly #liar: Liar | undefined;
  /** How far clocks are off until they are set right. */
  readonly #clocksOff = new Map<SimNode, number>();
  /** The horizon has come: nothing fails any more, and what was to be mended later is mended already. */
  #isHealed = false;

  constructor(plan: FuzzPlan, trace: Trace, watch: FuzzOptions["watch"]) {
    this.#plan = plan;
    this.#keyPairs = plan.nodes.map((_, index) => numberedKeyPair(index));
    const params = createParams({ ...plan.params, bootstrapKey: this.#keyOf(0).publicKey });
    invariant(params.ok, "A plan's parameters are in range");
    this.#params = params.value;
    this.#checker = new NodeChecker(params.value, {
      world: () => this.world,
      byzantine: new Set(plan.liar === undefined ? [] : [plan.liar]),
    });
    this.world = new World({
      seed: plan.seed,
      nodes: plan.nodes.map((node, index) => this.#nodePlanOf(node, index)),
      links: plan.links,
      isEncoded: plan.isEncoded,
      hasSessions: true,
      observers: watch === undefined
        ? [this.#checker]
        : [this.#checker, watch(() => this.world.nowMs)],
      trace,
    });
    const liarNode = plan.liar === undefined ? undefined : this.world.nodes[plan.liar];
    if (liarNode !== undefined) {
      this.#liar = new Liar(randomStream(plan.seed, "liar"));
      liarNode.adversary = this.#liar;
    }
  }

  get height(): number {
    return this.world.nodes[0]?.state?.network?.chain.height ?? 0;
  }

  play(): void {
    const { horizonMs, happenings } = this.#plan;
    for (const happening of happenings) {
      this.world.at(happening.atMs, () => this.#happen(happening));
    }
    this.#startLateOnes();
    this.#run(horizonMs);
    this.#heal();
    this.#run(horizonMs + livenessMsMax(this.#plan), () => this.#isAtRest());
    checkAtRest(this.world, {
      params: this.#params,
      checker: this.#checker,
      honest: this.#honest(),
      isDone: this.#isAtRest(),
    });
  }

  /** A node too many comes when the ring is complete: before that, it would only take another's place. */
  #startLateOnes(): void {
    for (const node of this.world.nodes) {
      if (this.#plan.nodes[node.index]?.role !== "too-many") continue;
      const tryToStart = () => {
        const ring = this.world.nodes[0]?.state?.network?.membership.ring;
        if (ring !== undefined) this.world.start(node);
        else this.world.at(this.world.nowMs + 1000, tryToStart);
      };
      tryToStart();
    }
  }

  #run(untilMs: number, isDone?: () => boolean): void {
    this.world.run(untilMs, () => {
      demand(this.world.eventCount < EVENTS_MAX, "turns-in-circles", () => `${EVENTS_MAX} events`);
      return isDone?.() ?? false;
    });
  }

  #honest(): SimNode[] {
    return this.world.nodes.filter(({ index }) =>
      index !== this.#plan.liar && this.#plan.nodes[index]?.role !== "too-many"
    );
  }

  #isAtRest(): boolean {
    const honest = this.#honest();
    return !honest.some((node) => isNodeBehind(node, honest[0] as SimNode));
  }

  /** From here on nothing fails any more. */
  #heal(): void {
    const { world } = this;
    this.#isHealed = true;
    if (this.#liar !== undefined) this.#liar.isQuiet = true;
    world.links.calm(MENDED_LATENCY_MS);
    for (const node of world.nodes) {
      node.crashAt = undefined;
      this.#setClockRight(node);
      world.wake(node);
      if (node.life > 0) world.start(node);
      order(world, node, { kind: "resume-mining" });
      reconnectAll(world, node);
      reconsiderAll(world, node);
    }
  }

  #happen(happening: Happening): void {
    const { world } = this;
    const nodeOf = (index: number) => world.nodes[index] as SimNode;
    const later = (forMs: number, act: () => void) =>
      world.at(world.nowMs + forMs, () => {
        if (!this.#isHealed) act();
      });
    switch (happening.kind) {
      case "pay":
        return void world.request(nodeOf(happening.node), (requestId) => ({
          type: "pay",
          requestId,
          receiver: this.#keyOf(happening.to).publicKey,
          amount: happening.amount as Amount,
        }));
      case "spend-elsewhere":
        return spendElsewhere(world, happening, {
          params: this.#params,
          ringSize: this.#plan.params.nodes,
          keyOf: (index) => this.#keyOf(index),
        });
      case "crash":
        return this.#crash(nodeOf(happening.node), happening, later);
      case "partition":
        world.links.partition(new Map(happening.groups.map((group, index) => [index, group])));
        return later(happening.forMs, () => world.links.partition(new Map()));
      case "cut-link":
        world.links.setCut(happening.node, happening.to, true);
        return later(
          happening.forMs,
          () => world.links.setCut(happening.node, happening.to, false),
        );
      case "cut-by-hand": {
        const node = nodeOf(happening.node);
        order(world, node, { kind: "disconnect-peers", publicKeys: [] });
        return later(happening.forMs, () => reconnectAll(world, node));
      }
      case "weather":
        world.links.setProfile(happening.links);
        return later(happening.forMs, () => world.links.setProfile(this.#plan.links));
      case "clock":
        return world.shiftClock(nodeOf(happening.node), happening.byMs);
      case "clock-jump": {
        const node = nodeOf(happening.node);
        this.#setClockRight(node);
        this.#clocksOff.set(node, happening.byMs);
        world.shiftClock(node, happening.byMs);
        return later(happening.forMs, () => this.#setClockRight(node));
      }
      case "sleep":
        return world.sleep(nodeOf(happening.node), happening.forMs);
      case "pause-mining":
      case "mine-now": {
        const node = nodeOf(happening.node);
        if (happening.kind === "pause-mining") {
          order(world, node, { kind: "pause-mining" });
          return later(happening.forMs, () => order(world, node, { kind: "resume-mining" }));
        }
        return order(world, node, { kind: "mine-now", blocks: 1 });
      }
      case "drop-transaction":
        return dropOldestTransaction(world, nodeOf(happening.node), this.#params);
      case "invalidate-block": {
        const node = nodeOf(happening.node);
        invalidateTip(world, node);
        return later(happening.forMs, () => reconsiderAll(world, node));
      }
      case "forge":
        return this.#forge(nodeOf(happening.to), happening);
      default:
        return unreachable(happening);
    }
  }

  #crash(
    node: SimNode,
    { point, downMs }: Happening & { readonly kind: "crash" },
    later: (forMs: number, act: () => void) => void,
  ): void {
    const { world } = this;
    if (node.state === undefined) return;
    if (point === "now") world.crash(node);
    else if (point === "before-durable") world.crash(node, { kind: "before-durable" });
    else {world.crash(node, {
        kind: "after-durable",
        effectsDone: point === "after-durable" ? 0 : 1,
      });}
    // A crash that was to come with the next batch is called off when its time is over.
    later(downMs, () => {
      node.crashAt = undefined;
      world.start(node);
    });
  }

  #setClockRight(node: SimNode): void {
    const offMs = this.#clocksOff.get(node);
    this.#clocksOff.delete(node);
    if (offMs !== undefined) this.world.shiftClock(node, -offMs);
  }

  #forge(to: SimNode, happening: Happening & { readonly kind: "forge" }): void {
    const liar = this.world.nodes[this.#plan.liar ?? -1];
    if (liar === undefined) return;
    this.#liar?.attack(this.world, { node: liar, to, forgery: happening.forgery });
  }

  #keyOf(index: number): KeyPair {
    const keyPair = this.#keyPairs[index];
    invariant(keyPair !== undefined, "A node of the plan has a key");
    return keyPair;
  }

  #nodePlanOf(node: FuzzNodePlan, index: number): SimNodePlan {
    const bootstrapUrl = urlOfNode(0);
    const role: Role = node.role === "bootstrap"
      ? { kind: "bootstrap", params: this.#params }
      : node.role === "observer"
      ? { kind: "observer", bootstrapUrl, expectations: {} }
      : { kind: "member", bootstrapUrl, expectations: {} };
    const { blocksPerMs, clockOffsetMs, clockDrift, startAtMs, batchDelayMs, isMining } = node;
    return {
      keyPair: this.#keyOf(index),
      role,
      isMining,
      isFullMesh: this.#plan.isFullMesh,
      stagedTransactionsMin: this.#plan.stagedTransactionsMin,
      timing: FUZZ_TIMING,
      blocksPerMs,
      clockOffsetMs,
      clockDrift,
      startAtMs,
      batchDelayMs,
      disk: new SimulatedDisk(),
    };
  }
}

/** The time that a mended network has: four times what mining all payments takes on average, and more. */
function livenessMsMax({ nodes, params, happenings }: FuzzPlan): number {
  const usualMs = 1 / nodes.reduce((sum, node) => sum + node.blocksPerMs, 0);
  // An adjusted difficulty makes blocks come as rarely as the network wants them.
  const isAdjusted = (params.difficultyAdjustment ?? "none") !== "none";
  const blockMs = Math.max(usualMs, isAdjusted ? params.blockIntervalMs ?? 0 : 0);
  const payments = happenings.filter(({ kind }) => kind === "pay" || kind === "spend-elsewhere");
  const blocks = 5 + (params.nodes + payments.length) / params.capacity;
  return LIVENESS_MS_MAX + 4 * blocks * blockMs;
}

function violationOf(error: unknown): Violation {
  if (error instanceof Violation) return error;
  if (error instanceof Error) {
    const where = error.stack?.split("\n").find((line) => /lib\/(?!sim|result)/.test(line)) ?? "";
    return new Violation("threw", `${error.message} ${where.trim()}`);
  }
  throw error;
}
