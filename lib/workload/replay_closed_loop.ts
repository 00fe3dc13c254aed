/**
 * The closed loop: each client sends its next line when the answer to the one before is there, as the
 * reference's driver does.
 *
 * Three rules on top:
 * - *Concurrency*: a client may have so many lines under way instead of one.
 * - *Lead*: no client starts a line that is more than `leadLines` beyond what the slowest unfinished
 *   client has finished, so that nodes which compete for the same cores do not decide who is rich. A
 *   client that waits for coins holds nobody up.
 * - *Retry*: a line that lacks coins waits until a payment arrives at its wallet, then goes out again.
 *   Impossible lines never wait. When every unfinished client waits, nothing is under way and nothing
 *   arrives for `patienceMs`, the line that lacks most gives up, and the others go on: the replay ends.
 *
 * Called by `noobcash replay` and by the cluster's replay, through `Payer`.
 *
 * @module
 */
import { type LineRecord, unsentRecord } from "./line_record.ts";
import { INSUFFICIENT_FUNDS, type Payer, type PaymentAnswer } from "./payer.ts";
import type { PaymentLine, WorkloadLine } from "./workload_file.ts";

/** One client: a wallet and what it is to pay. */
export interface ReplayClient {
  readonly payer: Payer;
  readonly lines: readonly WorkloadLine[];
}

/** How to replay. */
export interface ClosedLoopOptions {
  /** Lines under way at once, each client. */
  readonly concurrency: number;
  readonly leadLines: number;
  readonly retry: boolean;
  readonly patienceMs: number;

  /** Lines that are not worth waiting for. */
  readonly impossible: ReadonlySet<WorkloadLine>;
  readonly now: () => number;

  /** Lines not sent yet stay unsent and unrecorded once this fires. */
  readonly signal: AbortSignal;
  readonly onRecord: (record: LineRecord) => void;
}

/** A line that waits for coins. */
interface WaitingLine {
  readonly lacking: number;
  givenUp: boolean;
}

interface ClientState extends ReplayClient {
  nextIndex: number;
  doneCount: number;
  readonly waiting: Set<WaitingLine>;
}

/** Replays every client's lines; resolves when each has its record or the signal fired. */
export async function replayClosedLoop(
  clients: readonly ReplayClient[],
  options: ClosedLoopOptions,
): Promise<void> {
  const { signal } = options;
  const states = clients.map((client): ClientState => ({
    ...client,
    nextIndex: 0,
    doneCount: 0,
    waiting: new Set(),
  }));
  let requestsUnderWay = 0;
  let change = Promise.withResolvers<void>();
  let patience: ReturnType<typeof setTimeout> | undefined;

  const unsubscribes = states.map(({ payer }) => payer.onArrival(noteChange));
  signal.addEventListener("abort", noteChange);
  try {
    await Promise.all(
      states.flatMap((state) => Array.from({ length: options.concurrency }, () => work(state))),
    );
  } finally {
    clearTimeout(patience);
    signal.removeEventListener("abort", noteChange);
    for (const unsubscribe of unsubscribes) unsubscribe();
  }

  async function work(state: ClientState): Promise<void> {
    for (;;) {
      const index = state.nextIndex;
      const line = state.lines[index];
      if (line === undefined || signal.aborted) return;
      if (index >= slowestOthersDone(state) + options.leadLines) {
        await change.promise;
        continue;
      }
      state.nextIndex++;

      const record = await send(state, line);
      if (record !== undefined) options.onRecord(record);
      state.doneCount++;
      noteChange();
    }
  }

  async function send(state: ClientState, line: WorkloadLine): Promise<LineRecord | undefined> {
    const unsent = unsentRecord(state.payer.nodeId, line);
    if (line.kind === "malformed") return unsent;

    const submittedAtMs = options.now();
    for (let attempts = 1;; attempts++) {
      const arrivalsBefore = state.payer.arrivals();
      const answer = await pay(state, line);
      const record: LineRecord = {
        ...unsent,
        submittedAtMs,
        answeredAtMs: options.now(),
        attempts,
        ...(answer.kind === "accepted"
          ? { outcome: "accepted", txid: answer.txid }
          : { outcome: "rejected", code: answer.code }),
      };
      if (answer.kind === "accepted" || !isWorthWaiting(line, answer)) return record;

      const arrived = await waitForCoins(state, {
        lacking: answer.lacking ?? line.amount,
        arrivalsBefore,
      });
      if (!arrived) return record;
    }
  }

  async function pay(state: ClientState, line: PaymentLine): Promise<PaymentAnswer> {
    requestsUnderWay++;
    try {
      return await state.payer.pay(line.receiverId, line.amount);
    } finally {
      requestsUnderWay--;
      noteChange();
    }
  }

  function isWorthWaiting(line: PaymentLine, answer: PaymentAnswer & { kind: "refused" }): boolean {
    return options.retry && answer.code === INSUFFICIENT_FUNDS && !signal.aborted &&
      !options.impossible.has(line);
  }

  /** True when a payment arrived that was not there when the line went out. */
  async function waitForCoins(
    state: ClientState,
    { lacking, arrivalsBefore }: { readonly lacking: number; readonly arrivalsBefore: number },
  ): Promise<boolean> {
    const waiting: WaitingLine = { lacking, givenUp: false };
    state.waiting.add(waiting);
    noteChange();
    try {
      while (state.payer.arrivals() === arrivalsBefore) {
        if (waiting.givenUp || signal.aborted) return false;
        await change.promise;
      }
      return true;
    } finally {
      state.waiting.delete(waiting);
    }
  }

  /** Wakes everybody who waits, and starts patience anew where all there is is waiting. */
  function noteChange(): void {
    change.resolve();
    change = Promise.withResolvers();
    clearTimeout(patience);
    if (isStuck()) patience = setTimeout(giveUpOne, options.patienceMs);
  }

  function isStuck(): boolean {
    const unfinished = states.filter(isUnfinished);
    return requestsUnderWay === 0 && unfinished.length > 0 &&
      unfinished.every(({ waiting }) => waiting.size > 0);
  }

  function giveUpOne(): void {
    const all = states.flatMap(({ waiting }) => [...waiting]);
    const worst = all.reduce((a, b) => b.lacking > a.lacking ? b : a);
    worst.givenUp = true;
    noteChange();
  }

  function slowestOthersDone(self: ClientState): number {
    const others = states.filter((state) =>
      state !== self && isUnfinished(state) && state.waiting.size === 0
    );
    return Math.min(Infinity, ...others.map(({ doneCount }) => doneCount));
  }
}

function isUnfinished({ doneCount, lines }: ClientState): boolean {
  return doneCount < lines.length;
}
