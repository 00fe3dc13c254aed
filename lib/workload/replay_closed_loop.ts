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
import { type ClientState, ReplayPacing } from "./replay_pacing.ts";
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

/** Replays every client's lines; resolves when each has its record or the signal fired. */
export async function replayClosedLoop(
  clients: readonly ReplayClient[],
  options: ClosedLoopOptions,
): Promise<void> {
  const states = clients.map((client): ClientState => ({
    ...client,
    nextIndex: 0,
    doneCount: 0,
    waiting: new Set(),
  }));
  const pacing = new ReplayPacing(states, options);
  try {
    await Promise.all(
      states.flatMap((state) =>
        Array.from({ length: options.concurrency }, () => payLines(state, pacing, options))
      ),
    );
  } finally {
    pacing.close();
  }
}

/** Takes one line after the other as long as there are any. */
async function payLines(
  state: ClientState,
  pacing: ReplayPacing,
  options: ClosedLoopOptions,
): Promise<void> {
  for (;;) {
    const index = state.nextIndex;
    const line = state.lines[index];
    if (line === undefined || options.signal.aborted) return;
    if (!pacing.mayStart(state, index)) {
      await pacing.changed;
      continue;
    }
    state.nextIndex++;

    options.onRecord(
      line.kind === "malformed"
        ? unsentRecord(state.payer.nodeId, line)
        : await payLine(state, line, pacing, options),
    );
    state.doneCount++;
    pacing.noteChange();
  }
}

/** Sends a line, again and again if it is worth waiting for coins; its record is that of the last answer. */
async function payLine(
  state: ClientState,
  line: PaymentLine,
  pacing: ReplayPacing,
  options: ClosedLoopOptions,
): Promise<LineRecord> {
  const { payer } = state;
  const submittedAtMs = options.now();
  for (let attempts = 1;; attempts++) {
    const arrivalsBefore = payer.arrivals();
    const answer = await pacing.during(payer.pay(line.receiverId, line.amount));
    const record: LineRecord = {
      ...unsentRecord(payer.nodeId, line),
      submittedAtMs,
      answeredAtMs: options.now(),
      attempts,
      ...(answer.kind === "accepted"
        ? { outcome: "accepted", txid: answer.txid }
        : { outcome: "rejected", code: answer.code }),
    };
    if (answer.kind === "accepted" || !isWorthWaiting(line, answer, options)) return record;

    const lacking = answer.lacking ?? line.amount;
    if (!await pacing.waitForCoins(state, { lacking, arrivalsBefore })) return record;
  }
}

function isWorthWaiting(
  line: PaymentLine,
  answer: PaymentAnswer & { kind: "refused" },
  { retry, impossible, signal }: ClosedLoopOptions,
): boolean {
  return retry && answer.code === INSUFFICIENT_FUNDS && !signal.aborted && !impossible.has(line);
}
