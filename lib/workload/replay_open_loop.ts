/**
 * The open loop: lines go out at a given rate whether answers come or not, so that latency under load
 * means something.
 *
 * All clients together send `ratePerSecond` lines, evenly spaced, taking turns. A line's latency counts
 * from the moment it was scheduled for: a generator or a node that falls behind makes latencies longer
 * instead of hiding them. At most `underWayMax` lines per client wait for an answer; beyond that the
 * generator falls behind its schedule, which shows in `submittedAtMs - scheduledAtMs`.
 *
 * Called by the cluster's replay, through `Payer`.
 *
 * @module
 */
import { type LineRecord, unsentRecord } from "./line_record.ts";
import type { ReplayClient } from "./replay_closed_loop.ts";
import type { WorkloadLine } from "./workload_file.ts";

/** How to replay. */
export interface OpenLoopOptions {
  /** Lines a second, all clients together. */
  readonly ratePerSecond: number;
  readonly underWayMax: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onRecord: (record: LineRecord) => void;
}

/** Timers are no finer than this; what is due within it goes out at once. */
const TIMER_STEP_MS = 1;

/** Sends every line at its time; resolves when all answers are there. */
export async function replayOpenLoop(
  clients: readonly ReplayClient[],
  options: OpenLoopOptions,
): Promise<void> {
  const { now, signal } = options;
  const schedule = takeTurns(clients);
  const underWay = new Map<ReplayClient, number>();
  const answers: Promise<void>[] = [];
  let answered = Promise.withResolvers<void>();
  const startMs = now();

  for (const [index, { client, line }] of schedule.entries()) {
    const scheduledAtMs = startMs + index * 1000 / options.ratePerSecond;
    const earlyMs = scheduledAtMs - now();
    if (earlyMs > TIMER_STEP_MS) await waitUntilDue(earlyMs);
    while ((underWay.get(client) ?? 0) >= options.underWayMax && !signal.aborted) {
      await answered.promise;
    }
    if (signal.aborted) break;
    underWay.set(client, (underWay.get(client) ?? 0) + 1);
    answers.push(send(client, line, scheduledAtMs));
  }
  await Promise.all(answers);

  async function send(client: ReplayClient, line: WorkloadLine, scheduledAtMs: number) {
    const unsent = { ...unsentRecord(client.payer.nodeId, line), scheduledAtMs };
    if (line.kind === "malformed") options.onRecord(unsent);
    else {
      const submittedAtMs = now();
      const answer = await client.payer.pay(line.receiverId, line.amount);
      options.onRecord({
        ...unsent,
        submittedAtMs,
        answeredAtMs: now(),
        attempts: 1,
        ...(answer.kind === "accepted"
          ? { outcome: "accepted", txid: answer.txid }
          : { outcome: "rejected", code: answer.code }),
      });
    }
    underWay.set(client, (underWay.get(client) ?? 1) - 1);
    answered.resolve();
    answered = Promise.withResolvers();
  }

  function waitUntilDue(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener("abort", done);
    return promise.finally(() => signal.removeEventListener("abort", done));

    function done(): void {
      clearTimeout(timer);
      resolve();
    }
  }
}

/** First lines first: client 0, 1, …, then all second lines. */
function takeTurns(clients: readonly ReplayClient[]) {
  const rounds = Math.max(0, ...clients.map(({ lines }) => lines.length));
  return Array.from({ length: rounds }, (_, round) =>
    clients.flatMap((client) => {
      const line = client.lines[round];
      return line === undefined ? [] : [{ client, line }];
    })).flat();
}
