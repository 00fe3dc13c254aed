/**
 * The chain as it grows: the newest blocks as cards, the time between them, and a chosen block's content.
 *
 * @module
 */
import { useEffect, useState } from "hono/jsx/dom";
import type { BlockJson, BlockSummaryJson } from "../../wire/api_chain.ts";
import { ageText, colourClass, walletLabel } from "./format.ts";

/** How many cards stand in the row. */
const CARDS_SHOWN = 12;

export function ChainView(
  { blocks, capacity, nowMs }: {
    readonly blocks: readonly BlockSummaryJson[];
    readonly capacity: number;
    readonly nowMs: number;
  },
) {
  const [chosen, choose] = useState<string | undefined>(undefined);
  return (
    <section class="panel wide">
      <h2>Blocks</h2>
      <div class="chain">
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
      {chosen === undefined ? <Intervals blocks={blocks} /> : <BlockContent hash={chosen} />}
    </section>
  );
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
  return (
    <button
      type="button"
      class={`block ${colourClass(block.miner)} ${isChosen ? "chosen" : ""}`}
      aria-pressed={isChosen ? "true" : "false"}
      onClick={onChoose}
    >
      <span class="height">{block.height}</span>
      <span class="miner">
        <i class="dot" /> {block.height === 0 ? "genesis" : walletLabel(block.miner)}
      </span>
      <svg class="fill" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="6" rx="3" />
        <rect class="level" width={String(100 * share)} height="6" rx="3" />
      </svg>
      <span class="facts">{block.transactionCount} tx · {ageText(ageMs)}</span>
      <code>{block.hash.slice(0, 10)}</code>
    </button>
  );
}

/** The time between neighbouring blocks, the oldest on the left. */
function Intervals({ blocks }: { readonly blocks: readonly BlockSummaryJson[] }) {
  const intervalsMs = blocks.slice(0, -1)
    .map((block, index) => block.timestampMs - (blocks[index + 1]?.timestampMs ?? 0))
    .filter((_, index) => (blocks[index + 1]?.height ?? 0) > 0).reverse();
  if (intervalsMs.length < 2) {
    return <p class="hint">The time between blocks is drawn here once there are some</p>;
  }
  const maxMs = Math.max(...intervalsMs, 1);
  const meanMs = intervalsMs.reduce((sum, each) => sum + each, 0) / intervalsMs.length;
  const width = 100 / intervalsMs.length;
  return (
    <figure class="intervals">
      <svg viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="Block intervals">
        {intervalsMs.map((intervalMs, index) => {
          const height = Math.max(0.6, 29 * Math.max(0, intervalMs) / maxMs);
          return (
            <rect
              key={String(index)}
              x={String(index * width + width * 0.12)}
              y={String(30 - height)}
              width={String(width * 0.76)}
              height={String(height)}
            />
          );
        })}
        <line
          x1="0"
          x2="100"
          y1={String(30 - 29 * meanMs / maxMs)}
          y2={String(30 - 29 * meanMs / maxMs)}
        />
      </svg>
      <figcaption>
        Time between the last {intervalsMs.length + 1} blocks: mean {(meanMs / 1000).toFixed(2)}
        {" "}
        s, longest {(maxMs / 1000).toFixed(2)} s
      </figcaption>
    </figure>
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
  if (block === undefined || block.hash !== hash) return <p class="hint">Reading the block</p>;
  return (
    <div class="content">
      <p>
        <strong>Block {block.height}</strong> · {block.sizeBytes} bytes · nonce {block.nonce} ·{" "}
        {block.confirmations} confirmations
        <br />
        <code>{block.hash}</code>
      </p>
      <table>
        <thead>
          <tr>
            <th>Sender</th>
            <th>Receiver</th>
            <th class="number">Amount</th>
            <th class="number">Total</th>
            <th class="number">Change</th>
          </tr>
        </thead>
        <tbody>
          {block.transactions.map((transaction) => (
            <tr key={transaction.txid}>
              <td>{block.height === 0 ? "wallet 0" : walletLabel(transaction.sender)}</td>
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
