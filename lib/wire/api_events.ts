/**
 * The API's event stream: what happens at a node, as it happens.
 *
 * Sent as server-sent events; `id` names the event, `event` is the type, `data` the JSON. A listener that
 * is too slow is told so by a `lagged` event and has to read the state anew; one whose stream broke says in
 * `Last-Event-ID` what it had last, and gets what followed, or `lagged`. `transactions-seen` is the short
 * form of many `transaction` events, and comes only to who asks for it.
 *
 * @module
 */
import { z } from "zod";
import {
  hashSchema,
  heightSchema,
  queryNumber,
  timestampMsSchema,
  walletSchema,
} from "./api_basics.ts";
import { transactionSchema } from "./api_chain.ts";
import { phaseSchema } from "./api_network.ts";

const timeMs = timestampMsSchema;

export const apiEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("phase"), timeMs, phase: phaseSchema }),
  z.object({
    type: z.literal("block"),
    timeMs,
    hash: hashSchema,
    height: heightSchema,
    miner: walletSchema,
    transactionCount: z.int(),
    own: z.boolean(),
  }),
  z.object({
    type: z.literal("side-block"),
    timeMs,
    hash: hashSchema,
    height: heightSchema,
    miner: walletSchema,
  }),
  z.object({
    type: z.literal("reorg"),
    timeMs,
    forkHeight: heightSchema,
    disconnected: z.array(hashSchema),
    connected: z.array(hashSchema),
  }),
  z.object({
    type: z.literal("transaction"),
    timeMs,
    transaction: transactionSchema,
    own: z.boolean(),
  }),
  z.object({
    type: z.literal("transactions-seen"),
    timeMs,
    txids: z.array(hashSchema),
    received: z.int().min(0).meta({
      description: "How many of them pay the node's own wallet and were made by another one",
    }),
  }),
  z.object({
    type: z.literal("transaction-removed"),
    timeMs,
    txid: hashSchema,
    reasonCode: z.string(),
  }),
  z.object({
    type: z.literal("peer"),
    timeMs,
    wallet: walletSchema,
    change: z.enum(["joined", "connected", "unreachable", "backed-off", "moved"]),
    detail: z.string().nullable(),
  }),
  z.object({
    type: z.literal("lagged"),
    timeMs,
    missed: z.int().min(1).nullable().meta({
      description: "How many events were dropped; null where the node cannot tell",
    }),
  }),
]).meta({ id: "Event" });
export type ApiEventJson = z.infer<typeof apiEventSchema>;
export type ApiEventType = ApiEventJson["type"];

/** The types that a listener can ask for. */
export const API_EVENT_TYPES: readonly ApiEventType[] = apiEventSchema.options.map((option) =>
  option.shape.type.value
);

/** How often a listener may get a piece at most, in milliseconds, and at least. */
export const EVENT_INTERVAL_MS = { min: 20, max: 1_000 } as const;

export const eventsQuerySchema = z.strictObject({
  types: z.string().max(200).optional().meta({
    description: `Comma-separated: ${API_EVENT_TYPES.join(", ")}; ` +
      "all of them but transactions-seen when not given",
  }),
  interval: queryNumber({
    ...EVENT_INTERVAL_MS,
    description: "Milliseconds from one piece of events to the next at least, " +
      `${EVENT_INTERVAL_MS.min} when not given; each event carries its own time`,
  }),
});

/** What a listener gets that names no types. */
export const API_EVENT_TYPES_DEFAULT: readonly ApiEventType[] = API_EVENT_TYPES.filter((type) =>
  type !== "transactions-seen"
);

/** Where a listener whose stream broke says what it had last. */
export const eventsHeaderSchema = z.object({
  "last-event-id": z.string().max(40).optional().meta({
    description: "The `id` of the last event that was had: the stream goes on behind it",
  }),
});
