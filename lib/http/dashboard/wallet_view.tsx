/**
 * Coins and what moves them: balances as bars, waiting transactions, and the newest events.
 *
 * @module
 */
import type { MempoolJson } from "../../wire/api_chain.ts";
import type { ApiEventJson } from "../../wire/api_events.ts";
import type { BalanceListJson } from "../../wire/api_wallet.ts";
import { ageText, colourClass, walletLabel } from "./format.ts";

/** How many wallets have a bar. */
const WALLETS_SHOWN = 16;

export function BalancesView({ balances }: { readonly balances: BalanceListJson }) {
  const shown = balances.balances.slice(0, WALLETS_SHOWN);
  const max = Math.max(
    1,
    ...shown.map(({ confirmed, available }) => Math.max(confirmed, available)),
  );
  const rest = balances.balances.length - shown.length;
  return (
    <section class="panel">
      <h2>Balances</h2>
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
      <p class="hint">
        {rest > 0 ? `and ${rest} more · ` : ""}Supply {balances.supply} NBC
      </p>
    </section>
  );
}

export function MempoolView(
  { mempool, nowMs }: { readonly mempool: MempoolJson; readonly nowMs: number },
) {
  const rest = mempool.size - mempool.transactions.length;
  return (
    <section class="panel">
      <h2>Waiting</h2>
      {mempool.size === 0 ? <p class="hint">No transaction waits</p> : (
        <ul class="rows">
          {mempool.transactions.map(({ transaction, arrivedAtMs }) => (
            <li key={transaction.txid} title={transaction.txid}>
              <span>{walletLabel(transaction.sender)} → {walletLabel(transaction.receiver)}</span>
              <span class="number">{transaction.amount} NBC</span>
              <span class="number quiet">{ageText(nowMs - arrivedAtMs)}</span>
            </li>
          ))}
        </ul>
      )}
      {rest > 0 && <p class="hint">and {rest} more</p>}
    </section>
  );
}

export function EventsView(
  { events, nowMs }: { readonly events: readonly ApiEventJson[]; readonly nowMs: number },
) {
  return (
    <section class="panel">
      <h2>Events</h2>
      {events.length === 0
        ? <p class="hint">Nothing has happened since this page was opened</p>
        : (
          <ul class="rows" aria-live="off">
            {events.slice(0, 12).map((event, index) => (
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

function eventText(event: ApiEventJson): string {
  switch (event.type) {
    case "phase":
      return `The node is ${event.phase}`;
    case "block":
      return `Block ${event.height} by ${walletLabel(event.miner)}, ${event.transactionCount} tx`;
    case "side-block":
      return `Side block ${event.height} by ${walletLabel(event.miner)}`;
    case "reorg":
      return `Reorganisation above ${event.forkHeight}: ${event.disconnected.length} out, ` +
        `${event.connected.length} in`;
    case "transaction": {
      const { sender, receiver, amount } = event.transaction;
      return `${walletLabel(sender)} pays ${walletLabel(receiver)} ${amount} NBC`;
    }
    case "transaction-removed":
      return `Transaction ${event.txid.slice(0, 8)} left: ${event.reasonCode}`;
    case "peer":
      return `${walletLabel(event.wallet)} ${event.change}`;
    case "lagged":
      return `${event.missed} events missed`;
  }
}
