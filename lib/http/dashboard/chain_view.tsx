/**
 * The chain as it grows: the newest blocks as cards, what a chosen one holds, the time between blocks,
 * and the forks.
 *
 * @module
 */
import { useRef, useState } from "hono/jsx/dom";
import type { BlockJson, BlockSummaryJson, TipsJson } from "../../wire/api_chain.ts";
import { useEffect } from "../../page/use_effect.ts";
import { type PageElement, window } from "./browser.ts";
import { ForkList } from "./fork_list.tsx";
import { ageText, colourClass, walletLabel } from "./format.ts";
import { IntervalChart } from "./interval_chart.tsx";
import { text } from "./texts.ts";

/** How many cards stand in the row. */
const CARDS_SHOWN = 20;

export function ChainView(
  { blocks, tips, capacity, nowMs }: {
    readonly blocks: readonly BlockSummaryJson[];
    readonly tips: readonly TipsJson["tips"][number][];
    readonly capacity: number;
    readonly nowMs: number;
  },
) {
  const [chosen, choose] = useState<string | undefined>(undefined);
  const row = useRef<PageElement>(null);
  const hasMore = useHasMore(row, blocks.length);
  return (
    <section class="panel wide">
      <h2>
        {text("blocks")} <span class="note">{text("blocks.order")}</span>
      </h2>
      <div class={hasMore ? "strip more" : "strip"}>
        <div class="chain" ref={row as never}>
          {blocks.slice(0, CARDS_SHOWN).map((block) => (
            <BlockCard
              key={block.hash}
              block={block}
              capacity={capacity}
              ageMs={nowMs - block.timestampMs}
              isChosen={chosen === block.hash}
              onChoose={() => choose(chosen === block.hash ? undefined : block.hash)}
            />
          ))}
        </div>
      </div>
      {chosen !== undefined && <BlockContent hash={chosen} />}
      <div class="below">
        <IntervalChart blocks={blocks} />
        <ForkList tips={tips} blocks={blocks} />
      </div>
    </section>
  );
}

/** Whether a row goes on to the right of what is seen of it. */
function useHasMore(row: { readonly current: PageElement | null }, count: number): boolean {
  const [hasMore, setHasMore] = useState(false);
  useEffect(() => {
    const element = row.current;
    if (element === null) return;
    const look = () =>
      setHasMore(element.scrollLeft + element.clientWidth < element.scrollWidth - 8);
    look();
    element.addEventListener("scroll", look);
    window.addEventListener("resize", look);
    return () => {
      element.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [count]);
  return hasMore;
}

function BlockCard(
  { block, capacity, ageMs, isChosen, onChoose }: {
    readonly block: BlockSummaryJson;
    readonly capacity: number;
    readonly ageMs: number;
    readonly isChosen: boolean;
    readonly onChoose: () => void;
  },
) {
  const share = Math.min(1, block.transactionCount / capacity);
  const isGenesis = block.height === 0;
  return (
    <button
      type="button"
      class={`block ${isGenesis ? "genesis colour-none" : colourClass(block.miner)} ${
        isChosen ? "chosen" : ""
      }`}
      aria-pressed={isChosen ? "true" : "false"}
      onClick={onChoose}
    >
      <span class="height">{block.height}</span>
      <span class="miner">
        <i class="dot" /> {isGenesis ? text("blocks.genesis") : walletLabel(block.miner)}
      </span>
      <svg class="fill" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="6" rx="3" />
        <rect class="level" width={String(100 * share)} height="6" rx="3" />
      </svg>
      <span class="facts">
        {text("blocks.transactions", { n: block.transactionCount })} · {ageText(ageMs)}
      </span>
      <code>{block.hash.slice(0, 10)}</code>
    </button>
  );
}

function BlockContent({ hash }: { readonly hash: string }) {
  const [block, setBlock] = useState<BlockJson | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    fetch(`/api/v1/blocks/${hash}`).then((response) => response.json())
      .then((json: BlockJson) => {
        if (isWanted && json.hash === hash) setBlock(json);
      }).catch(() => setBlock(undefined));
    return () => {
      isWanted = false;
    };
  }, [hash]);
  if (block === undefined || block.hash !== hash) {
    return <p class="hint">{text("block.reading")}</p>;
  }
  return (
    <div
      class="content"
      tabindex={0}
      role="region"
      aria-label={text("block", { height: block.height })}
    >
      <p>
        <strong>{text("block", { height: block.height })}</strong> ·{" "}
        {text("block.facts", { bytes: block.sizeBytes, nonce: block.nonce })} ·{" "}
        {text("block.confirmations", { n: block.confirmations })}
        <br />
        <code>{block.hash}</code>
      </p>
      <table>
        <thead>
          <tr>
            <th>{text("sender")}</th>
            <th>{text("receiver")}</th>
            <th class="number">{text("amount")}</th>
            <th class="number">{text("total")}</th>
            <th class="number">{text("change")}</th>
          </tr>
        </thead>
        <tbody>
          {block.transactions.map((transaction) => (
            <tr key={transaction.txid}>
              <td>{block.height === 0 ? text("wallet0") : walletLabel(transaction.sender)}</td>
              <td>{walletLabel(transaction.receiver)}</td>
              <td class="number">{transaction.amount}</td>
              <td class="number">{transaction.total}</td>
              <td class="number">{transaction.change}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
