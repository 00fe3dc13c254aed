/**
 * Wallets: what every node owns, and payments from any of them.
 *
 * @module
 */
import { useEffect, useState } from "hono/jsx/dom";
import type { BalanceListJson } from "../../wire/api_wallet.ts";
import type { NetworkView } from "../../page/network_view.ts";
import { valueOf } from "../../page/browser.ts";
import { colourClass, shortAddress } from "../../page/format.ts";
import { NodeName, text } from "./common.tsx";
import { call, read } from "./room_client.ts";

const RECENT_SHOWN = 15;

export function WalletsView({ view, canOrder }: {
  readonly view: NetworkView;
  readonly canOrder: boolean;
}) {
  const [from, setFrom] = useState(0);
  const [to, setTo] = useState("id1");
  const [amount, setAmount] = useState("1");
  const [outcome, setOutcome] = useState<{ isPaid: boolean; text: string } | undefined>(undefined);
  const [balances, setBalances] = useState<BalanceListJson | undefined>(undefined);
  const up = view.nodes.findIndex(({ run }) => run === "up");
  const eyes = view.nodes[from]?.run === "up" ? from : up;
  const version = `${view.nodes[eyes]?.tip} ${view.nodes[eyes]?.gauge?.pool}`;

  useEffect(() => {
    let isWanted = true;
    if (eyes >= 0) {
      void read<BalanceListJson>(`/room/nodes/${eyes}/balances`).then((answer) => {
        if (isWanted && answer.ok) setBalances(answer.value);
      });
    }
    return () => {
      isWanted = false;
    };
  }, [eyes, version, outcome]);

  async function pay(event: { preventDefault(): void }): Promise<void> {
    event.preventDefault();
    const paid = await call<{ readonly txid: string }>("/room/payments", {
      from,
      to,
      amount: Number(amount),
    });
    setOutcome(
      paid.ok
        ? { isPaid: true, text: text("wallets.sent", { txid: paid.value.txid }) }
        : { isPaid: false, text: text("wallets.refused", { reason: paid.message }) },
    );
  }

  const max = Math.max(1, ...(balances?.balances.map(({ available }) => available) ?? []));
  const recent = [...view.transactions.values()].slice(-RECENT_SHOWN).reverse();
  return (
    <div class="halves">
      <section class="panel" aria-labelledby="wallets-title">
        <header>
          <h2 id="wallets-title">{text("wallets.title")}</h2>
          {balances !== undefined && (
            <span class="hint">{text("wallets.supply", { n: balances.supply })}</span>
          )}
        </header>
        <div class="scroll-x" tabindex={0} role="region" aria-labelledby="wallets-title">
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
        </div>
      </section>
      <div class="stack">
        {canOrder && (
          <section class="panel" aria-labelledby="pay-title">
            <header>
              <h2 id="pay-title">{text("wallets.pay")}</h2>
            </header>
            <form class="orders pay" onSubmit={pay}>
              <label class="field">
                {text("wallets.from")}
                <select name="from" onChange={(event: Event) => setFrom(Number(valueOf(event)))}>
                  {view.nodes.map((_, node) => (
                    <option key={String(node)} value={String(node)} selected={node === from}>
                      {text("node", { n: node })}
                    </option>
                  ))}
                </select>
              </label>
              <label class="field grow">
                {text("wallets.to")}
                <input
                  name="to"
                  value={to}
                  placeholder={text("wallets.to.hint")}
                  onInput={(event: Event) => setTo(valueOf(event))}
                />
              </label>
              <label class="field narrow">
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
            <p class={`outcome small ${outcome?.isPaid === false ? "bad" : ""}`} role="status">
              {outcome?.text ?? ""}
            </p>
          </section>
        )}
        <section class="panel" aria-labelledby="recent-title">
          <header>
            <h2 id="recent-title">{text("wallets.recent")}</h2>
          </header>
          {recent.length === 0
            ? <p class="hint">{text("wallet.none")}</p>
            : (
              <ul class="event-list" tabindex={0} aria-labelledby="recent-title">
                {recent.map((transaction) => (
                  <li key={transaction.id}>
                    <span>{transaction.from ?? "?"} → {transaction.to ?? "?"}</span>
                    <strong>{text("coins", { n: transaction.amount })}</strong>
                    <span class="quiet">
                      {transaction.block !== undefined
                        ? text("tx.life.block", {
                          height: view.blocks.get(transaction.block)?.height ?? "?",
                        })
                        : transaction.refusedCode !== undefined
                        ? text("tx.life.refused", { code: transaction.refusedCode })
                        : text("tx.life.seen", {
                          n: transaction.seenBy,
                          total: view.nodes.length,
                        })}
                    </span>
                    <a class="mono" href={`#/explorer/tx/${transaction.id}`}>
                      {transaction.id.slice(0, 10)}
                    </a>
                  </li>
                ))}
              </ul>
            )}
        </section>
      </div>
    </div>
  );
}
