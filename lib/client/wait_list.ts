/**
 * Waits until every transaction of a list is confirmed or has failed, by listening.
 *
 * A wallet's payments are confirmed about in their order: only the oldest that still waits is asked for,
 * and the next ones once it is there. So a list costs a question for each of its transactions and one for
 * each block, however long it waits.
 *
 * Called by `noobcash client send --file --wait`.
 *
 * @module
 */
import { err, ok, type Result } from "../result.ts";
import type { ApiClient, ClientError } from "./api_client.ts";
import { ledgerEvents } from "./ledger_events.ts";
import type { PaidList } from "./payment_list.ts";

/** A list that was paid, and what became of it on the chain. */
export interface ConfirmedList extends PaidList {
  readonly confirmed: number;
  /** How many accepted ones are in no block, by code. */
  readonly unconfirmed: Readonly<Record<string, number>>;
  readonly payments: readonly (PaidList["payments"][number] & { readonly height: number | null })[];
}

/** What became of one transaction: the height of its block, or why it has none. */
export interface Settled {
  readonly height: number | null;
  readonly code: string | null;
}

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Told how many are done. */
  readonly onProgress: (done: number) => void;
}

/** The code of a transaction that still waited when the time was over. */
const WAIT_TIMEOUT_CODE = "wait-timeout";

/** How many questions are under way at once. */
const QUESTIONS_MAX = 16;

/** Waits for the blocks that confirm a list's payments. */
export async function confirmList(
  client: Pick<ApiClient, "events" | "transaction">,
  paid: PaidList,
  options: WaitOptions,
): Promise<Result<ConfirmedList, ClientError>> {
  const txids = paid.payments.flatMap(({ txid }) => txid ?? []);
  const settled = await waitListConfirmed(client, txids, options);
  if (!settled.ok) return settled;
  const byTxid = new Map(txids.map((txid, index) => [txid, settled.value[index]]));
  const unconfirmed = new Map<string, number>();
  const payments = paid.payments.map((payment) => {
    const found = payment.txid === null ? undefined : byTxid.get(payment.txid);
    if (found === undefined) return { ...payment, height: null };
    const { height, code } = found;
    if (code !== null) unconfirmed.set(code, (unconfirmed.get(code) ?? 0) + 1);
    return { ...payment, code, height };
  });
  return ok({
    ...paid,
    confirmed: payments.filter(({ height }) => height !== null).length,
    unconfirmed: Object.fromEntries([...unconfirmed].sort(([a], [b]) => a < b ? -1 : 1)),
    payments,
  });
}

/** Waits for at most `timeoutMs` in all; what waits then has {@link WAIT_TIMEOUT_CODE}. */
export async function waitListConfirmed(
  client: Pick<ApiClient, "events" | "transaction">,
  txids: readonly string[],
  { timeoutMs, onProgress }: WaitOptions,
): Promise<Result<readonly Settled[], ClientError>> {
  const opened = await ledgerEvents(client, timeoutMs);
  if (!opened.ok) return opened;
  const events = opened.value;
  const settled: Settled[] = [];
  let wasMoving = true;
  try {
    const before = await advance();
    if (!before.ok || before.value) return before.ok ? ok(settled) : before;
    for await (const _event of events) {
      const after = await advance();
      if (!after.ok || after.value) return after.ok ? ok(settled) : after;
    }
  } finally {
    events.close();
  }
  if (!events.isLate) {
    return err({
      kind: "unreachable",
      code: "stream-ended",
      message: `Cannot see all payments confirmed: got the end of the event stream with ` +
        `${settled.length} of ${txids.length}, wanted blocks with the others`,
    });
  }
  return ok(
    txids.map((_, index) => settled[index] ?? { height: null, code: WAIT_TIMEOUT_CODE }),
  );

  /** Goes on to the first that still waits; true when none does. */
  async function advance(): Promise<Result<boolean, ClientError>> {
    while (settled.length < txids.length && !events.isLate) {
      // One question tells whether there is anything new at all; then there is much.
      const count = wasMoving ? QUESTIONS_MAX : 1;
      const part = txids.slice(settled.length, settled.length + count);
      const states = await Promise.all(part.map((txid) => client.transaction(txid)));
      wasMoving = false;
      for (const state of states) {
        if (!state.ok) return state;
        const { state: kind, height, reasonCode } = state.value;
        if (kind === "pending") break;
        settled.push({ height, code: kind === "failed" ? reasonCode ?? "failed" : null });
        wasMoving = true;
      }
      onProgress(settled.length);
      if (!wasMoving) break;
    }
    return ok(settled.length === txids.length);
  }
}
