/**
 * A feed as Chrome's trace JSON, which ui.perfetto.dev, chrome://tracing and speedscope open: one track a
 * node, an arrow for each message, a mark for blocks and whatever else is worth one.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../page/feed.ts";

/** How wide a message's two ends are drawn at most; arrows need something to hold on to. */
const END_MICROSECONDS = 20;

export interface ChromeEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly [field: string]: unknown;
}

/** The events of a trace file's `traceEvents`. */
export function chromeEvents(head: FeedHead, events: readonly FeedEvent[]): ChromeEvent[] {
  const pid = 1;
  const trace: ChromeEvent[] = [
    { name: "process_name", ph: "M", pid, tid: 0, args: { name: head.title } },
  ];
  for (let node = 0; node < head.nodes; node++) {
    trace.push({ name: "thread_name", ph: "M", pid, tid: node, args: { name: `node ${node}` } });
    trace.push({ name: "thread_sort_index", ph: "M", pid, tid: node, args: { sort_index: node } });
  }
  let flow = 0;
  const widths = new EndWidths(events);
  const mark = (at: number, tid: number, name: string, args: object) =>
    trace.push({ name, ph: "i", s: "t", cat: "event", pid, tid, ts: micros(at), args });
  for (const event of events) {
    switch (event.kind) {
      case "message": {
        const { from, to, type, detail, isLost } = event;
        const [sent, arrived] = [micros(event.sentAt), micros(Math.max(event.at, event.sentAt))];
        const name = isLost ? `${type} (lost)` : type;
        const endOf = (tid: number, ts: number) => ({ tid, ts, dur: widths.at(tid, ts) });
        const end = { cat: event.class, ph: "X", pid };
        trace.push({ ...end, ...endOf(from, sent), name: `→ ${name}`, args: { to, detail } });
        if (isLost) break;
        const id = ++flow;
        const arrow = { name: type, cat: "message", pid, id };
        trace.push({ ...end, ...endOf(to, arrived), name: `← ${name}`, args: { from, detail } });
        trace.push({ ...arrow, ph: "s", tid: from, ts: sent });
        trace.push({ ...arrow, ph: "f", bp: "e", tid: to, ts: arrived });
        break;
      }
      case "block":
        mark(event.at, event.miner ?? 0, `block ${event.height}`, {
          id: event.id,
          parent: event.parent,
        });
        break;
      case "tip":
        if (event.dropped > 0) {
          mark(event.at, event.node, `reorganisation of ${event.dropped}`, { tip: event.id });
        }
        break;
      case "tx":
        mark(event.at, event.node, "transaction", { id: event.id, amount: event.amount });
        break;
      case "refused":
        mark(event.at, event.node, event.code, { id: event.id });
        break;
      case "node":
        mark(event.at, event.node, event.run, {});
        break;
      case "mark":
        mark(event.at, event.nodes[0] ?? 0, event.text, { kind: event.mark });
        break;
    }
  }
  return trace;
}

/**
 * How wide an end may be drawn: up to the next one of its track. Viewers drop a slice that begins in another and
 * ends after it; those of one moment lie in each other.
 */
class EndWidths {
  readonly #widths = new Map<number, Map<number, number>>();

  constructor(events: readonly FeedEvent[]) {
    const times = new Map<number, Set<number>>();
    const note = (tid: number, ts: number) => {
      const known = times.get(tid);
      if (known === undefined) times.set(tid, new Set([ts]));
      else known.add(ts);
    };
    for (const event of events) {
      if (event.kind !== "message") continue;
      note(event.from, micros(event.sentAt));
      if (!event.isLost) note(event.to, micros(Math.max(event.at, event.sentAt)));
    }
    for (const [tid, set] of times) {
      const sorted = [...set].sort((a, b) => a - b);
      const widths = new Map(sorted.map((ts, index) => {
        const next = sorted[index + 1] ?? Infinity;
        return [ts, Math.min(END_MICROSECONDS, next - ts)];
      }));
      this.#widths.set(tid, widths);
    }
  }

  at(tid: number, ts: number): number {
    return this.#widths.get(tid)?.get(ts) ?? END_MICROSECONDS;
  }
}

/** The whole file. */
export function formatPerfetto(head: FeedHead, events: readonly FeedEvent[]): string {
  const lines = chromeEvents(head, events).map((event) => JSON.stringify(event));
  return `{"displayTimeUnit":"ms","traceEvents":[\n${lines.join(",\n")}\n]}\n`;
}

function micros(ms: number): number {
  return Math.round(1000 * ms);
}
