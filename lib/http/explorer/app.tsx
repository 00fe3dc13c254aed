/**
 * A node's explorer, and its wallet: a page of its own beside the dashboard, with addresses for
 * everything that can be looked at.
 *
 * Reads the API of the node that it came from. It pays only when it was opened by the link that
 * `client dashboard` prints. Bundled by `scripts/build_dashboard.ts`, served by `dashboard_routes.ts`.
 *
 * @module
 */
import { render, useEffect, useState } from "hono/jsx/dom";
import { browser, document, valueOf } from "../../page/browser.ts";
import { Explorer, type ReadResult } from "../../page/explorer.tsx";
import { roomTexts } from "../../page/texts/texts.ts";

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
        {token === undefined
          ? <p class="hint">{text("wallets.locked")}</p>
          : <PayForm onPaid={() => setVersion((before: number) => before + 1)} />}
        <Explorer
          text={text}
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

function PayForm({ onPaid }: { readonly onPaid: () => void }) {
  const [to, setTo] = useState("");
  const [amount, setAmount] = useState("1");
  const [outcome, setOutcome] = useState<{ isPaid: boolean; text: string } | undefined>(undefined);

  async function pay(event: { preventDefault(): void }): Promise<void> {
    event.preventDefault();
    const paid = await answerOf<{ readonly txid: string }>(fetch(`${API}/payments`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${token}`,
        "content-type": "application/json",
        // A click that is repeated by the network pays once.
        "idempotency-key": crypto.randomUUID(),
      },
      body: JSON.stringify({ to, amount: Number(amount) }),
    }));
    setOutcome(
      paid.ok
        ? { isPaid: true, text: text("wallets.sent", { txid: paid.value.txid }) }
        : { isPaid: false, text: text("wallets.refused", { reason: paid.message }) },
    );
    onPaid();
  }

  return (
    <section class="panel" aria-labelledby="pay-title">
      <header>
        <h2 id="pay-title">{text("wallets.pay")}</h2>
        <span class="hint">{text("wallets.unlocked")}</span>
      </header>
      <form class="pay" onSubmit={pay}>
        <label class="field grow">
          {text("wallets.to")}
          <input
            name="to"
            value={to}
            placeholder={text("wallets.to.hint")}
            onInput={(event: Event) => setTo(valueOf(event))}
          />
        </label>
        <label class="field">
          {text("wallets.amount")}
          <input
            name="amount"
            inputmode="numeric"
            value={amount}
            onInput={(event: Event) => setAmount(valueOf(event))}
          />
        </label>
        <button type="submit" class="primary">{text("wallets.send")}</button>
      </form>
      <p class="outcome small" role="status">{outcome?.text ?? ""}</p>
    </section>
  );
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
  const [, ...rest] = browser.location.hash.replace(/^#\/?/, "").split("/");
  return rest.map((part) => decodeURIComponent(part));
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
