/**
 * The explorer's page of a wallet: its balance and its history.
 *
 * @module
 */
import type { BalanceJson, HistoryJson } from "../../wire/api_wallet.ts";
import {
  type ExplorerProps,
  ScrollTable,
  timeText,
  usePages,
  useRead,
  Waiting,
  WalletName,
} from "./parts.tsx";

const HISTORY_SHOWN = 100;

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
          columns={[
            { title: text("tx.time") },
            { title: text("tx.state") },
            { title: text("wallet.with") },
            { title: text("tx.amount"), isNumber: true },
            { title: text("tx.id") },
          ]}
        >
          {entries.map((entry) => (
            <tr key={entry.transaction.txid}>
              <td>{timeText(entry.timeMs)}</td>
              <td>
                {text(`wallet.${entry.direction}`)}, {text(`state.${entry.state}`)}
              </td>
              <td>
                <WalletName
                  {...props}
                  wallet={entry.direction === "received"
                    ? entry.transaction.sender
                    : entry.transaction.receiver}
                />
              </td>
              <td class="number">
                {entry.direction === "sent" ? "−" : entry.direction === "received" ? "+" : ""}
                {entry.transaction.amount}
              </td>
              <td>
                <a class="mono" href={`${base}/tx/${entry.transaction.txid}`}>
                  {entry.transaction.txid.slice(0, 12)}…
                </a>
              </td>
            </tr>
          ))}
        </ScrollTable>
      )}
      {pages.buttons(text, history?.ok === true ? history.value.next : null)}
    </section>
  );
}
