/**
 * The page's frame: what a browser gets before anything else, and what the page is allowed to load.
 *
 * @module
 */

/** `live`: a network that runs; `play`: a recording that a server holds; `file`: one within the page. */
export type PageMode = "live" | "play" | "file";

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function pageHtml(
  { mode, language }: { readonly mode: PageMode; readonly language?: string | undefined },
): { readonly html: string; readonly policy: string } {
  const html = `<!doctype html>
<html lang="en"${attributes(mode, language)}>
<head>
${HEAD}
<link rel="stylesheet" href="/room/style.css">
</head>
<body>
${BODY}
<script type="module" src="/room/app.js"></script>
</body>
</html>
`;
  return { html, policy: POLICY };
}

export const HEAD = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Noobcash control room</title>
<link rel="icon" href="data:,">`;

/** The frame stands before the script has run: the first thing that is painted. */
export const BODY =
  `<div id="app"><header class="bar"><span class="brand">Noobcash</span></header></div>
<noscript>This page wants JavaScript; the API of each node does not.</noscript>`;

export function attributes(mode: PageMode, language: string | undefined): string {
  return ` data-mode="${mode}"${
    language === undefined ? "" : ` data-language="${language.replace(/[^a-zA-Z-]/g, "")}"`
  }`;
}
