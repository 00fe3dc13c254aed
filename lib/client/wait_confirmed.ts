/**
 * Waits until a transaction is confirmed, by listening rather than by asking again and again.
 *
 * ```
 * listen → where is it? → confirmed, failed: done
 *             ↑    └ pending: the next block, removal or reorganisation
 *             └────────────────┘
 * ```
 *
 * @module
 */
import { codeText } from "../page/texts/refusal_texts.ts";
import { err, ok, type Result } from "../result.ts";
import type { TransactionStateJson } from "../wire/api_chain.ts";
import type { ApiClient, ClientError } from "./api_client.ts";
import { ledgerEvents } from "./ledger_events.ts";

/** Waits for at most `timeoutMs`. A transaction that failed is an error with its reason's code. */
export async function waitConfirmed(
  client: ApiClient,
  txid: string,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Result<TransactionStateJson, ClientError>> {
  const opened = await ledgerEvents(client, timeoutMs);
  if (!opened.ok) return opened;
  const events = opened.value;
  try {
    const before = await verdictOf(client, txid);
    if (before !== undefined) return before;
    for await (const _event of events) {
      const verdict = await verdictOf(client, txid);
      if (verdict !== undefined) return verdict;
    }
  } finally {
    events.close();
  }
  if (events.isLate) {
    return err({
      kind: "refused",
      code: "wait-timeout",
      message: `Cannot see ${txid} confirmed: no block has it within ${timeoutMs / 1000} s`,
      evidence: { txid },
    });
  }
  return err({
    kind: "unreachable",
    code: "stream-ended",
    message:
      `Cannot see ${txid} confirmed: got the end of the event stream, wanted a block with it`,
  });
}

/** The verdict, if there is one by now; `undefined` while the transaction waits. */
async function verdictOf(
  client: ApiClient,
  txid: string,
): Promise<Result<TransactionStateJson, ClientError> | undefined> {
  const state = await client.transaction(txid);
  if (!state.ok) return state;
  switch (state.value.state) {
    case "confirmed":
      return ok(state.value);
    case "pending":
      return undefined;
    case "failed": {
      const code = state.value.reasonCode ?? "failed";
      return err({
        kind: "refused",
        code,
        message: `Cannot see ${txid} confirmed: got a failed payment: ${codeText("en", code)}`,
        evidence: { txid },
      });
    }
  }
}
