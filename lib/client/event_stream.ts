/**
 * Reads a node's event stream: server-sent events back into values.
 *
 * Lines are bounded; an event of a type that this client does not know is skipped, so that a newer node
 * can say more.
 *
 * @module
 */
import { type ApiEventJson, apiEventSchema } from "../wire/api_events.ts";

/** Events in the order in which the node sent them. Iterate it once; close it. */
export interface EventStream extends AsyncIterable<ApiEventJson> {
  /** Names the last event that was handed over: where another stream can go on. */
  readonly lastId: string | undefined;
  close(): void;
}

/** The most characters of one event. */
const EVENT_SIZE_MAX = 1024 * 1024;
/** How long a stream may be silent; the node's heartbeat comes every 15 s. */
const SILENCE_MS_MAX = 45_000;
const SILENCE_LOOK_MS = 5_000;

/** Reads the events of a response until it ends or is closed. */
export function readEvents(response: Response, aborter: AbortController): EventStream {
  let lastId: string | undefined;
  return {
    get lastId() {
      return lastId;
    },
    close: () => aborter.abort(),
    async *[Symbol.asyncIterator]() {
      if (response.body === null) return;
      // One timer for all: a busy stream has hundreds of parts a second.
      let heardAtMs = performance.now();
      const silence = setInterval(() => {
        if (performance.now() - heardAtMs > SILENCE_MS_MAX) aborter.abort();
      }, SILENCE_LOOK_MS);
      let text = "";
      try {
        // A stream of its own for the decoder would cost as much as all that follows.
        const decoder = new TextDecoder();
        for await (const part of response.body) {
          heardAtMs = performance.now();
          text += decoder.decode(part, { stream: true });
          let start = 0;
          for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", start)) {
            const piece = text.slice(start, end);
            start = end + 2;
            const event = parseEvent(piece);
            lastId = /^id: (.+)$/m.exec(piece)?.[1] ?? lastId;
            if (event !== undefined) yield event;
          }
          text = text.slice(start);
          if (text.length > EVENT_SIZE_MAX) return;
        }
      } catch (error) {
        // A stream that breaks off has ended: whoever listens reads the state anew.
        if (!isBrokenStream(error, aborter.signal)) throw error;
      } finally {
        clearInterval(silence);
        aborter.abort();
      }
    },
  };
}

/**
 * Reads one event; `undefined` for a comment and for what is not known.
 *
 * @example
 * ```ts
 * import { parseEvent } from "./event_stream.ts";
 * import assert from "node:assert/strict";
 *
 * const event = parseEvent('event: phase\ndata: {"type":"phase","timeMs":1,"phase":"ready"}');
 * assert.deepEqual(event, { type: "phase", timeMs: 1, phase: "ready" });
 * assert.equal(parseEvent(": alive"), undefined);
 * ```
 */
export function parseEvent(text: string): ApiEventJson | undefined {
  const data = text.split("\n").filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trimStart()).join("\n");
  if (data === "") return undefined;
  try {
    return apiEventSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

function isBrokenStream(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof TypeError ||
    (error instanceof Error && ["AbortError", "Http", "ConnectionReset"].includes(error.name));
}
