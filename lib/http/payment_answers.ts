/**
 * What paying over the API comes to, whichever way the request took: orders for the node, and the JSON and
 * status of what came of them.
 *
 * A payment is answered once the node has checked it and the disk has it (D8). Those of a list go into the
 * node's queue together, in their order, and share a commit. Called by `wallet_routes.ts` and by
 * `payment_door.ts`.
 *
 * @module
 */
import { paymentAmountOf } from "../primitives/amount.ts";
import { receiverOf, type Transaction } from "../primitives/transaction.ts";
import { err, ok, type Result } from "../result.ts";
import type { AcceptedJson, PaymentAnswersJson } from "../wire/api_wallet.ts";
import type { ApiError } from "./api_error.ts";
import { findWallet, type LedgerContext } from "./context.ts";
import type { ApiPorts } from "./ports.ts";
import { transactionJson } from "./present.ts";
import { errorJson } from "./refuse.ts";

/** A payment as it was asked for; its amount is anything yet. */
export interface PaymentOrder {
  readonly to: string | number;
  readonly amount?: unknown;
}

/** A transaction that was taken in now (202), or that was there already (200). */
export interface AcceptedAnswer {
  readonly status: 200 | 202;
  readonly location: string;
  readonly body: AcceptedJson;
}

export type PaymentsAnswer =
  | AcceptedAnswer
  | { readonly status: 207; readonly body: PaymentAnswersJson }
  | { readonly status: undefined; readonly error: ApiError };

/** Pays, once or by a list. */
export async function answerPayments(
  ports: ApiPorts,
  request: PaymentOrder | readonly PaymentOrder[],
  { key, context }: { readonly key: string | undefined; readonly context: LedgerContext },
): Promise<PaymentsAnswer> {
  if (isList(request)) return { status: 207, body: await payList(ports, request, key) };
  const paid = await payOne(ports, request, key);
  return paid.ok
    ? acceptedAnswer(paid.value.transaction, { isKnown: paid.value.isKnown, context })
    : { status: undefined, error: paid.error };
}

export function acceptedAnswer(
  transaction: Transaction,
  { isKnown, context }: { readonly isKnown: boolean; readonly context: LedgerContext },
): AcceptedAnswer {
  const { txid } = transaction;
  const { ledger: { params }, walletOf } = context;
  return {
    status: isKnown ? 200 : 202,
    location: `/api/v1/transactions/${txid}`,
    body: {
      txid,
      known: isKnown,
      toSelf: isToSelf(transaction),
      transaction: transactionJson(transaction, { params, walletOf }),
    },
  };
}

/** Paying oneself is valid (T10); it is only said. */
export function isToSelf(transaction: Transaction): boolean {
  return receiverOf(transaction) === transaction.sender;
}

/** Asks the node to pay; resolves once the payment is durable, or with why there is none. */
async function payOne(
  ports: ApiPorts,
  { to, amount: got }: PaymentOrder,
  key: string | undefined,
): Promise<Result<{ transaction: Transaction; isKnown: boolean }, ApiError>> {
  const amount = paymentAmountOf(got);
  if (amount === undefined) return err({ code: "amount-invalid", got: evidenceOf(got) });
  const receiver = findWallet(ports.node, to);
  if (!receiver.ok) return receiver;
  const reply = await ports.pay({ receiver: receiver.value, amount, key });
  if (!reply.ok) return err(reply.error);
  const { transaction, isKnown = false } = reply;
  return transaction === undefined ? err({ code: "internal" }) : ok({ transaction, isKnown });
}

async function payList(
  ports: ApiPorts,
  requests: readonly PaymentOrder[],
  key: string | undefined,
): Promise<PaymentAnswersJson> {
  const paid = await Promise.all(
    requests.map((request, place) =>
      payOne(ports, request, key === undefined ? undefined : `${key}/${place}`)
    ),
  );
  const accepted = paid.filter((each) => each.ok).length;
  return {
    accepted,
    refused: paid.length - accepted,
    answers: paid.map((each) =>
      each.ok ? { txid: each.value.transaction.txid } : errorJson(each.error)
    ),
  };
}

function isList(
  request: PaymentOrder | readonly PaymentOrder[],
): request is readonly PaymentOrder[] {
  return Array.isArray(request);
}

/** A stranger's value as evidence: whole where it is small, else what kind of thing it is. */
function evidenceOf(value: unknown): number | string | boolean | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string") return value.length <= 40 ? value : `${value.slice(0, 39)}…`;
  if (typeof value === "boolean" || value === null) return value;
  return Array.isArray(value) ? "a list" : "an object";
}
