/**
 * The part of a browser that pages need. The whole program is checked against Deno's types, which have no
 * document.
 *
 * @module
 */
import type { render } from "hono/jsx/dom";

type Listener = (event: never) => void;

export interface PageElement {
  readonly clientWidth: number;
  readonly clientHeight: number;
  scrollLeft: number;
  scrollTop: number;
  value: string;
  focus(options?: { readonly preventScroll?: boolean }): void;
  click(): void;
  remove(): void;
  append(child: PageElement): void;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  querySelector(selector: string): PageElement | null;
  closest(selector: string): PageElement | null;
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
}

interface PageDocument {
  /** Nobody looks at the page now. */
  readonly hidden: boolean;
  title: string;
  readonly documentElement: PageElement & {
    readonly dataset: Readonly<Record<string, string | undefined>>;
    lang: string;
  };
  readonly body: PageElement;
  readonly activeElement: PageElement | null;
  getElementById(id: string): (PageElement & Parameters<typeof render>[1]) | null;
  querySelector(selector: string): PageElement | null;
  createElement(name: string): PageElement;
  addEventListener(type: string, listener: Listener): void;
}

interface PageStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

interface PageWindow {
  readonly document: PageDocument;
  readonly location: {
    hash: string;
    readonly origin: string;
    readonly pathname: string;
    readonly search: string;
    reload(): void;
    /** Goes there; the way back leaves out the present address. */
    replace(url: string): void;
  };
  readonly history: { replaceState(data: unknown, title: string, url: string): void };
  readonly localStorage: PageStorage;
  readonly sessionStorage: PageStorage;
  readonly navigator: { readonly languages: readonly string[] };
  readonly devicePixelRatio: number;
  readonly innerWidth: number;
  matchMedia(query: string): {
    readonly matches: boolean;
    addEventListener(type: "change", listener: () => void): void;
  };
  getComputedStyle(element: PageElement): { getPropertyValue(name: string): string };
  requestAnimationFrame(callback: (timeMs: number) => void): number;
  cancelAnimationFrame(handle: number): void;
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
}

/** The page's window. */
export const browser = globalThis as unknown as PageWindow;
export const { document } = browser;

/**
 * The parts of an address behind its `#`: `#/explorer/block/12` has three. One that nobody can have typed by
 * clicking, with a broken escape in it, stands as it was typed.
 */
export function partsOf(hash: string): readonly string[] {
  return hash.replace(/^#\/?/, "").split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

/** The text of the field that an event is about. */
export function valueOf(event: Event): string {
  return (event.target as { readonly value?: string } | null)?.value ?? "";
}

/** Offers a file to the reader. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  const url = URL.createObjectURL(content);
  link.setAttribute("href", url);
  link.setAttribute("download", name);
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
