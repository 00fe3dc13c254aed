/**
 * What a cluster can do to its own network: the shape of each order, and the words in
 * which it is written down.
 *
 * The words are those of `noobcash cluster control`, so that what was clicked can be typed.
 *
 * @module
 */
import { z } from "zod";
import { LAB_LATENCY_MS_MAX, LAB_SKEW_MS_MAX } from "../wire/lab.ts";
import { formatDuration, formatHashRate, formatShare } from "../terminal/quantities.ts";

const nodeId = z.int().min(0).max(100_000);
const nodeIds = z.array(nodeId).min(1).max(1000);

/** Orders that are given to some nodes and say nothing more. */
export const NODE_ORDERS = [
  "kill",
  "restart",
  "freeze",
  "continue",
  "pause",
  "resume",
  "withhold",
  "release",
  "mine",
] as const;
export type NodeOrder = typeof NODE_ORDERS[number];

export const orderSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("partition"),
    groups: z.array(z.array(nodeId).max(1000)).min(1).max(1000),
  }),
  z.strictObject({ kind: z.literal("heal") }),
  z.strictObject({
    kind: z.literal("link"),
    /** null: every node. */
    from: nodeId.nullable(),
    to: nodeId.nullable(),
    isBoth: z.boolean(),
    isCut: z.boolean(),
    latencyMs: z.number().min(0).max(LAB_LATENCY_MS_MAX),
    loss: z.number().min(0).max(1),
  }),
  z.strictObject({ kind: z.literal("node"), order: z.enum(NODE_ORDERS), nodes: nodeIds }),
  z.strictObject({
    kind: z.literal("limit"),
    nodes: nodeIds,
    hashRate: z.number().positive().max(1e15).nullable(),
  }),
  z.strictObject({
    kind: z.literal("skew"),
    nodes: nodeIds,
    skewMs: z.int().min(-LAB_SKEW_MS_MAX).max(LAB_SKEW_MS_MAX),
  }),
]);
export type Order = z.infer<typeof orderSchema>;

/**
 * An order as one would type it after `noobcash cluster control`.
 *
 * @example
 * ```ts
 * import { orderText } from "./order.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(orderText({ kind: "partition", groups: [[0, 1], [2]] }), "partition 0,1/2");
 * assert.equal(orderText({ kind: "node", order: "kill", nodes: [3] }), "kill 3");
 * assert.equal(orderText({ kind: "limit", nodes: [1], hashRate: 5000 }), "limit 1 5kH/s");
 * assert.equal(orderText({ kind: "skew", nodes: [0, 2], skewMs: -90_000 }), "skew 0,2 -90s");
 * ```
 */
export function orderText(order: Order): string {
  switch (order.kind) {
    case "partition":
      return `partition ${order.groups.map((group) => group.join(",")).join("/")}`;
    case "heal":
      return "heal";
    case "link": {
      const { from, to, isBoth, isCut, latencyMs, loss } = order;
      const faults = isCut
        ? " --cut"
        : `${latencyMs > 0 ? ` --latency ${formatDuration(latencyMs)}` : ""}${
          loss > 0 ? ` --loss ${formatShare(loss)}` : ""
        }`;
      return `link ${from ?? "all"} ${to ?? "all"}${faults}${isBoth ? "" : " --one-way"}`;
    }
    case "node":
      return `${order.order} ${order.nodes.join(",")}`;
    case "limit":
      return `limit ${order.nodes.join(",")} ${
        order.hashRate === null ? "none" : formatHashRate(order.hashRate)
      }`;
    case "skew":
      return `skew ${order.nodes.join(",")} ${skewText(order.skewMs)}`;
  }
}

/** How far a clock is set off, as one would type it. */
export function skewText(skewMs: number): string {
  return `${skewMs < 0 ? "-" : ""}${formatDuration(Math.abs(skewMs))}`;
}

/** The nodes that an order is about. */
export function nodesOfOrder(order: Order): readonly number[] {
  switch (order.kind) {
    case "node":
    case "limit":
    case "skew":
      return order.nodes;
    case "partition":
      return order.groups.flat();
    case "link":
      return [order.from, order.to].filter((node) => node !== null);
    case "heal":
      return [];
  }
}
