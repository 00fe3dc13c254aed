/**
 * Routes about wallets: balances, history, payments, and transactions that were signed elsewhere.
 *
 * All of them wait for a ready node (N09). A payment is answered as soon as the node has checked it and
 * kept it; nothing waits for peers or for mining (D8).
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { bytesOfHex } from "../bytes.ts";
import {
  type Balance,
  balanceOf,
  balancesOf,
  historyOf,
  type Ledger,
  ringKeysOf,
} from "../node/queries.ts";
import type { NodeState } from "../node/state.ts";
import { walletsInOrder } from "../node/wallets_in_order.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { decodeTransaction, type Transaction } from "../primitives/transaction.ts";
import { LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX, TRANSACTION_LIST_MAX } from "../wire/api_basics.ts";
import {
  acceptedSchema,
  balanceListSchema,
  balanceSchema,
  balancesQuerySchema,
  historyQuerySchema,
  historySchema,
  paymentAnswersSchema,
  paymentHeadersSchema,
  paymentListSchema,
  paymentRequestSchema,
  submitRequestSchema,
  walletParamSchema,
} from "../wire/api_wallet.ts";
import { createRoutes, findWallet, readyLedgerOf, responses } from "./context.ts";
import { acceptedAnswer, answerPayments, isToSelf } from "./payment_answers.ts";
import type { ApiPorts } from "./ports.ts";
import { balanceJson, transactionStateJson } from "./present.ts";
import { mapInSteps, rationedSteps } from "./rationed.ts";
import { errorResponses, refuse } from "./refuse.ts";

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
  summary: "A wallet's transactions, a page at a time",
  request: { query: historyQuerySchema },
  responses: responses(historySchema, `The newest first: at most ${TRANSACTION_LIST_MAX}`),
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
  const wallets = rationedSteps(walletsInSteps, {
    keyOf: () => undefined,
    nowMs: () => ports.nowMs(),
  });
  return createRoutes()
    .openapi(balancesRoute, async (c) => {
      const context = readyLedgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const { ledger, walletOf } = context.value;
      const { from = 0, limit = LIST_LIMIT_MAX } = c.req.valid("query");
      const owners = await wallets(node, ledger);
      const page = owners.slice(from, from + limit);
      const found = balancesOf(ledger, page);
      const { height, utxos: { supply } } = ledger.chain;
      // A name costs some 20 us: a thousand of them would hold payments up.
      const balances = await mapInSteps(
        page,
        (owner, index) => balanceJson(walletOf(owner), found[index] as Balance),
      );
      return c.json({ height, supply, walletCount: owners.length, balances }, 200);
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
      const { wallet = "self", limit: wanted = LIST_LIMIT_DEFAULT, after } = c.req.valid("query");
      const limit = Math.min(wanted, TRANSACTION_LIST_MAX);
      const owner = findWallet(node, wallet);
      if (!owner.ok) return refuse(c, owner.error);

      const { ledger, walletOf } = context.value;
      const behind = after as Txid | undefined;
      const states = historyOf(ledger, node.archive, {
        owner: owner.value,
        limit: limit + 1,
        behind,
      });
      if (states === undefined) return refuse(c, { code: "cursor-gone", txid: behind as Txid });
      const next = states.length > limit ? states[limit - 1]?.transaction.txid ?? null : null;
      const entries = states.slice(0, limit).map((state) => ({
        ...transactionStateJson(state, context.value),
        direction: directionOf(state.transaction, owner.value),
      }));
      return c.json({ wallet: walletOf(owner.value), entries, next }, 200);
    })
    .openapi(paymentRoute, async (c) => {
      const context = readyLedgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const key = c.req.valid("header")["idempotency-key"];
      const answer = await answerPayments(ports, c.req.valid("json"), {
        key,
        context: context.value,
      });
      if (answer.status === 202) c.header("Location", answer.location);
      return answer.status === undefined
        ? refuse(c, answer.error)
        : answer.status === 207
        ? c.json(answer.body, 207)
        : c.json(answer.body, answer.status);
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
      if (!reply.ok && reply.error.code !== "tx-already-known") return refuse(c, reply.error);
      const answer = acceptedAnswer(transaction, { isKnown: !reply.ok, context: context.value });
      if (answer.status === 202) c.header("Location", answer.location);
      return c.json(answer.body, answer.status);
    });
}

/** The ring's wallets by id, then everybody else who has coins. */
function* walletsInSteps(node: NodeState, ledger: Ledger) {
  const ring = ringKeysOf(node);
  const others = yield* walletsInOrder(ledger, new Set(ring));
  return [...ring, ...others];
}

function directionOf(transaction: Transaction, owner: string): "sent" | "received" | "self" {
  if (transaction.sender !== owner) return "received";
  return isToSelf(transaction) ? "self" : "sent";
}
