/**
 * What every explorer has around its pages, whether a node answers it or a recording: the search, the
 * places that are always there, and what is said of a name that leads nowhere.
 *
 * @module
 */
import type { Texts } from "../texts/texts.ts";
import { SearchForm } from "./search_form.tsx";
import { type Found, HASH_PREFIX_SIZE_MIN } from "./search.ts";

export function ExplorerFrame({ text, base, page, children }: {
  readonly text: Texts;
  readonly base: string;
  /** The page that is shown, as its address names it. */
  readonly page: string;
  readonly children?: unknown;
}) {
  const places = [
    { name: "", title: text("explorer.newest") },
    { name: "mempool", title: text("explorer.mempool") },
    { name: "rules", title: text("explorer.rules") },
  ];
  return (
    <div class="explorer">
      <SearchForm text={text} base={base} />
      <nav class="explorer-nav" aria-label={text("explorer.title")}>
        {places.map(({ name, title }) => (
          <a
            key={name}
            href={name === "" ? base : `${base}/${name}`}
            {...(name === page ? { "aria-current": "page" } : {})}
          >
            {title}
          </a>
        ))}
      </nav>
      {children as never}
    </div>
  );
}

/** Why a name leads nowhere. */
export function NotFound({ text, kind, name }: {
  readonly text: Texts;
  readonly kind: Exclude<Found["kind"], "place" | "failed">;
  readonly name: string;
}) {
  const told = kind === "ambiguous"
    ? text("explorer.ambiguous", { what: name })
    : kind === "short"
    ? text("explorer.short", { what: name, n: HASH_PREFIX_SIZE_MIN })
    : text("explorer.notFound", { what: name });
  return <p class="panel" role="status">{told}</p>;
}
