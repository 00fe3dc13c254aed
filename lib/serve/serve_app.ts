/**
 * Result folders in a browser: the list, each result, comparisons, raw files, and recordings to be played.
 *
 * Reads one folder and what is below it, and nothing else; writes nothing. Names that lead out are not
 * there. No page runs a script, and a file that somebody put into the folder runs none either. Playing
 * opens a player of its own, on loopback; only this page's own button can ask for that.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { bodyLimit } from "hono/body-limit";
import { createHostGate, guardHost } from "../http/guards.ts";
import { reportTexts } from "../report/texts.ts";
import { createTexts, type Language, languageOf, LANGUAGES } from "../translation.ts";
import { compareDescribed } from "./compare_results.ts";
import { describeResult } from "./describe_result.ts";
import { findResults, type FoundResult } from "./find_results.ts";
import { resolveInside } from "./result_path.ts";
import {
  comparePage,
  type ListedResult,
  listPage,
  messagePage,
  type PageContext,
  resultPage,
} from "./serve_pages.ts";
import { SERVE_STYLE } from "./serve_style.ts";
import { ENGLISH, type ServeTextKey } from "./texts_english.ts";
import { GREEK } from "./texts_greek.ts";

export const SERVE_TEXTS = { en: ENGLISH, el: GREEK } as const satisfies Readonly<
  Record<Language, Readonly<Record<ServeTextKey, string>>>
>;

export interface ServePorts {
  /** A real path. */
  readonly root: string;

  /** As the user named it. */
  readonly folder: string;

  /** For every reader; else each browser's own. */
  readonly language?: Language | undefined;
  readonly onInternalError: (thrown: unknown) => void;

  /** Opens a player on a recording; gives a link to it, or why it cannot be played. */
  play(path: string): Promise<
    { readonly ok: true; readonly link: string } | { readonly ok: false; readonly message: string }
  >;
}

const PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; " +
  "form-action 'self' http://127.0.0.1:*; base-uri 'none'; frame-ancestors 'none'";
/** A report has its style within it; what else lies in the folder may show itself, and do nothing. */
const RAW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; " +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const LANGUAGE_COOKIE = "noobcash-language";
const FORM_SIZE_BYTES_MAX = 8 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  svg: "image/svg+xml",
  json: "application/json",
  csv: "text/csv; charset=utf-8",
  md: "text/plain; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  jsonl: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  png: "image/png",
};

export function createServeApp(ports: ServePorts): Hono {
  const app = new Hono();
  addGuards(app, ports.onInternalError);
  app.notFound((c) => {
    const context = contextOf(c, ports);
    return c.html(messagePage(context, context.text("missing")), 404);
  });
  app.get("/style.css", (c) => {
    c.header("Content-Type", "text/css; charset=utf-8");
    return c.body(SERVE_STYLE);
  });
  app.get("/favicon.ico", (c) => c.body(null, 204));
  app.get("/language/:code", (c) => {
    const code = LANGUAGES.find((each) => each === c.req.param("code"));
    if (code !== undefined) {
      setCookie(c, LANGUAGE_COOKIE, code, { httpOnly: true, sameSite: "Strict", path: "/" });
    }
    return c.redirect("/", 303);
  });
  addResultRoutes(app, ports);
  return app;
}

/** Headers of every answer, and who is refused before anything is read. */
function addGuards(app: Hono, onInternalError: ServePorts["onInternalError"]): void {
  app.onError((thrown, c) => {
    onInternalError(thrown);
    return c.text("Cannot answer: the program made a mistake", 500);
  });
  app.use(async (c, next) => {
    await next();
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Referrer-Policy", "same-origin");
    c.header("Cross-Origin-Resource-Policy", "same-origin");
    c.header("Cross-Origin-Opener-Policy", "same-origin");
    c.header("Cache-Control", "no-cache");
    if (!c.res.headers.has("Content-Security-Policy")) {
      c.header("Content-Security-Policy", PAGE_POLICY);
    }
  });
  app.use(guardHost(createHostGate([])));
  app.use(async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    return isOwnForm(c) ? await next() : c.text("Cannot take orders from another site", 403);
  });
}

/** The list, results, comparisons, raw files, and the player of recordings. */
function addResultRoutes(app: Hono, ports: ServePorts): void {
  const { root } = ports;
  app.get("/", (c) => {
    const { results, isCut } = findResults(root);
    const listed = results.map(describe);
    return c.html(listPage(contextOf(c, ports), { folder: ports.folder, results: listed, isCut }));
  });
  app.get("/view/*", (c) => {
    const found = findNamed(root, nameOf(c, "/view/"));
    if (found === undefined || found.kind === "recording") return c.notFound();
    return c.html(resultPage(contextOf(c, ports), describe(found)));
  });
  app.get("/compare", (c) => {
    const context = contextOf(c, ports);
    const names = c.req.queries("with") ?? [];
    if (names.length !== 2) return c.html(messagePage(context, context.text("compare.two")), 400);
    const [a, b] = names.map((name) => findNamed(root, name));
    if (a === undefined || b === undefined) return c.notFound();
    // The older one first, as a change is looked at.
    const [left, right] = [a, b].sort((x, y) => x.timeMs - y.timeMs).map(describe) as [
      ListedResult,
      ListedResult,
    ];
    const rows = compareDescribed(
      left.described,
      right.described,
      reportTexts(context.language),
    );
    return c.html(comparePage(context, { a: left, b: right, rows }));
  });
  app.get("/raw/*", (c) => sendRaw(c, root));
  app.post("/play", bodyLimit({ maxSize: FORM_SIZE_BYTES_MAX }), async (c) => {
    const context = contextOf(c, ports);
    const { recording } = await c.req.parseBody();
    const found = typeof recording === "string" ? findNamed(root, recording) : undefined;
    if (found?.kind !== "recording") return c.notFound();
    const played = await ports.play(found.path);
    return played.ok
      ? c.redirect(played.link, 303)
      : c.html(messagePage(context, context.text("unplayable", { reason: played.message })), 422);
  });
}

/** In the language that this reader chose, or that the browser asks for. */
function contextOf(c: Context, ports: Pick<ServePorts, "language">): PageContext {
  const wanted = (c.req.header("accept-language") ?? "").split(",")
    .map((each) => each.split(";")[0]?.trim());
  const language = ports.language ?? languageOf([getCookie(c, LANGUAGE_COOKIE), ...wanted]);
  return { language, text: createTexts<ServeTextKey>(SERVE_TEXTS, language) };
}

function findNamed(root: string, name: string): FoundResult | undefined {
  return findResults(root).results.find((result) => result.name === name);
}

/** Sends a file as it lies in the folder; what it may do in a browser is next to nothing. */
async function sendRaw(c: Context, root: string): Promise<Response> {
  const path = resolveInside(root, nameOf(c, "/raw/"));
  if (path === undefined) return await c.notFound();
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch {
    return await c.notFound();
  }
  const { isFile, size } = await file.stat();
  if (!isFile) {
    file.close();
    return await c.notFound();
  }
  const ending = /\.([a-z]+)$/.exec(path)?.[1] ?? "";
  c.header("Content-Security-Policy", RAW_POLICY);
  c.header("Content-Type", TYPES[ending] ?? "application/octet-stream");
  c.header("Content-Length", String(size));
  if (c.req.method === "HEAD") {
    file.close();
    return c.body(null);
  }
  return c.body(file.readable);
}

function describe(found: FoundResult): ListedResult {
  return { found, described: describeResult(found) };
}

/** The rest of a path as it was meant; a text that is no path names nothing. */
function nameOf(c: Context, prefix: string): string {
  try {
    return decodeURIComponent(new URL(c.req.url).pathname.slice(prefix.length));
  } catch {
    return "\0";
  }
}

/** Sent by a page of this server: no other site can make a browser say so. */
function isOwnForm(c: Context): boolean {
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site");
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  return origin === `http://${host}` && (site === undefined || site === "same-origin");
}
