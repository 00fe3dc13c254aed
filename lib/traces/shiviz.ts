/**
 * A feed as a log of ShiViz: what happened at each node with its vector clock, so that "before" is what
 * messages make it, not what clocks say.
 *
 * Each event is two lines, `node {"node":count, …}` and its text; ShiViz reads it with
 * `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`.
 *
 * @module
 */
import type { FeedEvent, FeedHead } from "../page/feed.ts";

export const SHIVIZ_PATTERN = String.raw`(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`;

/** One event of one node. */
export interface LocalEvent {
  readonly at: number;
  readonly node: number;
  readonly text: string;
  /** The message whose end it is, by its place in the feed. */
  readonly message: number | undefined;
  readonly isArrival: boolean;
}

export interface ClockedEvent extends LocalEvent {
  /** How many events of each node happened before or at this one, by node. */
  readonly clock: ReadonlyMap<number, number>;
}

export function formatShiviz(head: FeedHead, events: readonly FeedEvent[]): string {
  return vectorClocks(localEvents(events)).map(({ node, clock, text }) => {
    const counts = [...clock].sort(([a], [b]) => a - b)
      .map(([other, count]) => `"n${other}":${count}`);
    return `n${node} {${counts.join(",")}}\n${text.replaceAll(/\s+/g, " ")}\n`;
  }).join("") + (head.nodes === 0 ? "\n" : "");
}

/** What each node did, in an order in which every message is sent before it arrives. */
export function localEvents(events: readonly FeedEvent[]): LocalEvent[] {
  const local: LocalEvent[] = [];
  const note = (at: number, node: number, text: string) =>
    local.push({ at, node, text, message: undefined, isArrival: false });
  for (const [message, event] of events.entries()) {
    switch (event.kind) {
      case "message": {
        const { sentAt, at, from, to, type, detail, isLost } = event;
        const words = `${type} ${detail}`.trim();
        const loss = isLost ? " (lost)" : "";
        local.push({
          ...{ at: sentAt, node: from, text: `sends ${words} to n${to}${loss}` },
          message,
          isArrival: false,
        });
        if (isLost) break;
        const arrivedAt = Math.max(at, sentAt);
        local.push({
          ...{ at: arrivedAt, node: to, text: `gets ${words} from n${from}` },
          message,
          isArrival: true,
        });
        break;
      }
      case "block":
        if (event.miner !== null) {
          note(event.at, event.miner, `mines block ${event.height} ${event.id}`);
        }
        break;
      case "tip":
        note(event.at, event.node, `stands on ${event.id}, ${event.dropped} dropped`);
        break;
      case "tx":
        note(event.at, event.node, `takes transaction ${event.id}`);
        break;
      case "refused":
        note(event.at, event.node, `refuses ${event.id ?? ""} ${event.code}`);
        break;
      case "node":
        note(event.at, event.node, event.run);
        break;
    }
  }
  // Sorting is stable: of one time, what stands first in the feed comes first.
  return local.sort((a, b) => a.at - b.at);
}

/** Lamport's order, one count a node (Fidge and Mattern 1988). */
export function vectorClocks(events: readonly LocalEvent[]): ClockedEvent[] {
  const clocks = new Map<number, Map<number, number>>();
  const sent = new Map<number, ReadonlyMap<number, number>>();
  return events.map((event) => {
    const clock = new Map(clocks.get(event.node));
    const { message } = event;
    if (message !== undefined && event.isArrival) {
      for (const [node, count] of sent.get(message) ?? []) {
        clock.set(node, Math.max(count, clock.get(node) ?? 0));
      }
      sent.delete(message);
    }
    clock.set(event.node, (clock.get(event.node) ?? 0) + 1);
    clocks.set(event.node, clock);
    if (message !== undefined && !event.isArrival) sent.set(message, clock);
    return { ...event, clock };
  });
}
