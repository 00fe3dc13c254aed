/**
 * The explorer's field for whatever one looks for.
 *
 * @module
 */
import { useRef } from "hono/jsx/dom";
import { browser, type PageElement } from "../browser.ts";
import type { Texts } from "../texts/texts.ts";

export function SearchForm({ text, base }: { readonly text: Texts; readonly base: string }) {
  // The field is asked when it is sent: a page that is busy would know an older text.
  const field = useRef<PageElement | null>(null);
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event: { preventDefault(): void }) => {
        event.preventDefault();
        const what = field.current?.value.trim() ?? "";
        if (what !== "") browser.location.hash = `${base}/search/${encodeURIComponent(what)}`;
      }}
    >
      <label class="field grow">
        {text("search.label")}
        <input
          ref={field as never}
          type="search"
          name="search"
          placeholder={text("search.hint")}
        />
      </label>
      <button type="submit">{text("search.label")}</button>
    </form>
  );
}
