/**
 * What happened, the newest first: orders, reorganisations, verdicts, steps and bookmarks.
 *
 * @module
 */
import type { NetworkView, ViewMark } from "../../page/network_view.ts";
import { momentText } from "../../page/format.ts";
import { nodesText, text } from "./common.tsx";

const MARKS_SHOWN_MAX = 60;

export function EventList({ view, onChoose }: {
  readonly view: NetworkView;
  readonly onChoose: (id: string | undefined) => void;
}) {
  const marks = view.marks.slice(-MARKS_SHOWN_MAX).reverse();
  return (
    <section class="panel events" aria-labelledby="events-title">
      <header>
        <h2 id="events-title">{text("events.title")}</h2>
      </header>
      {marks.length === 0
        ? <p class="hint">{text("events.none")}</p>
        : (
          <ul class="event-list" tabindex={0} aria-labelledby="events-title">
            {marks.map((mark, index) => (
              <li key={`${view.marks.length - index}`} class={mark.kind}>
                <time>{momentText(mark.at)}</time>
                <span class={`chip ${mark.kind === "violation" ? "bad" : ""}`}>
                  {text(`mark.${mark.kind}`)}
                </span>
                <span class="what" {...recordedWords(mark)}>{markText(mark)}</span>
                {mark.block !== undefined && view.blocks.has(mark.block) && (
                  <button
                    type="button"
                    class="plain mono"
                    onClick={() => onChoose(mark.block)}
                  >
                    {mark.block.slice(0, 8)}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

/** Orders and violations were written down in English, which is to be read aloud so. */
export function recordedWords(mark: { readonly kind: string }): { readonly lang?: "en" } {
  return mark.kind === "order" || mark.kind === "violation" ? { lang: "en" } : {};
}

function markText(mark: ViewMark): string {
  switch (mark.kind) {
    case "reorg":
      return text("events.reorg", { node: nodesText(mark.nodes), n: mark.count ?? 0 });
    case "node":
      return text("events.ended", { node: nodesText(mark.nodes) });
    default:
      return mark.text;
  }
}
