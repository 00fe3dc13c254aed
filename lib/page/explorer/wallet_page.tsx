/**
 * The explorer's page of a wallet: its balance and its history.
 *
 * @module
 */
import type { BalanceJson, HistoryJson } from "../../wire/api_wallet.ts";
import { ScrollTable } from "../scroll_table.tsx";
import {
  type ExplorerProps,
  ShortLink,
  timeText,
  usePages,
  useRead,
  Waiting,
  WalletName,
} from "./parts.tsx";

const HISTORY_SHOWN = 100;
/** Before the amount of a payment. */
const SIGNS = { sent: "−", received: "+", self: "" };

export function WalletPage(props: ExplorerProps & { readonly name: string }) {
  const { text, read, version, base, name } = props;
  const encoded = encodeURIComponent(name);
  const balance = useRead<BalanceJson>(read, `/balances/${encoded}`, version);
  const pages = usePages(`/history?wallet=${encoded}&limit=${HISTORY_SHOWN}`);
  const history = useRead<HistoryJson>(read, pages.path, version);
  if (balance?.ok !== true) {
    return <Waiting text={text} language={props.language} result={balance} name={name} />;
  }
  const { wallet, confirmed, pending, available } = balance.value;
  const entries = history?.ok === true ? history.value.entries : [];
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("wallet.title")}</h2>
        <WalletName {...props} wallet={wallet} />
      </header>
      <dl class="facts">
        <dt>{text("wallet.address")}</dt>
        <dd>
          <code>{wallet.address}</code>
        </dd>
        <dt>{text("wallet.confirmed")}</dt>
        <dd>{text("coins", { n: confirmed })}</dd>
        <dt>{text("wallet.pending")}</dt>
        <dd>{text("coins", { n: pending })}</dd>
        <dt>{text("wallet.available")}</dt>
        <dd>{text("coins", { n: available })}</dd>
      </dl>
      <h3>{text("wallet.history")}</h3>
      {entries.length === 0 ? <p class="hint">{text("wallet.none")}</p> : (
        <ScrollTable
          label="page-title"
          rows={entries}
          keyOf={({ transaction }) => transaction.txid}
          columns={[
            { title: text("tx.time"), cell: ({ timeMs }) => timeText(timeMs) },
            {
              title: text("tx.state"),
              cell: ({ direction, state }) =>
                `${text(`wallet.${direction}`)}, ${text(`state.${state}`)}`,
            },
            {
              title: text("wallet.with"),
              cell: ({ direction, transaction: { sender, receiver } }) => (
                <WalletName {...props} wallet={direction === "received" ? sender : receiver} />
              ),
            },
            {
              title: text("tx.amount"),
              isNumber: true,
              cell: ({ direction, transaction }) => `${SIGNS[direction]}${transaction.amount}`,
            },
            {
              title: text("tx.id"),
              cell: ({ transaction: { txid } }) => (
                <ShortLink href={`${base}/tx/${txid}`} name={txid} shown={12} />
              ),
            },
          ]}
        />
      )}
      {pages.buttons(text, history?.ok === true ? history.value.next : null)}
    </section>
  );
}
