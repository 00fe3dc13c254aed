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
import { ExplorerFrame, NotFound } from "../../page/explorer/explorer_frame.tsx";
import { lifeSteps } from "../../page/explorer/life.ts";
import { RulesPage } from "../../page/explorer/rules_page.tsx";
import { momentText } from "../../page/format.ts";
import { ScrollTable } from "../../page/scroll_table.tsx";
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
  return (
    <ExplorerFrame text={text} base={BASE} page={page}>
      <p class="hint">{text("explorer.recorded")}</p>
      <Page view={view} nowMs={nowMs} page={page} name={name.toLowerCase()} />
    </ExplorerFrame>
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
  const isAmbiguous = [view.transactions, view.blocks].some((each) =>
    namesOf(each, name).length > 1
  );
  return (
    <NotFound
      text={text}
      kind={isAmbiguous ? "ambiguous" : "missing"}
      name={name}
    />
  );
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
      <ScrollTable
        label="page-title"
        rows={blocks}
        keyOf={({ id }) => id}
        columns={[
          { title: text("tile.height"), cell: ({ height }) => height },
          { title: text("block.hash"), cell: ({ id }) => <IdLink kind="block" id={id} /> },
          {
            title: text("block.miner"),
            cell: (block) =>
              block.miner === null ? minerText(block) : <NodeName node={block.miner} />,
          },
          {
            title: text("block.standing"),
            cell: (block) => standingText(standingOf(view, block)),
          },
          {
            title: text("block.transactions"),
            isNumber: true,
            cell: ({ transactions }) => transactions,
          },
          { title: text("tx.time"), isNumber: true, cell: ({ at }) => momentText(at) },
        ]}
      />
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
              <IdLink kind="block" id={block} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function lifeOf(view: NetworkView, transaction: ViewTransaction): readonly string[] {
  const { node, seenBy, fellOut, block, refusedCode } = transaction;
  const height = view.blocks.get(block ?? "")?.height;
  const top = view.blocks.get(view.best ?? "")?.height ?? height ?? 0;
  return lifeSteps(text, language, {
    madeAt: node,
    seenBy: { nodes: seenBy, of: view.nodes.length },
    fellOut,
    now: height !== undefined
      ? { state: "confirmed", height, confirmations: top - height + 1 }
      : refusedCode !== undefined
      ? { state: "failed", code: refusedCode }
      : { state: "pending" },
  });
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
        <ScrollTable
          label="page-title"
          rows={found.slice(0, TRANSACTIONS_SHOWN)}
          keyOf={({ id }) => id}
          columns={[
            { title: text("tx.id"), cell: ({ id }) => <IdLink kind="tx" id={id} /> },
            { title: text("tx.sender"), cell: ({ from }) => <NodeLink node={from} /> },
            { title: text("tx.receiver"), cell: ({ to }) => <NodeLink node={to} /> },
            { title: text("tx.amount"), isNumber: true, cell: ({ amount }) => amount },
            {
              title: text("tx.state"),
              cell: (transaction) => lifeOf(view, transaction).at(-1),
            },
          ]}
        />
      )}
    </section>
  );
}

/** The beginning of a hash that was recorded, and where it leads. */
function IdLink({ kind, id }: { readonly kind: "block" | "tx"; readonly id: string }) {
  return <a class="mono" href={`${BASE}/${kind}/${id}`}>{id}…</a>;
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
  const [only, another] = namesOf(items, name);
  return only === undefined || another !== undefined ? undefined : items.get(only);
}

/** What begins with a name, or is the beginning that was recorded of it; two at most. */
function namesOf(items: ReadonlyMap<string, unknown>, name: string): readonly string[] {
  if (!/^[0-9a-f]{1,64}$/.test(name)) return [];
  return [...items.keys().filter((id) => id.startsWith(name) || name.startsWith(id)).take(2)];
}
