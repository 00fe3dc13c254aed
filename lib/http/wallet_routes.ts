/**
 * Routes about wallets: balances, history, payments, and transactions that were signed elsewhere.
 *
 * All of them wait for a ready node (N09). A payment is answered as soon as the node has checked it and
 * kept it; nothing waits for peers or for mining (D8).
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { bytesOfHex } from "../bytes.ts";
import {
  type Balance,
  balanceOf,
  balancesOf,
  historyOf,
  type Ledger,
  ownersOf,
  ringKeysOf,
} from "../node/queries.ts";
import type { NodeState } from "../node/state.ts";
import { paymentAmountOf } from "../primitives/amount.ts";
import { decodeTransaction, receiverOf, type Transaction } from "../primitives/transaction.ts";
import { err, ok, type Result } from "../result.ts";
import { LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from "../wire/api_basics.ts";
import {
  acceptedSchema,
  balanceListSchema,
  balanceSchema,
  balancesQuerySchema,
  historyQuerySchema,
  historySchema,
  type PaymentAnswersJson,
  paymentAnswersSchema,
  paymentHeadersSchema,
  paymentListSchema,
  paymentRequestSchema,
  submitRequestSchema,
  walletParamSchema,
} from "../wire/api_wallet.ts";
import {
  createRoutes,
  findWallet,
  type LedgerContext,
  readyLedgerOf,
  responses,
} from "./context.ts";
import type { ApiError } from "./api_error.ts";
import type { ApiPorts } from "./ports.ts";
import { balanceJson, transactionJson, transactionStateJson } from "./present.ts";
import { rationed } from "./rationed.ts";
import { errorJson, errorResponses, refuse } from "./refuse.ts";

const acceptedResponses = {
  ...errorResponses,
  200: {
    description: "The node had it already; nothing was done twice",
    content: { "application/json": { schema: acceptedSchema } },
  },
  202: {
    description: "Checked, kept and sent on; a block will confirm it",
    content: { "application/json": { schema: acceptedSchema } },
  },
};

const balancesRoute = createRoute({
  method: "get",
  path: "/balances",
  tags: ["wallets"],
  summary: "The balances of all wallets, a page at a time",
  request: { query: balancesQuerySchema },
  responses: responses(balanceListSchema, "The balances"),
});
const balanceRoute = createRoute({
  method: "get",
  path: "/balances/{wallet}",
  tags: ["wallets"],
  summary: "The balance of one wallet, by node id, by address, or the node's own (`self`)",
  request: { params: walletParamSchema },
  responses: responses(balanceSchema, "Confirmed and pending apart"),
});
const historyRoute = createRoute({
  method: "get",
  path: "/history",
  tags: ["wallets"],
  summary: "A wallet's transactions",
  request: { query: historyQuerySchema },
  responses: responses(historySchema, "The newest first"),
});
const paymentRoute = createRoute({
  method: "post",
  path: "/payments",
  tags: ["wallets"],
  summary: "The node's own wallet pays, once or by a list",
  security: [{ token: [] }],
  request: {
    headers: paymentHeadersSchema,
    body: {
      required: true,
      content: {
        "application/json": { schema: z.union([paymentRequestSchema, paymentListSchema]) },
      },
    },
  },
  responses: {
    ...acceptedResponses,
    207: {
      description: "A list: each payment has its own answer",
      content: { "application/json": { schema: paymentAnswersSchema } },
    },
  },
});
const submitRoute = createRoute({
  method: "post",
  path: "/transactions",
  tags: ["wallets"],
  summary: "Takes in a transaction that was signed elsewhere",
  security: [{ token: [] }],
  request: {
    body: { required: true, content: { "application/json": { schema: submitRequestSchema } } },
  },
  responses: acceptedResponses,
});

export function walletRoutes(ports: ApiPorts) {
  const { node } = ports;
  // The order of a hundred thousand wallets is not made anew for each page.
  const wallets = rationed(walletsOf, { keyOf: () => undefined });
  return createRoutes()
    .openapi(balancesRoute, (c) => {
      const context = readyLedgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { ledger, walletOf } = context.value;
      const { from = 0, limit = LIST_LIMIT_MAX } = c.req.valid("query");
      const owners = wallets(node, ledger);
      const page = owners.slice(from, from + limit);
      const balances = balancesOf(ledger, page);
      return c.json({
        height: ledger.chain.height,
        supply: ledger.chain.utxos.supply,
        walletCount: owners.length,
        balances: page.map((owner, index) =>
          balanceJson(walletOf(owner), balances[index] as Balance)
        ),
      }, 200);
    })
    .openapi(balanceRoute, (c) => {
      const context = readyLedgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const owner = findWallet(node, c.req.valid("param").wallet);
      if (!owner.ok) return refuse(c, owner.error);
      const { ledger, walletOf } = context.value;
      return c.json(balanceJson(walletOf(owner.value), balanceOf(ledger, owner.value)), 200);
    })
    .openapi(historyRoute, (c) => {
      const context = readyLedgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { wallet = "self", limit = LIST_LIMIT_DEFAULT } = c.req.valid("query");
      const owner = findWallet(node, wallet);
      if (!owner.ok) return refuse(c, owner.error);

      const { ledger, walletOf } = context.value;
      const states = historyOf(ledger, node.archive, { owner: owner.value, limit });
      const entries = states.map((state) => ({
        ...transactionStateJson(state, context.value),
        direction: directionOf(state.transaction, owner.value),
      }));
      return c.json({ wallet: walletOf(owner.value), entries }, 200);
    })
    .openapi(paymentRoute, async (c) => {
      const context = readyLedgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const request = c.req.valid("json");
      const key = c.req.valid("header")["idempotency-key"];
      if (Array.isArray(request)) return c.json(await payList(ports, request, key), 207);
      const paid = await payOne(ports, request, key);
      if (!paid.ok) return refuse(c, paid.error);
      const { transaction, isKnown } = paid.value;
      if (!isKnown) return accepted(c, transaction, context.value);
      return c.json({
        txid: transaction.txid,
        known: true,
        toSelf: isToSelf(transaction),
        transaction: inContext(transaction, context.value),
      }, 200);
    })
    .openapi(submitRoute, async (c) => {
      const context = readyLedgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const bytes = bytesOfHex(c.req.valid("json").hex);
      const transaction = decodeTransaction(bytes);
      if (transaction === undefined) {
        return refuse(c, { code: "transaction-malformed", sizeBytes: bytes.length });
      }

      const reply = await ports.submit(transaction);
      if (reply.ok) return accepted(c, transaction, context.value);
      if (reply.error.code !== "tx-already-known") return refuse(c, reply.error);
      return c.json({
        txid: transaction.txid,
        known: true,
        toSelf: isToSelf(transaction),
        transaction: inContext(transaction, context.value),
      }, 200);
    });
}

/** Asks the node to pay; resolves once the payment is durable, or with why there is none. */
async function payOne(
  ports: ApiPorts,
  { to, amount: got }: z.infer<typeof paymentRequestSchema>,
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

/** All of them go into the node's queue at once, in their order: they share commits. */
async function payList(
  ports: ApiPorts,
  requests: readonly z.infer<typeof paymentRequestSchema>[],
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

/** A stranger's value as evidence: whole where it is small, else what kind of thing it is. */
function evidenceOf(value: unknown): number | string | boolean | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string") return value.length <= 40 ? value : `${value.slice(0, 39)}…`;
  if (typeof value === "boolean" || value === null) return value;
  return Array.isArray(value) ? "a list" : "an object";
}

function accepted(c: Context, transaction: Transaction, context: LedgerContext) {
  const { txid } = transaction;
  c.header("Location", `/api/v1/transactions/${txid}`);
  const toSelf = isToSelf(transaction);
  return c.json({ txid, known: false, toSelf, transaction: inContext(transaction, context) }, 202);
}

function inContext(transaction: Transaction, { ledger, walletOf }: LedgerContext) {
  return transactionJson(transaction, { params: ledger.params, walletOf });
}

/** The ring's wallets by id, then everybody else who has coins. */
function walletsOf(node: NodeState, ledger: Ledger) {
  return [...new Set([...ringKeysOf(node), ...ownersOf(ledger)])];
}

function directionOf(transaction: Transaction, owner: string): "sent" | "received" | "self" {
  if (transaction.sender !== owner) return "received";
  return isToSelf(transaction) ? "self" : "sent";
}

/** Paying oneself is valid (T10); it is only said. */
function isToSelf(transaction: Transaction): boolean {
  return receiverOf(transaction) === transaction.sender;
}
