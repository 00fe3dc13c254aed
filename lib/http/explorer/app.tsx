/**
 * A node's explorer, and its wallet: a page of its own beside the dashboard, with addresses for
 * everything that can be looked at.
 *
 * Reads the API of the node that it came from. It pays only when it was opened by the link that
 * `client dashboard` prints. Bundled by `scripts/build_dashboard.ts`, served by `dashboard_routes.ts`.
 *
 * @module
 */
import { render, useState } from "hono/jsx/dom";
import { browser, document, partsOf } from "../../page/browser.ts";
import { Explorer } from "../../page/explorer/explorer.tsx";
import type { ReadResult } from "../../page/read_result.ts";
import { PayForm, type Payment } from "../../page/pay_form.tsx";
import { roomTexts } from "../../page/texts/texts.ts";
import { useEffect } from "../../page/use_effect.ts";

const TOKEN_KEY = "noobcash-token";
const LANGUAGE_KEY = "noobcash-language";
const API = "/api/v1";

const { language, text } = roomTexts([
  stored("local", LANGUAGE_KEY),
  ...browser.navigator.languages,
]);
let token = stored("session", TOKEN_KEY);

function App() {
  const [route, setRoute] = useState(routeOf());
  const [version, setVersion] = useState(0);
  const [ruleCounts, setRuleCounts] = useState<ReadonlyMap<string, number>>(new Map());
  const isAtRules = route[0] === "rules";
  useEffect(() => {
    if (isAtRules) void readRuleCounts().then(setRuleCounts);
  }, [isAtRules, version]);
  useEffect(() => {
    const follow = () => setRoute(routeOf());
    browser.addEventListener("hashchange", follow);
    const events = new EventSource(`${API}/events?types=block,reorg,transaction`);
    const touch = () => setVersion((before: number) => before + 1);
    for (const type of ["block", "reorg", "transaction"]) events.addEventListener(type, touch);
    return () => {
      browser.removeEventListener("hashchange", follow);
      events.close();
    };
  }, []);
  return (
    <>
      <a class="skip" href="#content">{text("skip")}</a>
      <header class="bar">
        <a class="brand" href="/">Noobcash</a>
        <h1>{text("explorer.title")}</h1>
      </header>
      <main id="content" tabindex={-1}>
        {token === undefined ? <p class="hint">{text("wallets.locked")}</p> : (
          <PayForm
            text={text}
            language={language}
            note={text("wallets.unlocked")}
            pay={pay}
            onAnswered={() => setVersion((before: number) => before + 1)}
          />
        )}
        <Explorer
          text={text}
          language={language}
          ruleCounts={ruleCounts}
          base="#/explorer"
          route={route}
          read={read}
          version={String(version)}
          nowMs={Date.now()}
        />
      </main>
    </>
  );
}

/** A click that is repeated by the network pays once. */
function pay({ to, amount }: Payment): Promise<ReadResult<{ readonly txid: string }>> {
  return answerOf(fetch(`${API}/payments`, {
    method: "POST",
    headers: {
      "authorization": `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
    },
    body: JSON.stringify({ to, amount }),
  }));
}

/** How often each code has stopped something at this node since it was started. */
async function readRuleCounts(): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  try {
    const response = await fetch(`${API}/metrics`);
    const lines = (await response.text()).matchAll(
      /^noobcash_refusals_total\{code="([a-z-]+)"\} (\d+)$/gm,
    );
    for (const [, code = "", count] of lines) counts.set(code, Number(count));
  } catch {
    // The node is down, which the rest of the page says.
  }
  return counts;
}

function read<T>(path: string): Promise<ReadResult<T>> {
  return answerOf<T>(fetch(`${API}${path}`));
}

async function answerOf<T>(answer: Promise<Response>): Promise<ReadResult<T>> {
  try {
    const response = await answer;
    const json = await response.json() as T & {
      readonly error?: { readonly code: string; readonly message: string };
    };
    if (response.ok) return { ok: true, value: json };
    const { code = String(response.status), message = "" } = json.error ?? {};
    return { ok: false, code, message };
  } catch {
    return { ok: false, code: "unreachable", message: "" };
  }
}

function routeOf(): readonly string[] {
  return partsOf(browser.location.hash).slice(1);
}

/** Changes the link's code for the token, and takes it out of the address. */
async function openLink(): Promise<void> {
  const code = /^#open=([A-Za-z0-9_-]+)$/.exec(browser.location.hash)?.[1];
  if (code === undefined) return;
  browser.history.replaceState(null, "", `${browser.location.pathname}#/explorer`);
  const opened = await answerOf<{ readonly token: string }>(fetch("/page/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  }));
  if (!opened.ok) return;
  token = opened.value.token;
  try {
    browser.sessionStorage.setItem(TOKEN_KEY, token);
  } catch {
    // Then it is forgotten with the page.
  }
}

function stored(kind: "local" | "session", key: string): string | undefined {
  try {
    return (kind === "local" ? browser.localStorage : browser.sessionStorage).getItem(key) ??
      undefined;
  } catch {
    return undefined;
  }
}

await openLink();
document.title = `Noobcash: ${text("explorer.title")}`;
document.documentElement.lang = language;
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
