/**
 * The dashboard of a node: one page that shows what the node knows, as it happens.
 *
 * Reads the API of the node that the page came from and nothing else; it cannot spend. Bundled by
 * `scripts/build_dashboard.ts`, served by `dashboard_routes.ts`.
 *
 * @module
 */
import { render, useState } from "hono/jsx/dom";
import { LANGUAGES } from "../../translation.ts";
import type { BlockSummaryJson } from "../../wire/api_chain.ts";
import type { StatusJson } from "../../wire/api_network.ts";
import { released } from "../../page/press.ts";
import { useEffect } from "../../page/use_effect.ts";
import { ChainView } from "./chain_view.tsx";
import { chooseLanguage, document } from "./browser.ts";
import { ageText, rateText, shortAddress, walletLabel } from "./format.ts";
import { type NodeData, watchNode } from "./node_data.ts";
import { RingView } from "./ring_view.tsx";
import { language, nameLanguage, text } from "./texts.ts";
import { BalancesView, EventsView, MempoolView } from "./wallet_view.tsx";

const CLOCK_INTERVAL_MS = 1_000;

function App() {
  const [data, setData] = useState<NodeData | undefined>(undefined);
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => watchNode((next) => void released().then(() => setData(next))), []);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), CLOCK_INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);

  if (data?.status === undefined) {
    return <p class="hint lonely">{text(data === undefined ? "starting" : "waiting")}</p>;
  }
  const { status, ring, blocks, tips, mempool, balances, events, isConnected } = data;
  return (
    <>
      <Header status={status} isConnected={isConnected} />
      {status.warnings.map((warning) => (
        <p key={warning.code} class="warning" role="alert">{warningText(warning, status)}</p>
      ))}
      <main>
        <Tiles status={status} lastBlock={blocks?.blocks[0]} nowMs={nowMs} />
        {blocks !== undefined && (
          <ChainView
            blocks={blocks.blocks}
            tips={tips?.tips ?? []}
            capacity={status.params?.capacity ?? 1}
            nowMs={nowMs}
          />
        )}
        <div class="column">
          {ring !== undefined && <RingView ring={ring} nowMs={nowMs} />}
          {balances !== undefined && <BalancesView balances={balances} status={status} />}
        </div>
        <div class="column">
          {mempool !== undefined && <MempoolView mempool={mempool} nowMs={nowMs} />}
          <EventsView events={events} blocks={blocks?.blocks ?? []} nowMs={nowMs} />
        </div>
      </main>
      <Footer version={status.version} />
    </>
  );
}

/** What a person has to do something about; a code that the page does not know speaks for itself. */
function warningText({ code, text: words }: StatusJson["warnings"][number], status: StatusJson) {
  const aheadMs = status.clock.aheadOfPeersMs ?? 0;
  switch (code) {
    case "store-failed":
      return text("warning.store-failed");
    case "clock-far":
      return text(aheadMs < 0 ? "warning.clock-behind" : "warning.clock-ahead", {
        n: Math.round(Math.abs(aheadMs) / 1000),
      });
    case "chain-behind":
      return text("warning.chain-behind");
    default:
      return words;
  }
}

function Header(
  { status, isConnected }: { readonly status: StatusJson; readonly isConnected: boolean },
) {
  const { wallet, role, url } = status;
  const isBehind = status.warnings.some(({ code }) => code === "chain-behind");
  const phase = isBehind ? "behind" : status.phase;
  return (
    <header>
      <h1>Noobcash</h1>
      <span class={`state ${isConnected ? phase : "lost"}`}>
        <i class="dot" /> {text(isConnected ? `state.${phase}` : "state.lost")}
      </span>
      <span class="who">
        <strong>{walletLabel(wallet)}</strong> {text(`role.${role}`)} ·{" "}
        {url.replace(/^https?:\/\//, "")} ·{" "}
        <code title={wallet.address}>{shortAddress(wallet.address)}</code>
      </span>
    </header>
  );
}

function Tiles(
  { status, lastBlock, nowMs }: {
    readonly status: StatusJson;
    readonly lastBlock: BlockSummaryJson | undefined;
    readonly nowMs: number;
  },
) {
  const { chain, params, peersConnected, nodesJoined } = status;
  const hasBlock = lastBlock !== undefined && lastBlock.height > 0;
  const lost = chain === null ? 0 : chain.blockCount - chain.height - 1;
  const waiting = chain?.transactionsWaiting ?? 0;
  const others = (params?.nodes ?? nodesJoined) - 1;
  const tiles: readonly (readonly [title: string, value: string, note: string])[] = [
    [
      text("tile.height"),
      String(chain?.height ?? "–"),
      params === null ? text("tile.height.none") : text("tile.height.note", {
        capacity: params.capacity,
        difficulty: chain?.tipDifficulty ?? params.difficulty,
      }),
    ],
    [
      text("tile.last"),
      hasBlock ? text("tile.last.value", { age: ageText(nowMs - lastBlock.timestampMs) }) : "–",
      hasBlock
        ? text("tile.last.note", { miner: walletLabel(lastBlock.miner) })
        : text("tile.last.none"),
    ],
    [
      text("tile.forks"),
      chain === null ? "–" : String(lost),
      text(lost === 0 ? "tile.forks.none" : "tile.forks.some"),
    ],
    [
      text("tile.waiting"),
      chain === null ? "–" : String(waiting),
      text("tile.waiting.note", { n: waiting }),
    ],
    [text("tile.rate"), ...miningTexts(status)],
    [text("tile.peers"), String(peersConnected), text("tile.peers.note", { n: others })],
  ];
  return (
    <section class="tiles">
      {tiles.map(([title, value, note]) => (
        <div key={title} class="panel tile">
          <h2>{title}</h2>
          <strong>{value}</strong>
          <span class="quiet">{note}</span>
        </div>
      ))}
    </section>
  );
}

/** A rate stands there only while something is searched: what rests has none. */
function miningTexts({ mining }: StatusJson): readonly [value: string, note: string] {
  const rate = rateText(mining.hashesPerSecond);
  if (!mining.enabled) return [text("tile.rate.off"), text("tile.rate.offNote")];
  if (mining.active) return [rate, text("tile.rate.searching")];
  const note = mining.hashesPerSecond > 0
    ? text("tile.rate.resting", { rate })
    : text("tile.rate.never");
  return [text("tile.rate.idle"), note];
}

/** Each language in its own words. */
const LANGUAGE_NAMES = { en: "English", el: "Ελληνικά" } as const;

function Footer({ version }: { readonly version: string }) {
  return (
    <footer>
      <a href="/explorer">{text("explorer")}</a>
      <a href="/api/v1/docs">{text("api")}</a>
      <span>{text("version", { version })}</span>
      <span class="languages" role="group" aria-label={text("language")}>
        {LANGUAGES.map((each) => (
          <button
            key={each}
            type="button"
            lang={each}
            aria-pressed={each === language ? "true" : "false"}
            onClick={() => chooseLanguage(each)}
          >
            {LANGUAGE_NAMES[each]}
          </button>
        ))}
      </span>
    </footer>
  );
}

nameLanguage();
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
