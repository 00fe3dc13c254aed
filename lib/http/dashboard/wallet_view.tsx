/**
 * Coins and what moves them: balances as bars, how to pay, waiting transactions, and what happened.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { BlockSummaryJson, MempoolJson } from "../../wire/api_chain.ts";
import type { ApiEventJson } from "../../wire/api_events.ts";
import type { StatusJson } from "../../wire/api_network.ts";
import type { BalanceListJson } from "../../wire/api_wallet.ts";
import { codeText } from "../../page/texts/refusal_texts.ts";
import { document, window } from "./browser.ts";
import { ageText, colourClass, walletLabel } from "./format.ts";
import { language, text } from "./texts.ts";

/** How many wallets have a bar. */
const WALLETS_SHOWN = 16;
const EVENTS_SHOWN = 16;

export function BalancesView(
  { balances, status }: { readonly balances: BalanceListJson; readonly status: StatusJson },
) {
  const shown = balances.balances.slice(0, WALLETS_SHOWN);
  const max = Math.max(
    1,
    ...shown.map(({ confirmed, available }) => Math.max(confirmed, available)),
  );
  const rest = balances.walletCount - shown.length;
  return (
    <section class="panel">
      <h2>
        {text("balances")}{" "}
        <span class="note">{text("balances.supply", { supply: balances.supply })}</span>
      </h2>
      <ul class="bars">
        {shown.map(({ wallet, confirmed, pending, available }) => (
          <li key={wallet.address} class={colourClass(wallet)} title={wallet.address}>
            <span>{walletLabel(wallet)}</span>
            <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
              <rect class="track" width="100" height="8" />
              <rect class="later" width={String(100 * available / max)} height="8" />
              <rect
                class="level"
                width={String(100 * Math.min(confirmed, available) / max)}
                height="8"
              />
            </svg>
            <span class="number">{confirmed}</span>
            <span class="number quiet">
              {pending === 0 ? "" : pending > 0 ? `+${pending}` : pending}
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="hint">{text("balances.more", { n: rest })}</p>}
      {status.role !== "observer" && <PayHint status={status} />}
    </section>
  );
}

/** The page itself has no token; the command finds it on the node's machine. */
function PayHint({ status }: { readonly status: StatusJson }) {
  const [isCopied, setCopied] = useState(false);
  const client = document.documentElement.dataset["client"] ?? "noobcash client";
  const base = client.includes("--port") ? client : `${client} --port ${new URL(status.url).port}`;
  const other = status.wallet.nodeId === 0 && (status.params?.nodes ?? 1) > 1 ? 1 : 0;
  const command = `${base} send id${other} 5`;
  const copy = () => {
    window.navigator.clipboard?.writeText(command).then(() => setCopied(true), () => {});
  };
  return (
    <div class="pay">
      <p class="hint">{text("pay.how")}</p>
      <div class="command">
        <code>{command}</code>
        {window.navigator.clipboard !== undefined && (
          <button type="button" onClick={copy}>
            {text(isCopied ? "pay.copied" : "pay.copy")}
          </button>
        )}
      </div>
    </div>
  );
}

export function MempoolView(
  { mempool, nowMs }: { readonly mempool: MempoolJson; readonly nowMs: number },
) {
  const rest = mempool.size - mempool.transactions.length;
  return (
    <section class="panel">
      <h2>{text("mempool")}</h2>
      {mempool.size === 0 ? <p class="hint">{text("mempool.none")}</p> : (
        <ul class="rows">
          {mempool.transactions.map(({ transaction, arrivedAtMs }) => (
            <li key={transaction.txid} title={transaction.txid}>
              <span>{paymentText(transaction)}</span>
              <span class="number">{text("nbc", { amount: transaction.amount })}</span>
              <span class="number quiet">{ageText(nowMs - arrivedAtMs)}</span>
            </li>
          ))}
        </ul>
      )}
      {rest > 0 && <p class="hint">{text("more", { n: rest })}</p>}
    </section>
  );
}

/** Events since the page was opened, and before them what the chain tells. */
export function EventsView(
  { events, blocks, nowMs }: {
    readonly events: readonly ApiEventJson[];
    readonly blocks: readonly BlockSummaryJson[];
    readonly nowMs: number;
  },
) {
  const shown = [...events, ...pastBlocks(events, blocks)]
    .sort((a, b) => b.timeMs - a.timeMs).slice(0, EVENTS_SHOWN);
  return (
    <section class="panel">
      <h2>{text("events")}</h2>
      {shown.length === 0
        ? <p class="hint">{text("events.none")}</p>
        : (
          <ul class="rows" aria-live="off">
            {shown.map((event, index) => (
              <li key={String(index)}>
                <span>{eventText(event)}</span>
                <span class="number quiet">{ageText(nowMs - event.timeMs)}</span>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

/** The chain's blocks that came before the page did, as the events that they were. */
function pastBlocks(
  events: readonly ApiEventJson[],
  blocks: readonly BlockSummaryJson[],
): readonly ApiEventJson[] {
  const seen = new Set(events.map((event) => event.type === "block" ? event.hash : undefined));
  return blocks.filter(({ hash, height }) => height > 0 && !seen.has(hash))
    .map(({ hash, height, miner, transactionCount, timestampMs }) => ({
      type: "block",
      timeMs: timestampMs,
      hash,
      height,
      miner,
      transactionCount,
      own: false,
    }));
}

function eventText(event: ApiEventJson): string {
  switch (event.type) {
    case "phase":
      return text("event.phase", { phase: text(`state.${event.phase}`) });
    case "block": {
      const { height, transactionCount: n } = event;
      return text("event.block", { height, n, miner: walletLabel(event.miner) });
    }
    case "side-block":
      return text("event.sideBlock", { height: event.height, miner: walletLabel(event.miner) });
    case "reorg": {
      const { forkHeight: height, disconnected, connected } = event;
      return text("event.reorg", { height, out: disconnected.length, n: connected.length });
    }
    case "transaction": {
      const { sender, receiver, amount } = event.transaction;
      return text("event.transaction", {
        sender: walletLabel(sender),
        receiver: walletLabel(receiver),
        amount,
      });
    }
    case "transaction-removed":
      return text("event.removed", {
        txid: event.txid.slice(0, 8),
        reason: codeText(language, event.reasonCode),
      });
    case "peer":
      return text(`event.peer.${event.change}`, { node: walletLabel(event.wallet) });
    case "lagged":
      return event.missed === null
        ? text("event.lagged.unknown")
        : text("event.lagged", { n: event.missed });
    case "transactions-seen":
      return text("event.seen", { n: event.txids.length });
  }
}

function paymentText(
  { sender, receiver }: MempoolJson["transactions"][number]["transaction"],
): string {
  return text("pays", { sender: walletLabel(sender), receiver: walletLabel(receiver) });
}
