/**
 * One block in detail: who made it, when each node had it, why it won or lost, and what its siblings hold.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { NetworkView, ViewBlock } from "../../page/network_view.ts";
import { blocksAt, parentOf, tipsOf } from "../../page/network_view.ts";
import { document } from "../../page/browser.ts";
import { ageText } from "../../page/format.ts";
import { NodeName, nodesText, text } from "./common.tsx";
import { minerText, standingText } from "./fork_tree_parts.tsx";
import { standingOf } from "./tree_layout.ts";

const TXIDS_SHOWN_MAX = 200;
const mode = document.documentElement.dataset["mode"] ?? "live";

export function BlockPanel({ view, id, nowMs, onChoose }: {
  readonly view: NetworkView;
  readonly id: string;
  readonly nowMs: number;
  readonly onChoose: (id: string | undefined) => void;
}) {
  const [other, setOther] = useState<string | undefined>(undefined);
  const block = view.blocks.get(id);
  if (block === undefined) return null;
  const siblings = blocksAt(view, block.height).filter((each) => each.id !== id);
  const compared = siblings.find((each) => each.id === other) ?? siblings[0];
  return (
    <section class="panel block-panel" aria-labelledby="block-title">
      <header>
        <h2 id="block-title">{text("block.title", { height: block.height })}</h2>
        <code>{block.id}…</code>
        <div class="end">
          {mode === "live" && (
            <a class="button" href={`#/explorer/block/${block.id}`}>{text("block.open")}</a>
          )}
          <button type="button" onClick={() => onChoose(undefined)}>{text("block.close")}</button>
        </div>
      </header>
      <div class="columns">
        <Facts view={view} block={block} nowMs={nowMs} onChoose={onChoose} />
        <Arrivals view={view} block={block} />
        <div>
          <h3>{text("block.why")}</h3>
          <p class="verdict">{verdictOf(view, block, siblings)}</p>
          {siblings.length > 1 && (
            <p class="siblings">
              {siblings.map((each) => (
                <button
                  key={each.id}
                  type="button"
                  aria-pressed={String(each.id === compared?.id)}
                  onClick={() => setOther(each.id)}
                >
                  {text("block.sibling", { id: each.id.slice(0, 8) })}
                </button>
              ))}
            </p>
          )}
        </div>
      </div>
      {compared !== undefined && <Comparison view={view} block={block} other={compared} />}
    </section>
  );
}

function Facts({ view, block, nowMs, onChoose }: {
  readonly view: NetworkView;
  readonly block: ViewBlock;
  readonly nowMs: number;
  readonly onChoose: (id: string) => void;
}) {
  const children = block.children.map((child) => view.blocks.get(child))
    .filter((child) => child !== undefined);
  return (
    <dl class="facts">
      <dt>{text("block.standing")}</dt>
      <dd>{standingText(standingOf(view, block))}</dd>
      <dt>{text("block.miner")}</dt>
      <dd>
        {block.miner === null ? minerText(block) : <NodeName node={block.miner} />}
      </dd>
      <dt>{text("block.transactions")}</dt>
      <dd>{block.transactions}</dd>
      <dt>{text("block.seen")}</dt>
      <dd>{text("ago", { age: ageText(nowMs - block.at, text) })}</dd>
      <dt>{text("block.parent")}</dt>
      <dd>
        {view.blocks.has(block.parent)
          ? (
            <button type="button" class="plain mono" onClick={() => onChoose(block.parent)}>
              {block.parent.slice(0, 12)}
            </button>
          )
          : "–"}
      </dd>
      <dt>{text("block.children")}</dt>
      <dd>
        {children.length === 0 ? "–" : children.map((child) => (
          <button
            key={child.id}
            type="button"
            class="plain mono"
            onClick={() => onChoose(child.id)}
          >
            {child.id.slice(0, 12)}
          </button>
        ))}
      </dd>
    </dl>
  );
}

/** How long after the first node each node had the block. */
function Arrivals({ view, block }: { readonly view: NetworkView; readonly block: ViewBlock }) {
  return (
    <div>
      <h3>
        {text("block.arrivals")} <span class="hint">{text("block.arrivals.note")}</span>
      </h3>
      <ul class="arrivals">
        {view.nodes.map((_, node) => (
          <li key={String(node)}>
            <NodeName node={node} />
            <span class="number">
              {block.seen[node] === undefined ? text("block.notSeen") : text("unit.ms", {
                n: Math.max(0, Math.round((block.seen[node] as number) - block.at)),
              })}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Two siblings side by side: which transactions are in one, in the other, in both. */
function Comparison({ view, block, other }: {
  readonly view: NetworkView;
  readonly block: ViewBlock;
  readonly other: ViewBlock;
}) {
  if (block.txids === undefined || other.txids === undefined) {
    return <p class="hint">{text("block.compare.unknown")}</p>;
  }
  const own = new Set(block.txids);
  const others = new Set(other.txids);
  const columns = [
    [text("block.compare.one"), block.txids.filter((id) => !others.has(id))],
    [text("block.compare.both"), block.txids.filter((id) => others.has(id))],
    [text("block.compare.other"), other.txids.filter((id) => !own.has(id))],
  ] as const;
  return (
    <div class="comparison">
      <h3>{text("block.compare", { id: other.id.slice(0, 8) })}</h3>
      <div class="columns">
        {columns.map(([title, ids]) => (
          <div key={title}>
            <h4>
              {title} <span class="quiet">{ids.length}</span>
            </h4>
            {ids.length === 0
              ? <p class="hint">{text("block.compare.none")}</p>
              : (
                <ul class="txids">
                  {ids.slice(0, TXIDS_SHOWN_MAX).map((id) => (
                    <li key={id}>
                      <code>{id}</code> <span class="quiet">{paymentText(view, id)}</span>
                    </li>
                  ))}
                </ul>
              )}
          </div>
        ))}
      </div>
    </div>
  );
}

function paymentText(view: NetworkView, id: string): string {
  const transaction = view.transactions.get(id);
  if (transaction === undefined) return "";
  const { from, to, amount } = transaction;
  return `${from ?? "?"} → ${to ?? "?"} · ${text("coins", { n: amount })}`;
}

/** Why a block is where it is, in words. */
function verdictOf(view: NetworkView, block: ViewBlock, siblings: readonly ViewBlock[]): string {
  const standing = standingOf(view, block);
  if (standing === "main") {
    const rivals = siblings.filter((each) => standingOf(view, each) === "rival");
    if (siblings.length === 0) return text("block.alone");
    const nodes = [...tipsOf(view)].filter(([tip]) => isAbove(view, tip, block.id))
      .flatMap(([, ids]) => ids).sort((a, b) => a - b);
    return rivals.length > 0
      ? text("block.undecided")
      : text("block.won", { nodes: nodesText(nodes) });
  }
  if (standing === "rival") return text("block.undecided");
  const top = topOf(view, block);
  const main = view.blocks.get(view.best ?? "");
  const had = block.seen.flatMap((at, node) => at === undefined ? [] : [node]);
  if (had.length === 1) return text("block.never", { nodes: nodesText(had) });
  return main !== undefined && main.height > top.height
    ? text("block.lost.shorter", { own: top.height, other: main.height })
    : text("block.lost.tie");
}

function topOf(view: NetworkView, block: ViewBlock): ViewBlock {
  let top = block;
  for (;;) {
    const next = top.children.map((id) => view.blocks.get(id)).find((child) => child !== undefined);
    if (next === undefined) return top;
    top = next;
  }
}

/** Whether a tip's chain goes through a block. */
function isAbove(view: NetworkView, tip: string, id: string): boolean {
  const block = view.blocks.get(id);
  let at = view.blocks.get(tip);
  while (at !== undefined && block !== undefined && at.height > block.height) {
    at = parentOf(view, at);
  }
  return at?.id === id;
}
