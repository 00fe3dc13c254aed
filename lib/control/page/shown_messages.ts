/**
 * Which messages the diagram shows, and what is said of them.
 *
 * @module
 */
import type { MessageEvent } from "../../page/feed.ts";
import type { NetworkView } from "../../page/network_view.ts";
import { text } from "./common.tsx";

/** The messages of a window of time, as the filters let them through, oldest first. */
export function messagesIn(
  view: NetworkView,
  { fromMs, endMs, shown, node }: {
    readonly fromMs: number;
    readonly endMs: number;
    readonly shown: ReadonlySet<string>;
    readonly node: number | undefined;
  },
): MessageEvent[] {
  const found: MessageEvent[] = [];
  for (let index = view.messages.length - 1; index >= 0; index--) {
    const message = view.messages[index] as MessageEvent;
    // They stand in the order of arrival: this one, and all before it, had arrived when the window began.
    if (message.at < fromMs) break;
    if (message.sentAt > endMs) continue;
    if (!shown.has(message.class) || (message.isLost && !shown.has("lost"))) continue;
    if (node !== undefined && message.from !== node && message.to !== node) continue;
    if (message.isLost && message.sentAt < fromMs) continue;
    found.push(message);
  }
  return found.reverse();
}

/** A message in a sentence. */
export function messageText(message: MessageEvent): string {
  const { type, from, to, detail } = message;
  const tookMs = Math.max(0, message.at - message.sentAt);
  return message.isLost
    ? text("messages.one.lost", { type, from, to, detail })
    : text("messages.one", { type, from, to, detail, took: Number(tookMs.toFixed(1)) });
}

/** How exactly the arrows stand: the clocks of real nodes are compared, not shared. */
export function clockText(view: NetworkView, messages: readonly MessageEvent[]): string {
  if (view.head.origin === "simulation") return text("messages.clocks.simulated");
  const errors = view.nodes.map(({ clock }) => clock?.[1]).filter((each) => each !== undefined);
  if (errors.length === 0) return text("messages.clocks.none");
  const backwards = messages.filter((message) => !message.isLost && message.at < message.sentAt);
  const told = text("messages.clocks", { error: Number(Math.max(...errors).toFixed(1)) });
  return backwards.length === 0
    ? told
    : `${told} · ${text("messages.clocks.violated", { n: backwards.length })}`;
}

/** Tells a message from others. */
export function messageKey({ sentAt, from, to, type, detail }: MessageEvent): string {
  return `${sentAt} ${from} ${to} ${type} ${detail}`;
}
