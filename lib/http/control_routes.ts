/**
 * Routes that steer a running node, for teaching and for tests: mining, peers, the pool, the tree.
 *
 * All of them want the token. What they do goes through the node's one queue, and a block that is
 * invalidated through the same code as any reorganisation.
 *
 * @module
 */
import { createRoute, type z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { PublicKey } from "../crypto/keys.ts";
import type { ControlCommand } from "../node/input.ts";
import { txidsWithPrefix } from "../node/queries.ts";
import type { NodeState } from "../node/state.ts";
import type { Txid } from "../primitives/outpoint.ts";
import { ok, type Result } from "../result.ts";
import {
  blockRequestSchema,
  doneSchema,
  dropRequestSchema,
  mineNowRequestSchema,
  peersRequestSchema,
} from "../wire/api_network.ts";
import type { HttpError } from "./api_error.ts";
import { createRoutes, findBlock, findWallet, ledgerOf, responses } from "./context.ts";
import type { ApiPorts } from "./ports.ts";
import { refuse } from "./refuse.ts";

const pauseRoute = orderRoute("/control/mining/pause", "Stops mining until it is resumed");
const resumeRoute = orderRoute("/control/mining/resume", "Mines again");
const mineRoute = requestRoute(
  "/control/mining/mine",
  "Mines up to that many blocks of what waits, without waiting for them to fill",
  mineNowRequestSchema,
);
const disconnectRoute = requestRoute(
  "/control/peers/disconnect",
  "Neither hears nor calls these peers until they are reconnected; all of them when none is named",
  peersRequestSchema,
);
const reconnectRoute = requestRoute(
  "/control/peers/reconnect",
  "Talks to these peers again; to all of them when none is named",
  peersRequestSchema,
);
const dropRoute = requestRoute(
  "/control/transactions/drop",
  "Takes a transaction out of the pool, with everything that spends what it creates",
  dropRequestSchema,
);
const invalidateRoute = requestRoute(
  "/control/blocks/invalidate",
  "Treats a block and everything above it as invalid",
  blockRequestSchema,
);
const reconsiderRoute = requestRoute(
  "/control/blocks/reconsider",
  "Lifts that mark again",
  blockRequestSchema,
);

export function controlRoutes(ports: ApiPorts) {
  const { node } = ports;

  async function order(c: Context, command: Result<ControlCommand, HttpError>) {
    if (!command.ok) return refuse(c, command.error);
    const reply = await ports.control(command.value);
    return reply.ok ? c.json({ done: true as const }, 200) : refuse(c, reply.error);
  }

  async function orderForBlock(
    c: Context,
    kind: "invalidate-block" | "reconsider-block",
    name: string | number,
  ) {
    const context = ledgerOf(ports);
    if (!context.ok) return refuse(c, context.error);
    const entry = findBlock(context.value.ledger, name);
    return await order(c, entry.ok ? ok({ kind, hash: entry.value.hash }) : entry);
  }

  return createRoutes()
    .openapi(pauseRoute, (c) => order(c, ok({ kind: "pause-mining" })))
    .openapi(resumeRoute, (c) => order(c, ok({ kind: "resume-mining" })))
    .openapi(mineRoute, (c) => {
      const { blocks } = c.req.valid("json");
      return order(c, ok({ kind: "mine-now", blocks }));
    })
    .openapi(disconnectRoute, (c) => {
      const publicKeys = findWallets(node, c.req.valid("json").peers);
      return order(
        c,
        publicKeys.ok ? ok({ kind: "disconnect-peers", publicKeys: publicKeys.value }) : publicKeys,
      );
    })
    .openapi(reconnectRoute, (c) => {
      const publicKeys = findWallets(node, c.req.valid("json").peers);
      return order(
        c,
        publicKeys.ok ? ok({ kind: "reconnect-peers", publicKeys: publicKeys.value }) : publicKeys,
      );
    })
    .openapi(dropRoute, (c) => {
      const { txid: name } = c.req.valid("json");
      const context = ledgerOf(ports);
      if (!context.ok) return refuse(c, context.error);
      const candidates = txidsWithPrefix(context.value.ledger, node.archive, name);
      if (candidates.length > 1) {
        return refuse(c, { code: "prefix-ambiguous", got: name, candidates });
      }
      return order(c, ok({ kind: "drop-transaction", txid: candidates[0] ?? name as Txid }));
    })
    .openapi(
      invalidateRoute,
      (c) => orderForBlock(c, "invalidate-block", c.req.valid("json").block),
    )
    .openapi(
      reconsiderRoute,
      (c) => orderForBlock(c, "reconsider-block", c.req.valid("json").block),
    );
}

function findWallets(
  node: NodeState,
  names: readonly (string | number)[],
): Result<readonly PublicKey[], HttpError> {
  const found: PublicKey[] = [];
  for (const name of names) {
    const publicKey = findWallet(node, name);
    if (!publicKey.ok) return publicKey;
    found.push(publicKey.value);
  }
  return ok(found);
}

function orderRoute<Path extends string>(path: Path, summary: string) {
  return createRoute({
    method: "post",
    path,
    tags: ["control"],
    summary,
    security: [{ token: [] }],
    responses: responses(doneSchema, "Done"),
  });
}

function requestRoute<Path extends string, Schema extends z.ZodType>(
  path: Path,
  summary: string,
  schema: Schema,
) {
  return createRoute({
    method: "post",
    path,
    tags: ["control"],
    summary,
    security: [{ token: [] }],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: responses(doneSchema, "Done"),
  });
}
