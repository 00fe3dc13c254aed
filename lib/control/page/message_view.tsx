/**
 * The space-time diagram: one line a node, time to the right, an arrow a message, a dot a block.
 *
 * Drawn on a canvas, with a bound on the arrows; the same messages stand below as a list that can be walked
 * through by keyboard and read aloud. What is chosen in one is marked in the other.
 *
 * @module
 */
import { useRef, useState } from "hono/jsx/dom";
import type { MessageEvent } from "../../page/feed.ts";
import type { NetworkView } from "../../page/network_view.ts";
import { browser, type PageElement } from "../../page/browser.ts";
import { useEffect } from "../../page/use_effect.ts";
import { NodeName, text } from "./common.tsx";
import { drawDiagram, type Drawing, messageAt, ROW_HEIGHT } from "./diagram.ts";
import { MessageFilters, MessageList, PausedSlider } from "./message_parts.tsx";
import { watchMessages } from "./room_client.ts";
import { clockText, messagesIn, messageText } from "./shown_messages.ts";

/** The right edge lags behind, so that what is told a little later still finds its place. */
const LAG_MS = 700;
/** More arrows than this cannot be told apart: only the newest are drawn. */
const ARROWS_MAX = 600;
const SHOWN_AT_FIRST = ["announce", "question", "answer", "transaction", "blocks", "lost"];

export interface MessageViewProps {
  readonly view: NetworkView;
  readonly nowMs: number;
  readonly isLive: boolean;
}

export function MessageView({ view, nowMs, isLive }: MessageViewProps) {
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set(SHOWN_AT_FIRST));
  const [windowMs, setWindowMs] = useState<number>(2_000);
  const [node, setNode] = useState<number | undefined>(undefined);
  const [pausedAt, setPausedAt] = useState<number | undefined>(undefined);
  const [chosen, choose] = useState<MessageEvent | undefined>(undefined);
  const endMs = pausedAt ?? (isLive ? nowMs - LAG_MS : nowMs);
  const fromMs = endMs - windowMs;
  const messages = messagesIn(view, { fromMs, endMs, shown, node });

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
      <MessageFilters
        shown={shown}
        nodes={view.nodes.length}
        windowMs={windowMs}
        onToggle={toggle}
        onNode={setNode}
        onWindow={setWindowMs}
      >
        {pausedAt !== undefined && (
          <PausedSlider
            pausedAt={pausedAt}
            earliest={view.messages[0]?.sentAt ?? 0}
            latest={Math.max(view.nowMs, pausedAt)}
            onMove={setPausedAt}
          />
        )}
      </MessageFilters>
      <Diagram
        drawing={{
          view,
          fromMs,
          endMs,
          messages: messages.slice(-ARROWS_MAX),
          hasBlocks: shown.has("blocks"),
          chosen,
          node,
        }}
        onPick={choose}
      />
      <p class="picked" role="status">
        {chosen === undefined
          ? <span class="hint">{text("messages.pick")}</span>
          : messageText(chosen)}
      </p>
      <p class="hint">{clockText(view, messages)}</p>
      {view.messagesUnseen > 0 && (
        <p class="hint">{text("messages.unseen", { n: view.messagesUnseen })}</p>
      )}
      <MessageList
        messages={messages}
        chosen={chosen}
        onFocus={choose}
        onChoose={(message) => {
          choose(message);
          if (isLive) setPausedAt(endMs);
        }}
      />
    </section>
  );
}

/** The nodes' names and, beside them, the canvas. */
function Diagram({ drawing, onPick }: {
  readonly drawing: Drawing;
  readonly onPick: (message: MessageEvent | undefined) => void;
}) {
  const canvas = useRef<PageElement | null>(null);
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

  function pick(event: { readonly clientX: number; readonly clientY: number }): void {
    const place = canvas.current;
    if (place === null) return;
    const { left, top } = place.getBoundingClientRect();
    onPick(messageAt(place, latest.current as Drawing, event.clientX - left, event.clientY - top));
  }

  const { nodes } = drawing.view;
  return (
    <div class="diagram">
      <ul class="rows">
        {nodes.map((_, id) => (
          <li key={String(id)} style={`height:${ROW_HEIGHT}px`}>
            <NodeName node={id} />
          </li>
        ))}
      </ul>
      <canvas
        ref={canvas as never}
        aria-hidden="true"
        style={`height:${ROW_HEIGHT * nodes.length + 24}px`}
        onMouseMove={pick as never}
        onClick={pick as never}
      />
    </div>
  );
}
