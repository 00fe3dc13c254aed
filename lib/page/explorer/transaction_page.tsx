/**
 * The explorer's pages of transactions: one with its life, a table of many, and the pool.
 *
 * @module
 */
import type { MempoolJson, TransactionJson, TransactionStateJson } from "../../wire/api_chain.ts";
import { ScrollTable } from "../scroll_table.tsx";
import { lifeSteps, stepsOf } from "./life.ts";
import {
  type ExplorerProps,
  ShortLink,
  timeText,
  usePages,
  useRead,
  Waiting,
  WalletName,
} from "./parts.tsx";

const POOL_SHOWN = 200;

export function TransactionPage(props: ExplorerProps & { readonly name: string }) {
  const { text, read, version, base, name, lifeOf } = props;
  const result = useRead<TransactionStateJson>(
    read,
    `/transactions/${encodeURIComponent(name)}`,
    version,
  );
  if (result?.ok !== true) {
    return <Waiting text={text} language={props.language} result={result} name={name} />;
  }
  const state = result.value;
  const { transaction } = state;
  const life = lifeOf?.(state) ?? lifeSteps(text, props.language, stepsOf(state));
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("tx.title")}</h2>
        <span
          class={`chip ${
            state.state === "confirmed" ? "good" : state.state === "failed" ? "bad" : "warn"
          }`}
        >
          {text(`state.${state.state}`)}
        </span>
      </header>
      <ol class="life" aria-label={text("tx.life")}>
        {life.map((step, index) => <li key={String(index)}>{step}</li>)}
      </ol>
      <dl class="facts">
        <dt>{text("tx.id")}</dt>
        <dd>
          <code>{transaction.txid}</code>
        </dd>
        {state.blockHash !== null && (
          <>
            <dt>{text("mark.block")}</dt>
            <dd>
              <a href={`${base}/block/${state.blockHash}`}>
                {text("block.title", { height: state.height ?? 0 })}
              </a>
            </dd>
          </>
        )}
        <dt>{text("tx.sender")}</dt>
        <dd>
          <WalletName {...props} wallet={transaction.sender} isLong />
        </dd>
        <dt>{text("tx.receiver")}</dt>
        <dd>
          <WalletName {...props} wallet={transaction.receiver} isLong />
        </dd>
        <dt>{text("tx.amount")}</dt>
        <dd>{text("coins", { n: transaction.amount })}</dd>
        <dt>{text("tx.total")}</dt>
        <dd>{text("coins", { n: transaction.total })}</dd>
        <dt>{text("tx.change")}</dt>
        <dd>{text("coins", { n: transaction.change })}</dd>
        <dt>{text("tx.fee")}</dt>
        <dd>{text("coins", { n: transaction.fee })}</dd>
        <dt>{text("tx.time")}</dt>
        <dd>{timeText(state.timeMs)}</dd>
        <dt>{text("tx.inputs")}</dt>
        <dd>
          <ul>
            {transaction.inputs.map(({ txid, index }) => (
              <li key={`${txid}${index}`}>
                <ShortLink href={`${base}/tx/${txid}`} name={txid} shown={16} />:{index}
              </li>
            ))}
          </ul>
        </dd>
        <dt>{text("tx.outputs")}</dt>
        <dd>
          <ul>
            {transaction.outputs.map(({ owner, amount }, index) => (
              <li key={String(index)}>
                {text("coins", { n: amount })} → <WalletName {...props} wallet={owner} />
              </li>
            ))}
          </ul>
        </dd>
        <dt>{text("tx.signature")}</dt>
        <dd>
          <code>{transaction.signature}</code>
        </dd>
      </dl>
    </section>
  );
}

export function TransactionTable(
  props: ExplorerProps & {
    readonly transactions: readonly TransactionJson[];
    readonly isGenesis?: boolean;
  },
) {
  const { text, base, transactions, isGenesis } = props;
  return (
    <ScrollTable
      label="page-title"
      rows={transactions}
      keyOf={({ txid }) => txid}
      columns={[
        {
          title: text("tx.id"),
          cell: ({ txid }) => <ShortLink href={`${base}/tx/${txid}`} name={txid} shown={16} />,
        },
        {
          title: text("tx.sender"),
          cell: ({ sender }) =>
            isGenesis === true ? text("genesis") : <WalletName {...props} wallet={sender} />,
        },
        {
          title: text("tx.receiver"),
          cell: ({ receiver }) => <WalletName {...props} wallet={receiver} />,
        },
        { title: text("tx.amount"), isNumber: true, cell: ({ amount }) => amount },
        { title: text("tx.change"), isNumber: true, cell: ({ change }) => change },
      ]}
    />
  );
}

export function PoolPage(props: ExplorerProps) {
  const { text, read, version } = props;
  const pages = usePages(`/mempool?limit=${POOL_SHOWN}`);
  const result = useRead<MempoolJson>(read, pages.path, version);
  if (result?.ok !== true) {
    return (
      <>
        <Waiting text={text} language={props.language} result={result} />
        {pages.buttons(text, null)}
      </>
    );
  }
  const { size, transactions, next } = result.value;
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("pool.title")}</h2>
        <span class="chip">{size}</span>
      </header>
      {size === 0 ? <p class="hint">{text("pool.none")}</p> : (
        <TransactionTable
          {...props}
          transactions={transactions.map(({ transaction }) => transaction)}
        />
      )}
      {pages.buttons(text, next)}
    </section>
  );
}
