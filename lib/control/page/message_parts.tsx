/**
 * What stands around the diagram of messages: the filters above it, the list below it.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import { valueOf } from "../../page/browser.ts";
import type { MessageClass, MessageEvent } from "../../page/feed.ts";
import { momentText } from "../../page/format.ts";
import { text } from "./common.tsx";
import { messageKey, messageText } from "./shown_messages.ts";

const CLASSES: readonly MessageClass[] = ["announce", "question", "answer", "transaction", "other"];
const WINDOWS_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
const LISTED_MAX = 60;

/** What is drawn: kinds of messages, of all nodes or of one, in a window of time. */
export function MessageFilters(
  { shown, nodes, windowMs, onToggle, onNode, onWindow, children }: {
    readonly shown: ReadonlySet<string>;
    readonly nodes: number;
    readonly windowMs: number;
    readonly onToggle: (name: string) => void;
    readonly onNode: (node: number | undefined) => void;
    readonly onWindow: (ms: number) => void;
    readonly children?: unknown;
  },
) {
  const filters = [
    ...CLASSES.map((name) => ({ name, mark: "stroke", label: text(`class.${name}`) })),
    { name: "blocks", mark: "dot", label: text("messages.blocks") },
    { name: "lost", mark: "stroke", label: text("messages.lost") },
  ];
  return (
    <div class="filters" role="group" aria-label={text("messages.filter")}>
      {filters.map(({ name, mark, label }) => (
        <button
          key={name}
          type="button"
          class={`filter class-${name}`}
          aria-pressed={String(shown.has(name))}
          onClick={() => onToggle(name)}
        >
          <i class={mark} aria-hidden="true" /> {label}
        </button>
      ))}
      <label class="inline">
        {text("messages.node")}
        <select
          onChange={(event: Event) =>
            onNode(valueOf(event) === "" ? undefined : Number(valueOf(event)))}
        >
          <option value="">{text("messages.all")}</option>
          {Array.from(
            { length: nodes },
            (_, id) => <option key={String(id)} value={String(id)}>{id}</option>,
          )}
        </select>
      </label>
      <label class="inline">
        {text("messages.window")}
        <select onChange={(event: Event) => onWindow(Number(valueOf(event)))}>
          {WINDOWS_MS.map((ms) => (
            <option key={String(ms)} value={String(ms)} selected={ms === windowMs}>
              {ms < 1000 ? text("unit.ms", { n: ms }) : text("unit.seconds", { n: ms / 1000 })}
            </option>
          ))}
        </select>
      </label>
      {children as never}
    </div>
  );
}

/** The slider with which one goes back while the picture is paused. */
export function PausedSlider({ pausedAt, earliest, latest, onMove }: {
  readonly pausedAt: number;
  readonly earliest: number;
  readonly latest: number;
  readonly onMove: (atMs: number) => void;
}) {
  return (
    <label class="inline grow">
      {text("play.time")} {momentText(pausedAt)}
      <input
        type="range"
        min={String(Math.round(earliest))}
        max={String(Math.round(latest))}
        step="10"
        value={String(Math.round(pausedAt))}
        onInput={(event: Event) => onMove(Number(valueOf(event)))}
      />
    </label>
  );
}

/** The newest of the messages, one below the other, to be walked through by keyboard and read aloud. */
export function MessageList({ messages, chosen, onFocus, onChoose }: {
  readonly messages: readonly MessageEvent[];
  readonly chosen: MessageEvent | undefined;
  readonly onFocus: (message: MessageEvent) => void;
  readonly onChoose: (message: MessageEvent) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const listed = isOpen ? messages.slice(-LISTED_MAX).reverse() : [];
  const chosenKey = chosen === undefined ? undefined : messageKey(chosen);
  return (
    <details
      class="message-list"
      onToggle={(event: Event) =>
        setOpen((event.target as unknown as { readonly open: boolean }).open)}
    >
      <summary>{text("messages.list")} ({messages.length})</summary>
      {messages.length === 0 ? <p class="hint">{text("messages.none")}</p> : (
        <ol>
          {listed.map((message) => (
            <li key={messageKey(message)}>
              <button
                type="button"
                class="plain"
                aria-pressed={String(messageKey(message) === chosenKey)}
                onFocus={() => onFocus(message)}
                onClick={() => onChoose(message)}
              >
                <time>{momentText(message.sentAt)}</time> {messageText(message)}
              </button>
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}
