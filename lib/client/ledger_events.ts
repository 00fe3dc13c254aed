/**
 * What may change a transaction's state, as it happens, for as long as somebody is willing to wait.
 *
 * @module
 */
import { ok, type Result } from "../result.ts";
import type { ApiClient, ClientError } from "./api_client.ts";

/** Ends by itself when the time is over. */
export interface LedgerEvents extends AsyncIterable<unknown> {
  /** It ended because the time was over. */
  readonly isLate: boolean;
  close(): void;
}

export async function ledgerEvents(
  client: Pick<ApiClient, "events">,
  timeoutMs: number,
): Promise<Result<LedgerEvents, ClientError>> {
  const opened = await client.events({
    types: ["block", "reorg", "transaction-removed", "lagged"],
  });
  if (!opened.ok) return opened;
  const stream = opened.value;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stream.close();
  }, timeoutMs);
  return ok({
    get isLate() {
      return isLate;
    },
    [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    close() {
      clearTimeout(timer);
      stream.close();
    },
  });
}
