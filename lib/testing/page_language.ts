/**
 * What was left in English on a page that speaks another language.
 *
 * Looks at what a reader sees or hears: texts and labels. What is the same in every language is marked as
 * such in the page, as a screen reader needs it, too: code and commands stand in `code`, hashes, names and
 * what was written down in English carry `translate="no"` or `lang="en"`.
 *
 * @module
 */
import type { Page } from "playwright-core";

/** Terms of the field and names, which the Greek course uses as they are. */
const TERMS = new Set(
  ("noobcash nbc genesis hash txid merkle nonce bootstrap node api html csv json parquet english " +
    "bytes byte enter student welch deno capacity cluster exp utc kib mib gib").split(" "),
);

/** What is no text: addresses, hashes, commands, files, and what the protocol calls a message. */
const NAMES = [
  /nbc1[a-z0-9…]+/g,
  /\bn\d+\.sim:\d+/g,
  /\b[0-9a-f]{8,}\b/g,
  /noobcash (?:client|cluster|play|experiment)\b.*$/,
  /[\w./-]+\.(?:svg|json|csv|md|html|parquet)\b/g,
  /^[a-z-]+ (?=από \d).*$/,
];

/** A text for each place where words of English are left, with the words. */
export async function englishLeft(page: Page): Promise<readonly string[]> {
  const found = (await page.evaluate(visibleTexts)).flatMap((text) => {
    const plain = NAMES.reduce((rest, name) => rest.replace(name, ""), text);
    const words = [...plain.matchAll(/(?<![\p{L}\p{N}_-])[A-Za-z]{3,}(?![\p{L}\p{N}_-])/gu)]
      .map(([word]) => word).filter((word) => !TERMS.has(word.toLowerCase()));
    return words.length === 0 ? [] : [`${words.join(", ")} in: ${text.slice(0, 120)}`];
  });
  return [...new Set(found)];
}

/** Texts and labels of everything that is shown. Runs in the page. */
function visibleTexts(): string[] {
  interface PageElement {
    readonly tagName: string;
    readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string }>;
    closest(selector: string): PageElement | null;
    getAttribute(name: string): string | null;
    checkVisibility(): boolean;
  }
  const { document } = globalThis as unknown as {
    document: {
      title: string;
      body: { querySelectorAll(selector: string): Iterable<PageElement> };
    };
  };
  const skipped =
    "code, pre, kbd, .mono, script, style, noscript, svg defs, [translate=no], [lang=en]";
  const texts: string[] = [document.title];
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(skipped) !== null || !element.checkVisibility()) continue;
    for (const node of element.childNodes) {
      const text = node.nodeType === 3 ? node.textContent.trim() : "";
      if (text !== "") texts.push(text);
    }
    // A plot's marks are described by the library that draws them; the figure around has a name.
    if (element.closest("svg [aria-roledescription], svg[aria-roledescription]") !== null) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description"]) {
      const text = element.getAttribute(name);
      if (text !== null && text.trim() !== "") texts.push(text.trim());
    }
  }
  return texts;
}
