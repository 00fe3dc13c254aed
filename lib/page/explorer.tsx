/**
 * The explorer: blocks, transactions, wallets, the pool and the rules, each at an address of its own.
 *
 * Reads one node's API through whatever the page gives it, so the same explorer stands in the control room
 * and on a node's own page. What peers have made is shown as text, never as markup.
 *
 * @module
 */
import { useEffect, useState } from "hono/jsx/dom";
import type {
  BlockJson,
  BlockListJson,
  MempoolJson,
  TransactionJson,
  TransactionStateJson,
} from "../wire/api_chain.ts";
import type { WalletJson } from "../wire/api_basics.ts";
import type { BalanceJson, HistoryJson } from "../wire/api_wallet.ts";
import { browser, valueOf } from "./browser.ts";
import { ageText, colourClass, shortAddress } from "./format.ts";
import type { Texts } from "./texts/texts.ts";

/** What a read brought; the page knows from where. */
export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface RuleRow {
  readonly code: string;
  readonly when: string;
  readonly count: number;
}

export interface ExplorerProps {
  readonly text: Texts;
  /** `#/explorer` */
  readonly base: string;
  /** What stands behind it in the address. */
  readonly route: readonly string[];
  readonly read: <T>(path: string) => Promise<ReadResult<T>>;
  /** Changes when what was read may be old. */
  readonly version: string;
  readonly nowMs: number;
  /** More on a transaction's life than one node knows. */
  readonly lifeOf?: (transaction: TransactionStateJson) => readonly string[];
  readonly rules?: readonly RuleRow[] | undefined;
}

const BLOCKS_SHOWN = 30;
const HISTORY_SHOWN = 100;
const POOL_SHOWN = 200;
const READ_INTERVAL_MS_MIN = 400;

export function Explorer(props: ExplorerProps) {
  const { text, base, route, rules } = props;
  const [page = "", name = ""] = route;
  return (
    <div class="explorer">
      <SearchForm {...props} />
      <nav class="explorer-nav" aria-label={text("explorer.title")}>
        <a href={base} {...(page === "" ? { "aria-current": "page" } : {})}>
          {text("explorer.newest")}
        </a>
        <a href={`${base}/mempool`} {...(page === "mempool" ? { "aria-current": "page" } : {})}>
          {text("explorer.mempool")}
        </a>
        {rules !== undefined && (
          <a href={`${base}/rules`} {...(page === "rules" ? { "aria-current": "page" } : {})}>
            {text("explorer.rules")}
          </a>
        )}
      </nav>
      {page === "block"
        ? <BlockPage key={name} {...props} name={name} />
        : page === "tx"
        ? <TransactionPage key={name} {...props} name={name} />
        : page === "wallet"
        ? <WalletPage key={name} {...props} name={name} />
        : page === "mempool"
        ? <PoolPage {...props} />
        : page === "rules" && rules !== undefined
        ? <RulesPage {...props} />
        : page === "search"
        ? <SearchPage key={name} {...props} name={name} />
        : <NewestPage {...props} />}
    </div>
  );
}

function SearchForm({ text, base }: ExplorerProps) {
  const [wanted, setWanted] = useState("");
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event: { preventDefault(): void }) => {
        event.preventDefault();
        const what = wanted.trim();
        if (what !== "") browser.location.hash = `${base}/search/${encodeURIComponent(what)}`;
      }}
    >
      <label class="field grow">
        {text("search.label")}
        <input
          type="search"
          name="search"
          placeholder={text("search.hint")}
          value={wanted}
          onInput={(event: Event) => setWanted(valueOf(event))}
        />
      </label>
      <button type="submit">{text("search.label")}</button>
    </form>
  );
}

/**
 * Reads a path again whenever the version changes, one read at a time; what was read before stands until
 * then.
 */
function useRead<T>(
  read: ExplorerProps["read"],
  path: string | undefined,
  version: string,
): ReadResult<T> | undefined {
  const [result, setResult] = useState<ReadResult<T> | undefined>(undefined);
  const [isReading, setReading] = useState(false);
  const [known, setKnown] = useState("");
  const wanted = `${path} ${version}`;
  useEffect(() => {
    if (path === undefined || isReading || known === wanted) return;
    setReading(true);
    setKnown(wanted);
    void read<T>(path).then((next) => {
      setResult(next);
      // A chain that grows a hundred times a second is not read that often.
      setTimeout(() => setReading(false), READ_INTERVAL_MS_MIN);
    });
  }, [wanted, isReading]);
  return result;
}

function Waiting<T>(
  { text, result, name }: {
    readonly text: Texts;
    readonly result: ReadResult<T> | undefined;
    readonly name?: string;
  },
) {
  if (result === undefined) return <p class="hint panel">{text("explorer.reading")}</p>;
  if (result.ok) return null;
  const isMissing = /not-found|unknown|malformed|ambiguous/.test(result.code) && name !== undefined;
  return (
    <p class="panel" role="alert">
      {isMissing
        ? text("explorer.notFound", { what: name })
        : text("explorer.failed", { reason: result.message })}
    </p>
  );
}

/** Finds out what a text names, and goes there. */
function SearchPage(props: ExplorerProps & { readonly name: string }) {
  const { text, base, read, name } = props;
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    void findName(read, name).then((place) => {
      if (place === undefined) setMissing(true);
      else browser.location.hash = `${base}/${place}`;
    });
  }, [name]);
  return (
    <p class="panel" role="status">
      {isMissing ? text("explorer.notFound", { what: name }) : text("explorer.reading")}
    </p>
  );
}

async function findName(read: ExplorerProps["read"], name: string): Promise<string | undefined> {
  const word = name.trim();
  const plain = word.toLowerCase();
  if (plain === "mempool" || plain === "rules") return plain;
  const node = /^(?:id|node\s*)(\d+)$/.exec(plain)?.[1];
  const candidates = node !== undefined
    ? [`wallet/id${node}`]
    : plain.startsWith("nbc1")
    ? [`wallet/${plain}`]
    : /^\d{1,9}$/.test(plain)
    ? [`block/${plain}`, `tx/${plain}`]
    : /^[0-9a-f]{1,64}$/.test(plain)
    ? [`tx/${plain}`, `block/${plain}`]
    : [];
  for (const place of candidates) {
    const [kind = "", id = ""] = place.split("/");
    const path = kind === "block" ? "blocks" : kind === "tx" ? "transactions" : "balances";
    if ((await read(`/${path}/${id}`)).ok) return place;
  }
  return undefined;
}

function NewestPage(props: ExplorerProps) {
  const { text, read, version, base, nowMs } = props;
  const result = useRead<BlockListJson>(read, `/blocks?limit=${BLOCKS_SHOWN}`, version);
  if (result?.ok !== true) return <Waiting text={text} result={result} />;
  return (
    <section class="panel" aria-labelledby="newest-title">
      <header>
        <h2 id="newest-title">{text("explorer.newest")}</h2>
      </header>
      <Scroll label="newest-title">
        <table>
          <thead>
            <tr>
              <th scope="col">{text("tile.height")}</th>
              <th scope="col">{text("block.hash")}</th>
              <th scope="col">{text("block.miner")}</th>
              <th scope="col" class="number">{text("block.transactions")}</th>
              <th scope="col" class="number">{text("block.size")}</th>
              <th scope="col" class="number">{text("tx.time")}</th>
            </tr>
          </thead>
          <tbody>
            {result.value.blocks.map((block) => (
              <tr key={block.hash}>
                <td>
                  <a href={`${base}/block/${block.hash}`}>{block.height}</a>
                </td>
                <td>
                  <a class="mono" href={`${base}/block/${block.hash}`}>
                    {block.hash.slice(0, 20)}…
                  </a>
                </td>
                <td>
                  {block.height === 0
                    ? text("genesis")
                    : <WalletName {...props} wallet={block.miner} />}
                </td>
                <td class="number">{block.transactionCount}</td>
                <td class="number">{text("block.bytes", { n: block.sizeBytes })}</td>
                <td class="number">
                  {text("ago", { age: ageText(nowMs - block.timestampMs, text) })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function BlockPage(props: ExplorerProps & { readonly name: string }) {
  const { text, read, version, base, name } = props;
  const result = useRead<BlockJson>(read, `/blocks/${encodeURIComponent(name)}`, version);
  if (result?.ok !== true) return <Waiting text={text} result={result} name={name} />;
  const block = result.value;
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("block.title", { height: block.height })}</h2>
        <span class={`chip ${block.status === "main" ? "good" : "warn"}`}>
          {text(`status.${block.status}`)}
        </span>
      </header>
      <dl class="facts">
        <dt>{text("block.hash")}</dt>
        <dd>
          <code>{block.hash}</code>
        </dd>
        <dt>{text("block.parent")}</dt>
        <dd>
          {block.height === 0
            ? "–"
            : <a class="mono" href={`${base}/block/${block.previousHash}`}>{block.previousHash}</a>}
        </dd>
        <dt>{text("block.miner")}</dt>
        <dd>
          {block.height === 0 ? text("genesis") : <WalletName {...props} wallet={block.miner} />}
        </dd>
        <dt>{text("block.made")}</dt>
        <dd>{timeText(block.timestampMs)}</dd>
        <dt>{text("block.confirmations")}</dt>
        <dd>{block.confirmations}</dd>
        <dt>{text("block.merkle")}</dt>
        <dd>
          <code>{block.merkleRoot}</code>
        </dd>
        <dt>{text("block.nonce")}</dt>
        <dd>{block.nonce}</dd>
        <dt>{text("block.target")}</dt>
        <dd>
          <code>{block.target}</code>
        </dd>
        <dt>{text("block.work")}</dt>
        <dd>{block.work}</dd>
        <dt>{text("block.size")}</dt>
        <dd>{text("block.bytes", { n: block.sizeBytes })}</dd>
      </dl>
      <h3>{text("block.transactions")} ({block.transactions.length})</h3>
      <TransactionTable
        {...props}
        transactions={block.transactions}
        isGenesis={block.height === 0}
      />
    </section>
  );
}

function TransactionTable(
  props: ExplorerProps & {
    readonly transactions: readonly TransactionJson[];
    readonly isGenesis?: boolean;
  },
) {
  const { text, base, transactions, isGenesis } = props;
  return (
    <Scroll label="page-title">
      <table>
        <thead>
          <tr>
            <th scope="col">{text("tx.id")}</th>
            <th scope="col">{text("tx.sender")}</th>
            <th scope="col">{text("tx.receiver")}</th>
            <th scope="col" class="number">{text("tx.amount")}</th>
            <th scope="col" class="number">{text("tx.change")}</th>
          </tr>
        </thead>
        <tbody>
          {transactions.map((transaction) => (
            <tr key={transaction.txid}>
              <td>
                <a class="mono" href={`${base}/tx/${transaction.txid}`}>
                  {transaction.txid.slice(0, 16)}…
                </a>
              </td>
              <td>
                {isGenesis === true
                  ? text("genesis")
                  : <WalletName {...props} wallet={transaction.sender} />}
              </td>
              <td>
                <WalletName {...props} wallet={transaction.receiver} />
              </td>
              <td class="number">{transaction.amount}</td>
              <td class="number">{transaction.change}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function TransactionPage(props: ExplorerProps & { readonly name: string }) {
  const { text, read, version, base, name, lifeOf } = props;
  const result = useRead<TransactionStateJson>(
    read,
    `/transactions/${encodeURIComponent(name)}`,
    version,
  );
  if (result?.ok !== true) return <Waiting text={text} result={result} name={name} />;
  const state = result.value;
  const { transaction } = state;
  const life = lifeOf?.(state) ?? lifeAtOneNode(state, text);
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
                <a class="mono" href={`${base}/tx/${txid}`}>{txid.slice(0, 16)}…</a>:{index}
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

function lifeAtOneNode(state: TransactionStateJson, text: Texts): readonly string[] {
  switch (state.state) {
    case "confirmed":
      return [
        text("tx.life.block", { height: state.height ?? 0 }),
        text("tx.life.confirmed", { n: state.confirmations }),
      ];
    case "pending":
      return [text("tx.life.waiting")];
    case "failed":
      return [text("tx.life.refused", { code: state.reasonCode ?? "?" })];
  }
}

function WalletPage(props: ExplorerProps & { readonly name: string }) {
  const { text, read, version, base, name } = props;
  const encoded = encodeURIComponent(name);
  const balance = useRead<BalanceJson>(read, `/balances/${encoded}`, version);
  const history = useRead<HistoryJson>(
    read,
    `/history?wallet=${encoded}&limit=${HISTORY_SHOWN}`,
    version,
  );
  if (balance?.ok !== true) return <Waiting text={text} result={balance} name={name} />;
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
      {entries.length === 0
        ? <p class="hint">{text("wallet.none")}</p>
        : (
          <Scroll label="page-title">
            <table>
              <thead>
                <tr>
                  <th scope="col">{text("tx.time")}</th>
                  <th scope="col">{text("tx.state")}</th>
                  <th scope="col">{text("wallet.with")}</th>
                  <th scope="col" class="number">{text("tx.amount")}</th>
                  <th scope="col">{text("tx.id")}</th>
                </tr>
              </thead>
              <tbody>
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
              </tbody>
            </table>
          </Scroll>
        )}
    </section>
  );
}

function PoolPage(props: ExplorerProps) {
  const { text, read, version } = props;
  const result = useRead<MempoolJson>(read, `/mempool?limit=${POOL_SHOWN}`, version);
  if (result?.ok !== true) return <Waiting text={text} result={result} />;
  const { size, transactions } = result.value;
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
    </section>
  );
}

function RulesPage({ text, rules = [] }: ExplorerProps) {
  const total = rules.reduce((sum, { count }) => sum + count, 0);
  const sorted = [...rules].sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("rules.title")}</h2>
      </header>
      {total === 0 && <p class="hint">{text("rules.none")}</p>}
      <Scroll label="page-title">
        <table>
          <thead>
            <tr>
              <th scope="col">{text("rules.rule")}</th>
              <th scope="col">{text("rules.when")}</th>
              <th scope="col" class="number">{text("rules.count")}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ code, when, count }) => (
              <tr key={code}>
                <td>
                  <code>{code}</code>
                </td>
                <td lang="en">{when}</td>
                <td class="number">{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function WalletName({ text, base, wallet, isLong }: ExplorerProps & {
  readonly wallet: WalletJson;
  readonly isLong?: boolean;
}) {
  const { address, nodeId } = wallet;
  return (
    <a class={`who ${colourClass(nodeId)}`} href={`${base}/wallet/${address}`} title={address}>
      <i class="dot" aria-hidden="true" />
      {nodeId === null ? shortAddress(address) : text("node", { n: nodeId })}
      {isLong === true && nodeId !== null && <code>{shortAddress(address)}</code>}
    </a>
  );
}

/** A table that may be wider than a phone, and can be scrolled by keyboard then. */
function Scroll({ label, children }: { readonly label: string; readonly children?: unknown }) {
  return (
    <div class="scroll-x" tabindex={0} role="region" aria-labelledby={label}>
      {children as never}
    </div>
  );
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, 19);
}
