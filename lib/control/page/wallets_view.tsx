/**
 * Wallets: what every node owns, and payments from any of them.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { BalanceListJson } from "../../wire/api_wallet.ts";
import type { NetworkView, ViewTransaction } from "../../page/network_view.ts";
import { codeText } from "../../page/texts/refusal_texts.ts";
import { useRead } from "../../page/explorer/parts.tsx";
import { PayForm } from "../../page/pay_form.tsx";
import { colourClass, shortAddress } from "../../page/format.ts";
import { Scroll } from "../../page/scroll_table.tsx";
import { language, NodeName, text } from "./common.tsx";
import { call, read } from "./room_client.ts";

const RECENT_SHOWN = 15;

export function WalletsView({ view, canOrder, isRecorded }: {
  readonly view: NetworkView;
  /** Then nobody is there who could be asked for balances, or could pay. */
  readonly isRecorded: boolean;
  /** Not while the room does not answer. */
  readonly canOrder: boolean;
}) {
  const [from, setFrom] = useState(0);
  const [answers, setAnswers] = useState(0);
  const up = view.nodes.findIndex(({ run }) => run === "up");
  const eyes = view.nodes[from]?.run === "up" ? from : up;
  const answer = useRead<BalanceListJson>(
    read,
    isRecorded || eyes < 0 ? undefined : `/room/nodes/${eyes}/balances`,
    `${view.nodes[eyes]?.tip} ${view.nodes[eyes]?.gauge?.pool} ${answers}`,
  );
  const balances = answer?.ok === true ? answer.value : undefined;

  return (
    <div class="halves">
      {isRecorded ? <Unrecorded /> : <BalanceTable balances={balances} />}
      <div class="stack">
        {!isRecorded && (
          <PayForm
            text={text}
            language={language}
            to="id1"
            isOffline={!canOrder}
            senders={{ count: view.nodes.length, chosen: from, onChoose: setFrom }}
            pay={(payment) => call<{ readonly txid: string }>("/room/payments", payment)}
            onAnswered={() => setAnswers((before: number) => before + 1)}
          />
        )}
        <RecentPayments view={view} />
      </div>
    </div>
  );
}

/** Says why a recording has no balances. */
function Unrecorded() {
  return (
    <section class="panel" aria-labelledby="wallets-title">
      <header>
        <h2 id="wallets-title">{text("wallets.title")}</h2>
      </header>
      <p class="hint">{text("wallets.unrecorded")}</p>
    </section>
  );
}

function BalanceTable({ balances }: { readonly balances: BalanceListJson | undefined }) {
  const max = Math.max(1, ...(balances?.balances.map(({ available }) => available) ?? []));
  return (
    <section class="panel" aria-labelledby="wallets-title">
      <header>
        <h2 id="wallets-title">{text("wallets.title")}</h2>
        {balances !== undefined && (
          <span class="hint">{text("wallets.supply", { n: balances.supply })}</span>
        )}
      </header>
      <Scroll label="wallets-title">
        <table>
          <thead>
            <tr>
              <th scope="col">{text("wallet.title")}</th>
              <th scope="col">{text("wallet.address")}</th>
              <th scope="col" class="wide" aria-hidden="true"></th>
              <th scope="col" class="number">{text("wallet.confirmed")}</th>
              <th scope="col" class="number">{text("wallet.pending")}</th>
            </tr>
          </thead>
          <tbody>
            {balances?.balances.map(({ wallet, confirmed, pending, available }) => (
              <tr key={wallet.address} class={colourClass(wallet.nodeId)}>
                <th scope="row">
                  <NodeName node={wallet.nodeId} />
                </th>
                <td>
                  <a class="mono" href={`#/explorer/wallet/${wallet.address}`}>
                    {shortAddress(wallet.address)}
                  </a>
                </td>
                <td class="wide" aria-hidden="true">
                  <span class="bar-track">
                    <i style={`width:${(100 * available / max).toFixed(1)}%`} />
                  </span>
                </td>
                <td class="number">{confirmed}</td>
                <td class="number">
                  {pending === 0 ? "" : pending > 0 ? `+${pending}` : pending}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function RecentPayments({ view }: { readonly view: NetworkView }) {
  const recent = [...view.transactions.values()].slice(-RECENT_SHOWN).reverse();
  return (
    <section class="panel" aria-labelledby="recent-title">
      <header>
        <h2 id="recent-title">{text("wallets.recent")}</h2>
      </header>
      {view.transactionsUnseen > 0 && (
        <p class="hint">{text("wallets.crowd", { n: view.transactionsUnseen })}</p>
      )}
      {recent.length === 0
        ? <p class="hint">{text("wallet.none")}</p>
        : (
          <ul class="event-list" tabindex={0} aria-labelledby="recent-title">
            {recent.map((transaction) => (
              <li key={transaction.id}>
                <span>{transaction.from ?? "?"} → {transaction.to ?? "?"}</span>
                <strong>{text("coins", { n: transaction.amount })}</strong>
                <span class="quiet">{stateText(view, transaction)}</span>
                <a class="mono" href={`#/explorer/tx/${transaction.id}`}>
                  {transaction.id.slice(0, 10)}
                </a>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

/** In a block, refused, or known to so many nodes. */
function stateText(view: NetworkView, { block, refusedCode, seenBy }: ViewTransaction): string {
  if (block !== undefined) {
    return text("tx.life.block", { height: view.blocks.get(block)?.height ?? "?" });
  }
  return refusedCode !== undefined
    ? text("tx.life.refused", { code: codeText(language, refusedCode) })
    : text("tx.life.seen", { n: seenBy, total: view.nodes.length });
}
