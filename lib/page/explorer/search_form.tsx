/**
 * The explorer's field for whatever one looks for.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import { browser, valueOf } from "../browser.ts";
import type { Texts } from "../texts/texts.ts";

export function SearchForm({ text, base }: { readonly text: Texts; readonly base: string }) {
  const [wanted, setWanted] = useState("");
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event: { preventDefault(): void }) => {
        event.preventDefault();
        const what = wanted.trim();
        if (what !== "") browser.location.hash = `${base}/search/${encodeURIComponent(what)}`;
      }}
    >
      <label class="field grow">
        {text("search.label")}
        <input
          type="search"
          name="search"
          placeholder={text("search.hint")}
          value={wanted}
          onInput={(event: Event) => setWanted(valueOf(event))}
        />
      </label>
      <button type="submit">{text("search.label")}</button>
    </form>
  );
}
