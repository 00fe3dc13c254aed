/**
 * The space-time diagram: one line a node, time to the right, an arrow a message, a dot a block.
 *
 * Drawn on a canvas, at most so many arrows; the same messages stand below as a list that can be walked
 * through by keyboard and read aloud. What is chosen in one is marked in the other.
 *
 * @module
 */
import { useEffect, useRef, useState } from "hono/jsx/dom";
import type { MessageClass, MessageEvent } from "../../page/feed.ts";
import type { NetworkView } from "../../page/network_view.ts";
import { momentText } from "../../page/format.ts";
import { browser, type PageElement, valueOf } from "../../page/browser.ts";
import { NodeName, text } from "./common.tsx";
import { drawDiagram, type Drawing, messageAt, ROW_HEIGHT } from "./diagram.ts";
import { watchMessages } from "./room_client.ts";

const CLASSES: readonly MessageClass[] = ["announce", "question", "answer", "transaction", "other"];
const WINDOWS_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** The right edge lags behind, so that what is told a little later still finds its place. */
const LAG_MS = 700;
/** More arrows than this are a blot: the newest are drawn. */
const ARROWS_MAX = 600;
const LISTED_MAX = 60;

export interface MessageViewProps {
  readonly view: NetworkView;
  readonly nowMs: number;
  readonly isLive: boolean;
}

export function MessageView({ view, nowMs, isLive }: MessageViewProps) {
  const canvas = useRef<PageElement | null>(null);
  const [shown, setShown] = useState<ReadonlySet<string>>(
    new Set(["announce", "question", "answer", "transaction", "blocks", "lost"]),
  );
  const [windowMs, setWindowMs] = useState<number>(2_000);
  const [node, setNode] = useState<number | undefined>(undefined);
  const [pausedAt, setPausedAt] = useState<number | undefined>(undefined);
  const [chosen, choose] = useState<MessageEvent | undefined>(undefined);
  const [isListed, setListed] = useState(false);
  const endMs = pausedAt ?? (isLive ? nowMs - LAG_MS : nowMs);
  const fromMs = endMs - windowMs;
  const messages = messagesIn(view, { fromMs, endMs, shown, node });

  const drawing: Drawing = {
    view,
    fromMs,
    endMs,
    messages: messages.slice(-ARROWS_MAX),
    hasBlocks: shown.has("blocks"),
    chosen,
    node,
  };
  const latest = useRef(drawing);
  latest.current = drawing;
  useEffect(() => {
    const place = canvas.current;
    if (place !== null) drawDiagram(place, drawing);
  });
  useEffect(() => {
    const redraw = () =>
      canvas.current !== null && drawDiagram(canvas.current, latest.current as Drawing);
    browser.addEventListener("resize", redraw);
    return () => browser.removeEventListener("resize", redraw);
  }, []);

  // Nodes tell messages only while somebody looks at them.
  useEffect(() => {
    if (!isLive) return;
    watchMessages(true);
    return () => watchMessages(false);
  }, [isLive]);

  function toggle(name: string): void {
    const next = new Set(shown);
    if (!next.delete(name)) next.add(name);
    setShown(next);
  }

  function pick(event: { readonly clientX: number; readonly clientY: number }): void {
    const place = canvas.current;
    if (place === null) return;
    const { left, top } = place.getBoundingClientRect();
    choose(messageAt(place, latest.current as Drawing, event.clientX - left, event.clientY - top));
  }

  const listed = isListed ? messages.slice(-LISTED_MAX).reverse() : [];
  const earliest = view.messages[0]?.sentAt ?? 0;
  return (
    <section class="panel messages" aria-labelledby="messages-title">
      <header>
        <h2 id="messages-title">{text("messages.title")}</h2>
        <span class="hint">{text("messages.description")}</span>
        <div class="end">
          {isLive && (
            <button
              type="button"
              aria-pressed={String(pausedAt !== undefined)}
              onClick={() => setPausedAt(pausedAt === undefined ? endMs : undefined)}
            >
              {text(pausedAt === undefined ? "messages.pause" : "messages.resume")}
            </button>
          )}
        </div>
      </header>
      <div class="filters" role="group" aria-label={text("messages.filter")}>
        {CLASSES.map((each) => (
          <button
            key={each}
            type="button"
            class={`filter class-${each}`}
            aria-pressed={String(shown.has(each))}
            onClick={() => toggle(each)}
          >
            <i class="stroke" aria-hidden="true" /> {text(`class.${each}`)}
          </button>
        ))}
        <button
          type="button"
          class="filter class-blocks"
          aria-pressed={String(shown.has("blocks"))}
          onClick={() => toggle("blocks")}
        >
          <i class="dot" aria-hidden="true" /> {text("messages.blocks")}
        </button>
        <button
          type="button"
          class="filter class-lost"
          aria-pressed={String(shown.has("lost"))}
          onClick={() => toggle("lost")}
        >
          <i class="stroke" aria-hidden="true" /> {text("messages.lost")}
        </button>
        <label class="inline">
          {text("messages.node")}
          <select
            onChange={(event: Event) =>
              setNode(valueOf(event) === "" ? undefined : Number(valueOf(event)))}
          >
            <option value="">{text("messages.all")}</option>
            {view.nodes.map((_, id) => <option key={String(id)} value={String(id)}>{id}</option>)}
          </select>
        </label>
        <label class="inline">
          {text("messages.window")}
          <select onChange={(event: Event) => setWindowMs(Number(valueOf(event)))}>
            {WINDOWS_MS.map((ms) => (
              <option key={String(ms)} value={String(ms)} selected={ms === windowMs}>
                {ms < 1000 ? text("unit.ms", { n: ms }) : text("unit.seconds", { n: ms / 1000 })}
              </option>
            ))}
          </select>
        </label>
        {pausedAt !== undefined && (
          <label class="inline grow">
            {text("play.time")} {momentText(pausedAt)}
            <input
              type="range"
              min={String(Math.round(earliest))}
              max={String(Math.round(Math.max(view.nowMs, pausedAt)))}
              step="10"
              value={String(Math.round(pausedAt))}
              onInput={(event: Event) => setPausedAt(Number(valueOf(event)))}
            />
          </label>
        )}
      </div>
      <div class="diagram">
        <ul class="rows">
          {view.nodes.map((_, id) => (
            <li key={String(id)} style={`height:${ROW_HEIGHT}px`}>
              <NodeName node={id} />
            </li>
          ))}
        </ul>
        <canvas
          ref={canvas as never}
          aria-hidden="true"
          style={`height:${ROW_HEIGHT * view.nodes.length + 24}px`}
          onMouseMove={pick as never}
          onClick={pick as never}
        />
      </div>
      <p class="picked" role="status">
        {chosen === undefined
          ? <span class="hint">{text("messages.pick")}</span>
          : messageText(chosen)}
      </p>
      <p class="hint">{clockText(view, messages)}</p>
      {view.messagesUnseen > 0 && (
        <p class="hint">{text("messages.unseen", { n: view.messagesUnseen })}</p>
      )}
      <details
        class="message-list"
        onToggle={(event: Event) =>
          setListed((event.target as unknown as { readonly open: boolean }).open)}
      >
        <summary>{text("messages.list")} ({messages.length})</summary>
        {messages.length === 0 ? <p class="hint">{text("messages.none")}</p> : (
          <ol>
            {listed.map((message) => (
              <li key={keyOf(message)}>
                <button
                  type="button"
                  class="plain"
                  aria-pressed={String(chosen !== undefined && keyOf(chosen) === keyOf(message))}
                  onFocus={() => choose(message)}
                  onClick={() => {
                    choose(message);
                    if (isLive) setPausedAt(endMs);
                  }}
                >
                  <time>{momentText(message.sentAt)}</time> {messageText(message)}
                </button>
              </li>
            ))}
          </ol>
        )}
      </details>
    </section>
  );
}

function messagesIn(
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
    // Events are in the order of arrival; a message is not under way for longer than this.
    if (message.at < fromMs) break;
    if (message.sentAt > endMs) continue;
    if (!shown.has(message.class) || (message.isLost && !shown.has("lost"))) continue;
    if (node !== undefined && message.from !== node && message.to !== node) continue;
    if (message.isLost && message.sentAt < fromMs) continue;
    found.push(message);
  }
  return found.reverse();
}

function messageText(message: MessageEvent): string {
  const { type, from, to, detail } = message;
  const tookMs = Math.max(0, message.at - message.sentAt);
  return message.isLost
    ? text("messages.one.lost", { type, from, to, detail })
    : text("messages.one", { type, from, to, detail, took: Number(tookMs.toFixed(1)) });
}

function clockText(view: NetworkView, messages: readonly MessageEvent[]): string {
  if (view.head.origin === "simulation") return text("messages.clocks.simulated");
  const errors = view.nodes.map(({ clock }) => clock?.[1]).filter((each) => each !== undefined);
  if (errors.length === 0) return text("messages.clocks.none");
  const backwards = messages.filter((message) => !message.isLost && message.at < message.sentAt);
  const told = text("messages.clocks", { error: Number(Math.max(...errors).toFixed(1)) });
  return backwards.length === 0
    ? told
    : `${told} · ${text("messages.clocks.violated", { n: backwards.length })}`;
}

function keyOf({ sentAt, from, to, type, detail }: MessageEvent): string {
  return `${sentAt} ${from} ${to} ${type} ${detail}`;
}
