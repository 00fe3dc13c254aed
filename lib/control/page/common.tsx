/**
 * The small parts that the room's views share: a node's name with its colour, and the page's texts.
 *
 * @module
 */
import { colourClass } from "../../page/format.ts";
import { browser, document } from "../../page/browser.ts";
import { roomTexts } from "../../page/texts/texts.ts";

const LANGUAGE_KEY = "noobcash-language";

/** What the reader chose, else what the server says, else the browser. */
export const { language, text } = roomTexts([
  stored() ?? undefined,
  document.documentElement.dataset["language"],
  ...browser.navigator.languages,
]);
document.documentElement.lang = language;

/** Chooses another language: the page begins anew. */
export function chooseLanguage(code: string): void {
  try {
    browser.localStorage.setItem(LANGUAGE_KEY, code);
  } catch {
    // A page that was opened as a file may store nothing: the choice lasts while it is open.
  }
}

function stored(): string | null {
  try {
    return browser.localStorage.getItem(LANGUAGE_KEY);
  } catch {
    return null;
  }
}

/** A node by its number and colour. */
export function NodeName({ node }: { readonly node: number | null }) {
  return (
    <span class={`who ${colourClass(node)}`}>
      <i class="dot" aria-hidden="true" />
      {node === null ? text("stranger") : text("node", { n: node })}
    </span>
  );
}

export function nodesText(nodes: readonly number[]): string {
  return nodes.length === 1
    ? text("node", { n: nodes[0] ?? 0 })
    : text("nodes.list", { list: nodes.join(", ") });
}
