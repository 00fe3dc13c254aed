/**
 * The route of the event stream: server-sent events, with a comment as heartbeat while nothing happens.
 *
 * The first thing that a listener gets is a comment, so that it knows that it hears everything from
 * then on. What waits for a listener goes out as one piece.
 *
 * @module
 */
import { createRoute } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import {
  API_EVENT_TYPES,
  API_EVENT_TYPES_DEFAULT,
  apiEventSchema,
  type ApiEventType,
  eventsHeaderSchema,
  eventsQuerySchema,
} from "../wire/api_events.ts";
import { createRoutes } from "./context.ts";
import { createEventHub, LISTENERS_MAX, type StreamedEvent } from "./event_hub.ts";
import type { ApiPorts } from "./ports.ts";
import { errorResponses, refuse } from "./refuse.ts";

/** How long a stream is silent at most. */
export const HEARTBEAT_INTERVAL_MS = 15_000;

const eventsRoute = createRoute({
  method: "get",
  path: "/events",
  tags: ["node"],
  summary: "What happens, as it happens: server-sent events",
  request: { query: eventsQuerySchema, headers: eventsHeaderSchema },
  responses: {
    ...errorResponses,
    200: {
      description: "`id` names the event, `event` is the type, `data` this JSON",
      content: { "text/event-stream": { schema: apiEventSchema } },
    },
  },
});

export function eventRoutes(ports: ApiPorts) {
  const hub = createEventHub(ports);
  return createRoutes().openapi(eventsRoute, (c) => {
    const { types, interval } = c.req.valid("query");
    const names = types?.split(",") ?? API_EVENT_TYPES_DEFAULT;
    const unknown = names.find((name) => !API_EVENT_TYPES.includes(name as ApiEventType));
    if (unknown !== undefined) {
      const wanted = API_EVENT_TYPES.join(", ");
      const problems = [`types: Cannot listen to ${JSON.stringify(unknown)}, wanted ${wanted}`];
      return refuse(c, { code: "request-malformed", problems });
    }
    if (ports.stopping.aborted) return refuse(c, { code: "node-stopping" });
    const lastId = c.req.valid("header")["last-event-id"];
    const listener = hub.listen(new Set(names as ApiEventType[]), {
      afterId: lastId || undefined,
      intervalMs: interval,
    });
    if (listener === undefined) {
      return refuse(c, { code: "too-many-listeners", max: LISTENERS_MAX });
    }

    c.header("X-Accel-Buffering", "no");
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => listener.close());
      await stream.write(": listening\n\n");
      while (!listener.isClosed) {
        const events = await listener.next(HEARTBEAT_INTERVAL_MS);
        if (events.length > 0) await stream.write(events.map(eventText).join(""));
        else if (!listener.isClosed) await stream.write(": alive\n\n");
      }
    });
  });
}

/** One event as server-sent events have it; its JSON is one line. */
function eventText({ id, type, data }: StreamedEvent): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${type}\ndata: ${data}\n\n`;
}
