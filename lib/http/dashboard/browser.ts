/**
 * The little of a browser that the page needs. The whole program is checked against Deno's types, which
 * know no document.
 *
 * @module
 */
import type { render } from "hono/jsx/dom";

/** As much of an element as is looked at. */
export interface PageElement {
  readonly clientWidth: number;
  readonly scrollLeft: number;
  readonly scrollWidth: number;
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

interface PageDocument {
  /** Nobody looks at the page now. */
  readonly hidden: boolean;
  readonly documentElement: {
    lang: string;
    readonly dataset: Readonly<Record<string, string | undefined>>;
  };
  getElementById(id: string): Parameters<typeof render>[1] | null;
}

interface PageWindow {
  readonly document: PageDocument;
  readonly localStorage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
  };
  readonly location: { reload(): void };
  readonly navigator: { readonly clipboard?: { writeText(text: string): Promise<void> } };
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

export const window = globalThis as unknown as PageWindow;

/** The page's document. */
export const { document } = window;

const LANGUAGE_KEY = "noobcash-language";

/** The language that was chosen on the page; browsers may forbid to remember it. */
export function chosenLanguage(): string | undefined {
  try {
    return window.localStorage.getItem(LANGUAGE_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a choice of language and shows the page in it. */
export function chooseLanguage(code: string): void {
  try {
    window.localStorage.setItem(LANGUAGE_KEY, code);
    window.location.reload();
  } catch {
    // Then the browser's own preference stays.
  }
}
