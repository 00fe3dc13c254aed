/**
 * Listens to one node of a cluster, to its trace and its clock, until it is closed.
 *
 * A node that is down or frozen is asked again a little later; what was missed meanwhile is told by the
 * first line of the next stream.
 *
 * @module
 */
import { LAB_PATH, type LabEvent, type LabLine } from "../wire/lab.ts";
import { ClockMeter } from "./clock_offset.ts";

const RETRY_MS = 250;
/** The first questions come quickly, the others when clocks may have drifted. */
const CLOCK_INTERVAL_MS = 1_000;
const CLOCK_INTERVAL_LATER_MS = 5_000;
const CLOCK_SAMPLES_FIRST = 8;
const CLOCK_TIMEOUT_MS = 2_000;
const LINE_SIZE_MAX = 64 * 1024 * 1024;

export interface NodeWatchOptions {
  readonly url: string;
  readonly secret: string;
  readonly nowMs: () => number;
  /** Whether every message is wanted from the first line on. */
  readonly hasMessages: boolean;
  readonly onEvent: (event: LabEvent) => void;
  /** This many events were lost. */
  readonly onLost: (count: number) => void;
  readonly onClock: (meter: ClockMeter) => void;
}

export interface NodeWatch {
  readonly clock: ClockMeter;
  /** Resolves when the node's first stream begins, or on closing. */
  readonly begun: Promise<void>;
  /** Asks for the node's time at once. */
  measure(): void;
  /** Begins or ends the telling of every message. */
  watchMessages(areWanted: boolean): void;
  close(): Promise<void>;
}

export function watchNode(options: NodeWatchOptions): NodeWatch {
  const { url, secret, nowMs } = options;
  const closing = new AbortController();
  const clock = new ClockMeter();
  const headers = { authorization: `Bearer ${secret}` };
  let { hasMessages } = options;
  const beginning = Promise.withResolvers<void>();
  closing.signal.addEventListener("abort", () => beginning.resolve());
  const listening = listenForEver();
  let measuring = measure();
  let telling: Promise<void> = Promise.resolve();
  let asked = 0;
  let timer = setTimeout(askAgain, CLOCK_INTERVAL_MS);

  return {
    clock,
    begun: beginning.promise,
    measure() {
      asked = 0;
      askClock();
    },
    watchMessages(areWanted) {
      hasMessages = areWanted;
      telling = telling.then(tellDetail);
    },
    async close() {
      clearTimeout(timer);
      closing.abort();
      await Promise.all([listening, measuring, telling]);
    },
  };

  function askClock(): void {
    measuring = measuring.then(measure);
  }

  function askAgain(): void {
    asked++;
    askClock();
    const ms = asked < CLOCK_SAMPLES_FIRST ? CLOCK_INTERVAL_MS : CLOCK_INTERVAL_LATER_MS;
    timer = setTimeout(askAgain, ms);
  }

  /** A node that is down now is told when its stream begins again. */
  async function tellDetail(): Promise<void> {
    try {
      const response = await fetch(`${url}${LAB_PATH}/detail`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ messages: hasMessages }),
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(CLOCK_TIMEOUT_MS)]),
      });
      await response.body?.cancel();
    } catch {
      // The node is down.
    }
  }

  async function listenForEver(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const askedFor = hasMessages;
        const response = await fetch(`${url}${LAB_PATH}/feed?messages=${askedFor}`, {
          headers,
          signal: closing.signal,
        });
        // The wish may have changed while this request was under way: it is told once more.
        if (askedFor !== hasMessages) telling = telling.then(tellDetail);
        if (response.ok) beginning.resolve();
        if (response.ok && response.body !== null) await readLines(response.body, takeLine);
        else await response.body?.cancel();
      } catch {
        // The node is down, or was killed in the middle of a line: it is asked again.
      }
      await pause(RETRY_MS, closing.signal);
    }
  }

  function takeLine(text: string): void {
    if (text === "") return;
    const line = JSON.parse(text) as LabLine;
    if (line.lost > 0) options.onLost(line.lost);
    for (const event of line.events) options.onEvent(event);
  }

  async function measure(): Promise<void> {
    if (closing.signal.aborted) return;
    try {
      const askedMs = nowMs();
      const response = await fetch(`${url}${LAB_PATH}/clock`, {
        headers,
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(CLOCK_TIMEOUT_MS)]),
      });
      const answer = await response.json() as { readonly nowMs?: number };
      if (typeof answer.nowMs !== "number") return;
      clock.add({ askedMs, answeredMs: nowMs(), nodeMs: answer.nowMs });
      options.onClock(clock);
    } catch {
      // No answer, no sample.
    }
  }
}

/** Reads a stream line by line, until it ends or a line is too long. */
async function readLines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  takeLine: (text: string) => void,
): Promise<void> {
  let rest: string[] = [];
  let size = 0;
  // A stream in between would cost more than what is read.
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    const parts = decoder.decode(bytes, { stream: true }).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      takeLine(rest.join("") + part);
      rest = [];
      size = 0;
    }
    rest.push(last);
    size += last.length;
    // No node sends a line of this length: the stream is opened again.
    if (size > LINE_SIZE_MAX) return;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}
