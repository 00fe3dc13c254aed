/**
 * A load of any length: every client pays its neighbour in the ring, one coin at a time, until the time is
 * over.
 *
 * - *Closed loop*: each client has so many payments under way, in lists, and sends the next ones when their
 *   answers are there.
 * - *Open loop*: payments are due at a rate, whether answers come or not. Those that are due within four
 *   milliseconds go to one client as one list, clients taking turns: one request each would cost the machine
 *   as much as the network that it measures. Latency counts from when each payment was due.
 *
 * A wallet that has run low is held back and pays on when the ring has brought coins again: nothing is
 * refused for that reason. Called by the cluster's load and by the test of the generator's own limit.
 *
 * @module
 */
import { INSUFFICIENT_FUNDS, type PaymentAnswer } from "./payer.ts";

/** One node's wallet. */
export interface LoadClient {
  readonly nodeId: number;
  /** Pays this many times; gives one answer for each payment, in order. */
  pay(count: number): Promise<readonly PaymentAnswer[]>;
}

/** What became of one payment. */
export interface LoadedPayment {
  readonly nodeId: number;
  /** When it was due; null in a closed loop. */
  readonly scheduledAtMs: number | null;
  readonly submittedAtMs: number | null;
  readonly answeredAtMs: number | null;
  readonly answer: PaymentAnswer;
}

export interface LoadOptions {
  readonly durationMs: number;
  /** Payments a second of all clients together; null: a closed loop. */
  readonly ratePerSecond: number | null;
  /** Payments under way of each client; in an open loop at most so many. */
  readonly concurrency: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onPayment: (payment: LoadedPayment) => void;
  /** Payments that a wallet could not make yet. */
  readonly onHeldBack: (count: number) => void;
  /** Payments of an open loop that went out late for no other reason than this program's own. */
  readonly onLate?: (count: number) => void;
}

/** A load that is shorter says nothing. */
export const LOAD_MS_MIN = 1_000;
/** The default of {@link LoadOptions.concurrency}: in a closed loop more only wait in the nodes' queues. */
export const CLOSED_LOOP_CONCURRENCY = 128;
/** In an open loop payments go out whether answers come or not; this only bounds memory. */
export const OPEN_LOOP_CONCURRENCY = 4_096;

/** The most payments of one list: more makes answers late and nothing faster. */
export const LIST_SIZE_MAX = 64;

/** How long a client waits when its wallet is empty or its node busy. */
const PAUSE_MS = 10;

/** Payments of an open loop that are due within this go to one client as one list, the last one in time. */
const STEP_MS = 4;

/** A payment that goes out so long after it was due is late. */
const LATE_MS = 50;

/** The code of a payment that was due and never went out. */
export const NOT_SENT_CODE = "not-sent";
const NOT_SENT: PaymentAnswer = { kind: "refused", code: NOT_SENT_CODE };

/** Why a node takes no more for a moment. */
const BUSY_CODES: ReadonlySet<string> = new Set(["mempool-full", "node-busy"]);

/** Pays until the time is over; resolves when every answer is there. */
export async function runLoad(
  clients: readonly LoadClient[],
  options: LoadOptions,
): Promise<void> {
  const endAtMs = options.now() + options.durationMs;
  if (options.ratePerSecond !== null) {
    return await openLoop(clients, { ...options, ratePerSecond: options.ratePerSecond, endAtMs });
  }
  const lanes = Math.ceil(options.concurrency / LIST_SIZE_MAX);
  const count = Math.ceil(options.concurrency / lanes);
  await Promise.all(
    clients.flatMap((client) =>
      Array.from({ length: lanes }, () => payOn(client, count, { ...options, endAtMs }))
    ),
  );
}

/** One list after the other. */
async function payOn(
  client: LoadClient,
  count: number,
  { now, signal, endAtMs, ...options }: LoadOptions & { readonly endAtMs: number },
): Promise<void> {
  while (now() < endAtMs && !signal.aborted) {
    const submittedAtMs = now();
    const answers = await client.pay(count);
    const answeredAtMs = now();
    const { nodeId } = client;
    let heldBack = 0;
    let isBusy = false;
    for (const answer of answers) {
      if (isHeldBack(answer)) heldBack++;
      else options.onPayment({ nodeId, scheduledAtMs: null, submittedAtMs, answeredAtMs, answer });
      isBusy ||= answer.kind === "refused" && BUSY_CODES.has(answer.code);
    }
    options.onHeldBack(heldBack);
    if (heldBack > 0 || isBusy) await pause(PAUSE_MS, signal);
  }
}

async function openLoop(
  clients: readonly LoadClient[],
  options: LoadOptions & { readonly ratePerSecond: number; readonly endAtMs: number },
): Promise<void> {
  const { now, signal, ratePerSecond, endAtMs, concurrency } = options;
  const startAtMs = now();
  const dueMsOf = (place: number) => startAtMs + place * 1000 / ratePerSecond;
  const groupSize = Math.min(
    LIST_SIZE_MAX,
    Math.max(1, Math.floor(ratePerSecond * STEP_MS / 1000)),
  );
  const due = clients.map((): number[] => []);
  const underWay = clients.map(() => 0);
  // When each client had as many under way as it may have: what was due then waited for answers.
  const fullAtMs = clients.map(() => -Infinity);
  const answers = new Set<Promise<void>>();
  let planned = 0;

  for (let isOver = false; !isOver && !signal.aborted;) {
    // What was due at the end goes out at the end.
    isOver = now() >= endAtMs;
    const untilMs = Math.min(now(), endAtMs);
    while (dueMsOf(planned + (isOver ? 0 : groupSize - 1)) < untilMs) {
      const times = due[Math.floor(planned / groupSize) % clients.length];
      for (
        const end = planned + groupSize;
        planned < end && dueMsOf(planned) < untilMs;
        planned++
      ) {
        times?.push(dueMsOf(planned));
      }
    }
    for (const [index, client] of clients.entries()) {
      for (;;) {
        const room = Math.min(LIST_SIZE_MAX, concurrency - (underWay[index] ?? 0));
        if (room <= 0) fullAtMs[index] = now();
        const times = room > 0 ? due[index]?.splice(0, room) ?? [] : [];
        if (times.length === 0) break;
        track(send(index, client, times));
      }
    }
    if (!isOver) await pause(STEP_MS, signal);
  }
  await Promise.all(answers);
  for (const [index, times] of due.entries()) {
    for (const scheduledAtMs of times) {
      const nodeId = clients[index]?.nodeId ?? index;
      const unsent = { scheduledAtMs, submittedAtMs: null, answeredAtMs: null, answer: NOT_SENT };
      options.onPayment({ nodeId, ...unsent });
    }
  }

  function track(answer: Promise<void>): void {
    answers.add(answer);
    void answer.finally(() => answers.delete(answer));
  }

  async function send(index: number, client: LoadClient, times: readonly number[]): Promise<void> {
    const submittedAtMs = now();
    options.onLate?.(
      times.filter((dueAtMs) =>
        submittedAtMs - dueAtMs > LATE_MS && dueAtMs > (fullAtMs[index] ?? 0)
      ).length,
    );
    underWay[index] = (underWay[index] ?? 0) + times.length;
    const answers = await client.pay(times.length);
    const answeredAtMs = now();
    underWay[index] = (underWay[index] ?? 0) - times.length;
    const heldBack: number[] = [];
    for (const [place, scheduledAtMs] of times.entries()) {
      const answer = answers[place] ?? NOT_SENT;
      if (isHeldBack(answer)) heldBack.push(scheduledAtMs);
      else {
        const { nodeId } = client;
        options.onPayment({ nodeId, scheduledAtMs, submittedAtMs, answeredAtMs, answer });
      }
    }
    due[index]?.unshift(...heldBack);
    // Coins are waited for: what is due meanwhile is late for that reason.
    if (heldBack.length > 0) fullAtMs[index] = answeredAtMs;
    options.onHeldBack(heldBack.length);
  }
}

function isHeldBack(answer: PaymentAnswer): boolean {
  return answer.kind === "refused" && answer.code === INSUFFICIENT_FUNDS;
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(done, delayMs);
  signal.addEventListener("abort", done);
  return promise;

  function done(): void {
    clearTimeout(timer);
    signal.removeEventListener("abort", done);
    resolve();
  }
}
