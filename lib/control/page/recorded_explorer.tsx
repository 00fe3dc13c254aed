/**
 * The explorer of a recording: blocks, transactions, nodes, the pool and the rules, as they stood at the
 * moment that is shown.
 *
 * Works from the recording alone, whose feed names things by the beginnings of their hashes and tells no
 * contents beyond its own: what it does not know, it does not show.
 *
 * @module
 */
import { browser } from "../../page/browser.ts";
import { Scroll } from "../../page/explorer/parts.tsx";
import { RulesPage } from "../../page/explorer/rules_page.tsx";
import { SearchForm } from "../../page/explorer/search_form.tsx";
import { momentText } from "../../page/format.ts";
import { codeText } from "../../page/texts/refusal_texts.ts";
import { blocksAt, type NetworkView, type ViewTransaction } from "../../page/network_view.ts";
import { BlockPanel } from "./block_panel.tsx";
import { language, NodeName, text } from "./common.tsx";
import { minerText, standingText } from "./fork_tree_parts.tsx";
import { standingOf } from "./tree_layout.ts";

const BASE = "#/explorer";
const BLOCKS_SHOWN = 30;
const TRANSACTIONS_SHOWN = 100;

export function RecordedExplorer({ view, nowMs, route }: {
  readonly view: NetworkView;
  readonly nowMs: number;
  readonly route: readonly string[];
}) {
  const [page = "", name = ""] = route;
  const current = (wanted: string) => page === wanted ? { "aria-current": "page" } as const : {};
  return (
    <div class="explorer">
      <SearchForm text={text} base={BASE} />
      <nav class="explorer-nav" aria-label={text("explorer.title")}>
        <a href={BASE} {...current("")}>{text("explorer.newest")}</a>
        <a href={`${BASE}/mempool`} {...current("mempool")}>{text("explorer.mempool")}</a>
        <a href={`${BASE}/rules`} {...current("rules")}>{text("explorer.rules")}</a>
      </nav>
      <p class="hint">{text("explorer.recorded")}</p>
      <Page view={view} nowMs={nowMs} page={page} name={name.toLowerCase()} />
    </div>
  );
}

function Page({ view, nowMs, page, name }: {
  readonly view: NetworkView;
  readonly nowMs: number;
  readonly page: string;
  readonly name: string;
}) {
  switch (page === "search" && (name === "rules" || name === "mempool") ? name : page) {
    case "rules":
      return <RulesPage text={text} language={language} counts={view.ruleCounts} />;
    case "mempool":
      return <Transactions title={text("pool.title")} view={view} found={waitingIn(view)} />;
    case "block":
    case "tx":
    case "wallet":
    case "search":
      return <Named view={view} nowMs={nowMs} name={name} />;
    default:
      return <Newest view={view} />;
  }
}

/** A block, a transaction or a node, whatever the text names. */
function Named({ view, nowMs, name }: {
  readonly view: NetworkView;
  readonly nowMs: number;
  readonly name: string;
}) {
  const node = /^(?:id|node\s*)(\d{1,5})$/.exec(name)?.[1];
  if (node !== undefined && view.nodes[Number(node)] !== undefined) {
    return <NodePage view={view} node={Number(node)} />;
  }
  const atHeight = /^\d{1,9}$/.test(name) ? blocksAt(view, Number(name))[0] : undefined;
  const transaction = atHeight === undefined ? startingWith(view.transactions, name) : undefined;
  if (transaction !== undefined) return <TransactionPage view={view} transaction={transaction} />;
  const block = atHeight ?? startingWith(view.blocks, name);
  if (block !== undefined) {
    return (
      <BlockPanel
        key={block.id}
        view={view}
        id={block.id}
        nowMs={nowMs}
        onChoose={(id) => {
          browser.location.hash = id === undefined ? BASE : `${BASE}/block/${id}`;
        }}
      />
    );
  }
  return <p class="panel" role="status">{text("explorer.notFound", { what: name })}</p>;
}

function Newest({ view }: { readonly view: NetworkView }) {
  const blocks = [];
  for (let height = view.highestHeight; height >= view.lowestHeight; height--) {
    blocks.push(...blocksAt(view, height));
    if (blocks.length >= BLOCKS_SHOWN) break;
  }
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("explorer.newest")}</h2>
      </header>
      <Scroll label="page-title">
        <table>
          <thead>
            <tr>
              <th scope="col">{text("tile.height")}</th>
              <th scope="col">{text("block.hash")}</th>
              <th scope="col">{text("block.miner")}</th>
              <th scope="col">{text("block.standing")}</th>
              <th scope="col" class="number">{text("block.transactions")}</th>
              <th scope="col" class="number">{text("tx.time")}</th>
            </tr>
          </thead>
          <tbody>
            {blocks.map((block) => (
              <tr key={block.id}>
                <td>{block.height}</td>
                <td>
                  <a class="mono" href={`${BASE}/block/${block.id}`}>{block.id}…</a>
                </td>
                <td>
                  {block.miner === null ? minerText(block) : <NodeName node={block.miner} />}
                </td>
                <td>{standingText(standingOf(view, block))}</td>
                <td class="number">{block.transactions}</td>
                <td class="number">{momentText(block.at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function TransactionPage({ view, transaction }: {
  readonly view: NetworkView;
  readonly transaction: ViewTransaction;
}) {
  const { id, from, to, amount, at, block } = transaction;
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{text("tx.title")}</h2>
      </header>
      <ol class="life" aria-label={text("tx.life")}>
        {lifeOf(view, transaction).map((step, index) => <li key={String(index)}>{step}</li>)}
      </ol>
      <dl class="facts">
        <dt>{text("tx.id")}</dt>
        <dd>
          <code>{id}…</code>
        </dd>
        <dt>{text("tx.sender")}</dt>
        <dd>
          <NodeLink node={from} />
        </dd>
        <dt>{text("tx.receiver")}</dt>
        <dd>
          <NodeLink node={to} />
        </dd>
        <dt>{text("tx.amount")}</dt>
        <dd>{text("coins", { n: amount })}</dd>
        <dt>{text("tx.time")}</dt>
        <dd>{momentText(at)}</dd>
        {block !== undefined && (
          <>
            <dt>{text("mark.block")}</dt>
            <dd>
              <a class="mono" href={`${BASE}/block/${block}`}>{block}…</a>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function lifeOf(view: NetworkView, transaction: ViewTransaction): readonly string[] {
  const { node, seenBy, fellOut, block, refusedCode } = transaction;
  const steps = [
    text("tx.life.made", { node: text("node", { n: node }) }),
    text("tx.life.seen", { n: seenBy, total: view.nodes.length }),
  ];
  if (fellOut > 0) steps.push(text("tx.life.fell", { n: fellOut }));
  const height = view.blocks.get(block ?? "")?.height;
  if (height !== undefined) {
    if (fellOut > 0) steps.push(text("tx.life.back"));
    const top = view.blocks.get(view.best ?? "")?.height ?? height;
    steps.push(text("tx.life.block", { height }));
    steps.push(text("tx.life.confirmed", { n: top - height + 1 }));
  } else if (refusedCode !== undefined) {
    steps.push(text("tx.life.refused", { code: codeText(language, refusedCode) }));
  } else {
    steps.push(text("tx.life.waiting"));
  }
  return steps;
}

function NodePage({ view, node }: { readonly view: NetworkView; readonly node: number }) {
  const found = [...view.transactions.values()]
    .filter(({ from, to }) => from === node || to === node).reverse();
  return <Transactions title={text("node", { n: node })} view={view} found={found} />;
}

function Transactions({ title, view, found }: {
  readonly title: string;
  readonly view: NetworkView;
  readonly found: readonly ViewTransaction[];
}) {
  return (
    <section class="panel" aria-labelledby="page-title">
      <header>
        <h2 id="page-title">{title}</h2>
        <span class="chip">{found.length}</span>
      </header>
      {found.length === 0 ? <p class="hint">{text("wallet.none")}</p> : (
        <Scroll label="page-title">
          <table>
            <thead>
              <tr>
                <th scope="col">{text("tx.id")}</th>
                <th scope="col">{text("tx.sender")}</th>
                <th scope="col">{text("tx.receiver")}</th>
                <th scope="col" class="number">{text("tx.amount")}</th>
                <th scope="col">{text("tx.state")}</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, TRANSACTIONS_SHOWN).map((transaction) => (
                <tr key={transaction.id}>
                  <td>
                    <a class="mono" href={`${BASE}/tx/${transaction.id}`}>{transaction.id}…</a>
                  </td>
                  <td>
                    <NodeLink node={transaction.from} />
                  </td>
                  <td>
                    <NodeLink node={transaction.to} />
                  </td>
                  <td class="number">{transaction.amount}</td>
                  <td>{lifeOf(view, transaction).at(-1)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

function NodeLink({ node }: { readonly node: number | null }) {
  return node === null ? <NodeName node={null} /> : (
    <a href={`${BASE}/wallet/id${node}`}>
      <NodeName node={node} />
    </a>
  );
}

/** Told one by one, in no block, and not refused. */
function waitingIn(view: NetworkView): readonly ViewTransaction[] {
  return [...view.transactions.values()]
    .filter(({ block, refusedCode }) => block === undefined && refusedCode === undefined);
}

/** The one that is called so, or begins so and is the only one. */
function startingWith<Item>(items: ReadonlyMap<string, Item>, name: string): Item | undefined {
  if (!/^[0-9a-f]{1,64}$/.test(name)) return undefined;
  let found: Item | undefined;
  for (const [id, item] of items) {
    if (!id.startsWith(name) && !name.startsWith(id)) continue;
    if (found !== undefined) return undefined;
    found = item;
  }
  return found;
}
