/**
 * The little of a browser's document that the page needs. The whole program is checked against Deno's
 * types, which know no document.
 *
 * @module
 */
import type { render } from "hono/jsx/dom";

interface PageDocument {
  /** Nobody looks at the page now. */
  readonly hidden: boolean;
  getElementById(id: string): Parameters<typeof render>[1] | null;
}

/** The page's document. */
export const { document } = globalThis as unknown as { readonly document: PageDocument };
