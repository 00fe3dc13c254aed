/**
 * Plays a lesson: starts its network, plays its steps, and tells the outcome.
 *
 * ```
 * start nodes → step → … → step → outcome → stop nodes
 *                ↓ narrated, and waits for the reader
 * ```
 *
 * A lesson that waits in vain has not agreed; whatever else goes wrong is thrown. No node survives it.
 *
 * @module
 */
import { type Cluster, startCluster } from "../cluster/start_cluster.ts";
import type { OpenRoom } from "../control/open_room.ts";
import type { Texts } from "../translation.ts";
import type { Check, Lesson, LessonOutcome, Stage } from "./lesson.ts";
import { type NodeTip, tipOf } from "./network_steps.ts";
import type { LessonTextKey } from "./texts_english.ts";

/** Who tells the lesson: a terminal, a page, or nobody. */
export interface Narrator {
  /** The network runs. */
  begin(cluster: Cluster): void;

  /** Resolves when the reader wants to go on. */
  step(number: number, text: string): Promise<void>;
  note(text: string): void;
  tips(tips: readonly NodeTip[]): void;
  check(text: string, check: Check): void;

  /** The last thing that is told; the network still runs. */
  end(outcome: LessonOutcome): void;
}

export interface PlayOptions {
  readonly text: Texts<LessonTextKey>;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;

  /** The page on which the network can be watched; steps and checks are marked in it. */
  readonly room?: OpenRoom | undefined;

  /** Resolves when the network may be stopped; at once when left out. */
  readonly untilSeen?: () => Promise<void>;

  /** How long a lesson waits for anything. */
  readonly waitMsMax?: number;
}

const WAIT_MS_MAX = 120_000;
const START_MS_MAX = 120_000;
const LOOK_MS = 40;

/** Something did not happen in time. */
class LessonStuck extends Error {
  override readonly name = "LessonStuck";
}

export async function playLesson(
  lesson: Lesson,
  { text, narrator, signal, room, untilSeen, waitMsMax = WAIT_MS_MAX }: PlayOptions,
): Promise<LessonOutcome> {
  const startedMs = performance.now();
  const steps: string[] = [];
  const checks: Check[] = [];
  const { hashRateLimits, ...params } = lesson.network;
  const cluster = await startCluster({
    ...params,
    blockWaitMs: params.blockWaitMs ?? 200,
    host: "127.0.0.1",
    threads: 1,
    linkLatencyMs: 0,
    linkLoss: 0,
    startMsMax: START_MS_MAX,
    signal,
    ...(hashRateLimits !== undefined && { hashRateLimits }),
    ...(room !== undefined && { labSecret: room.secret }),
  });
  try {
    await room?.attach(cluster);
    narrator.begin(cluster);
    await play(cluster);
    const outcome = outcomeOf();
    narrator.end(outcome);
    await untilSeen?.();
    return outcome;
  } finally {
    await cluster.stop();
  }

  async function play(cluster: Cluster): Promise<void> {
    const lost = cluster.nodeLost.then((node) => {
      throw new LessonStuck(text("wait.alive", { id: node.id }));
    });
    lost.catch(() => {});
    try {
      await Promise.race([lesson.play(stageOf(cluster)), lost, untilAborted(signal)]);
    } catch (error) {
      if (!(error instanceof LessonStuck)) throw error;
      add({
        key: "check.stuck",
        values: { what: error.message },
        expected: text("yes"),
        observed: text("no"),
        agreed: false,
      });
    }
  }

  function outcomeOf(): LessonOutcome {
    return {
      lesson: lesson.name,
      expectation: text(`${lesson.name}.expect`),
      steps,
      checks: checks.map(({ values, ...check }) => ({ ...check, text: text(check.key, values) })),
      agreed: checks.length > 0 && checks.every(({ agreed }) => agreed),
      durationMs: Math.round(performance.now() - startedMs),
    };
  }

  function add(check: Check): void {
    checks.push(check);
    const told = text(check.key, check.values);
    narrator.check(told, check);
    const { expected, observed, agreed } = check;
    const compared = `${text("expected")} ${expected}, ${text("observed")} ${observed}`;
    room?.mark(agreed ? "step" : "violation", `${told}: ${compared}`);
  }

  function stageOf({ nodes: byId }: Cluster): Stage {
    const nodes = byId.toSorted((a, b) => a.index - b.index);
    return {
      nodes,
      signal,
      async step(key, values) {
        const told = text(key, values);
        steps.push(told);
        room?.mark("step", `${steps.length}. ${told}`);
        await narrator.step(steps.length, told);
        signal.throwIfAborted();
      },
      note: (key, values) => narrator.note(text(key, values)),
      showTips: async () => narrator.tips(await Promise.all(byId.map(tipOf))),
      check(key, { expected, observed, agreed, values = {} }) {
        const [wanted, seen] = [String(expected), String(observed)];
        add({ key, values, expected: wanted, observed: seen, agreed: agreed ?? wanted === seen });
      },
      async until(condition, what) {
        const deadlineMs = performance.now() + waitMsMax;
        while (!await condition()) {
          signal.throwIfAborted();
          if (performance.now() > deadlineMs) throw new LessonStuck(text(what));
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        }
      },
    };
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
