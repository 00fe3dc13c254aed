/** Bounds of what may be asked of a node: each is taken, and one more is refused. */
import assert from "node:assert/strict";
import type { z } from "zod";
import { limitQuery, LIST_LIMIT_MAX } from "./api_basics.ts";
import { RAW_BLOCKS_MAX, rawBlocksQuerySchema } from "./api_chain.ts";
import { MINE_NOW_BLOCKS_MAX, mineNowRequestSchema } from "./api_network.ts";
import {
  LAB_HEIGHTS_MAX,
  LAB_LATENCY_MS_MAX,
  LAB_SKEW_MS_MAX,
  labBlocksQuerySchema,
  labFaultsSchema,
  NO_LAB_FAULTS,
} from "./lab.ts";

function takes(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

Deno.test("a list has 1,000 items at most: LIST_LIMIT_MAX", () => {
  assert.equal(LIST_LIMIT_MAX, 1_000);
  assert.deepEqual([takes(limitQuery, "1000"), takes(limitQuery, "1001")], [true, false]);
});

Deno.test("10,000 raw blocks are asked for at once at most: RAW_BLOCKS_MAX", () => {
  assert.equal(RAW_BLOCKS_MAX, 10_000);
  const asks = ["10000", "10001"].map((limit) => takes(rawBlocksQuerySchema, { limit }));
  assert.deepEqual(asks, [true, false]);
});

Deno.test("1,000 blocks are ordered at once at most: MINE_NOW_BLOCKS_MAX", () => {
  assert.equal(MINE_NOW_BLOCKS_MAX, 1_000);
  const orders = [1_000, 1_001].map((blocks) => takes(mineNowRequestSchema, { blocks }));
  assert.deepEqual(orders, [true, false]);
});

Deno.test("a fault is a minute and a day at most: LAB_LATENCY_MS_MAX and LAB_SKEW_MS_MAX", () => {
  assert.deepEqual([LAB_LATENCY_MS_MAX, LAB_SKEW_MS_MAX], [60_000, 86_400_000]);
  const latencies = [60_000, 60_001].map((latencyMs) =>
    takes(labFaultsSchema, {
      ...NO_LAB_FAULTS,
      links: [{ to: 1, isCut: false, latencyMs, loss: 0 }],
    })
  );
  assert.deepEqual(latencies, [true, false]);
  const skews = [86_400_000, -86_400_000, 86_400_001, -86_400_001].map((clockSkewMs) =>
    takes(labFaultsSchema, { ...NO_LAB_FAULTS, clockSkewMs })
  );
  assert.deepEqual(skews, [true, true, false, false]);
});

Deno.test("1,000 heights are asked for at once at most: LAB_HEIGHTS_MAX", () => {
  assert.equal(LAB_HEIGHTS_MAX, 1_000);
  const asks = [1_009, 1_010].map((to) => takes(labBlocksQuerySchema, { from: 10, to }));
  assert.deepEqual(asks, [true, false]);
});
