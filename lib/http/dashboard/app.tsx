/**
 * The dashboard of a node: one page that shows what the node knows, as it happens.
 *
 * Reads the API of the node that the page came from and nothing else; it cannot spend. Bundled by
 * `scripts/build_dashboard.ts`, served by `dashboard_routes.ts`.
 *
 * @module
 */
import { render, useEffect, useState } from "hono/jsx/dom";
import type { StatusJson } from "../../wire/api_network.ts";
import { ChainView } from "./chain_view.tsx";
import { document } from "./browser.ts";
import { ageText, rateText, shortAddress, walletLabel } from "./format.ts";
import { type NodeData, watchNode } from "./node_data.ts";
import { RingView } from "./ring_view.tsx";
import { BalancesView, EventsView, MempoolView } from "./wallet_view.tsx";

const CLOCK_INTERVAL_MS = 1_000;

function App() {
  const [data, setData] = useState<NodeData | undefined>(undefined);
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => watchNode(setData), []);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), CLOCK_INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);

  if (data?.status === undefined) {
    return <p class="hint lonely">{data === undefined ? "Starting" : "Waiting for the node"}</p>;
  }
  const { status, ring, blocks, mempool, balances, events, isConnected } = data;
  return (
    <>
      <Header status={status} isConnected={isConnected} />
      {status.warnings.map(({ code, text }) => <p key={code} class="warning" role="alert">{text}
      </p>)}
      <main>
        <Tiles status={status} lastBlockMs={blocks?.blocks[0]?.timestampMs} nowMs={nowMs} />
        {blocks !== undefined && (
          <ChainView blocks={blocks.blocks} capacity={status.params?.capacity ?? 1} nowMs={nowMs} />
        )}
        {ring !== undefined && <RingView ring={ring} nowMs={nowMs} />}
        {balances !== undefined && <BalancesView balances={balances} />}
        {mempool !== undefined && <MempoolView mempool={mempool} nowMs={nowMs} />}
        <EventsView events={events} nowMs={nowMs} />
      </main>
      <footer>
        <a href="/api/v1/docs">API</a>
        <span>version {status.version}</span>
      </footer>
    </>
  );
}

function Header(
  { status, isConnected }: { readonly status: StatusJson; readonly isConnected: boolean },
) {
  const { wallet, role, phase, url } = status;
  return (
    <header>
      <h1>Noobcash</h1>
      <span class="who">
        <strong>{walletLabel(wallet)}</strong> {role} · {url.replace(/^https?:\/\//, "")} ·{" "}
        <code title={wallet.address}>{shortAddress(wallet.address)}</code>
      </span>
      <span class={`state ${isConnected ? phase : "lost"}`}>
        <i class="dot" /> {isConnected ? phase : "no connection"}
      </span>
    </header>
  );
}

function Tiles(
  { status, lastBlockMs, nowMs }: {
    readonly status: StatusJson;
    readonly lastBlockMs: number | undefined;
    readonly nowMs: number;
  },
) {
  const { chain, mining, params, peersConnected, nodesJoined } = status;
  const network = params === null
    ? "no network yet"
    : `${params.capacity} tx a block, difficulty ${params.difficulty}`;
  const tiles: readonly (readonly [title: string, value: string, note: string])[] = [
    ["Height", String(chain?.height ?? "–"), network],
    [
      "Last block",
      lastBlockMs === undefined || chain?.height === 0
        ? "–"
        : `${ageText(nowMs - lastBlockMs)} ago`,
      chain === null ? "" : `${chain.blockCount - chain.height - 1} beside the main chain`,
    ],
    ["Waiting", String(chain?.transactionsWaiting ?? "–"), "transactions"],
    [
      "Hash rate",
      mining.enabled ? rateText(mining.hashesPerSecond) : "off",
      mining.active ? "searching" : mining.enabled ? "nothing to mine" : "does not mine",
    ],
    ["Peers", String(peersConnected), `of ${(params?.nodes ?? nodesJoined) - 1} others`],
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

const place = document.getElementById("app");
if (place !== null) render(<App />, place);
