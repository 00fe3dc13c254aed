/**
 * The explorer's pages of blocks: the newest ones, and one in detail.
 *
 * @module
 */
import type { BlockJson, BlockListJson } from "../../wire/api_chain.ts";
import { ageText } from "../format.ts";
import { ScrollTable } from "../scroll_table.tsx";
import { type ExplorerProps, ShortLink, timeText, useRead, Waiting, WalletName } from "./parts.tsx";
import { TransactionTable } from "./transaction_page.tsx";

const BLOCKS_SHOWN = 30;

export function NewestPage(props: ExplorerProps) {
  const { text, read, version, base, nowMs } = props;
  const result = useRead<BlockListJson>(read, `/blocks?limit=${BLOCKS_SHOWN}`, version);
  if (result?.ok !== true) return <Waiting text={text} language={props.language} result={result} />;
  return (
    <section class="panel" aria-labelledby="newest-title">
      <header>
        <h2 id="newest-title">{text("explorer.newest")}</h2>
      </header>
      <ScrollTable
        label="newest-title"
        rows={result.value.blocks}
        keyOf={({ hash }) => hash}
        columns={[
          {
            title: text("tile.height"),
            cell: ({ hash, height }) => <a href={`${base}/block/${hash}`}>{height}</a>,
          },
          {
            title: text("block.hash"),
            cell: ({ hash }) => <ShortLink href={`${base}/block/${hash}`} name={hash} shown={20} />,
          },
          {
            title: text("block.miner"),
            cell: ({ height, miner }) =>
              height === 0 ? text("genesis") : <WalletName {...props} wallet={miner} />,
          },
          {
            title: text("block.transactions"),
            isNumber: true,
            cell: ({ transactionCount }) => transactionCount,
          },
          {
            title: text("block.size"),
            isNumber: true,
            cell: ({ sizeBytes }) => text("block.bytes", { n: sizeBytes }),
          },
          {
            title: text("tx.time"),
            isNumber: true,
            cell: ({ timestampMs }) => text("ago", { age: ageText(nowMs - timestampMs, text) }),
          },
        ]}
      />
    </section>
  );
}

export function BlockPage(props: ExplorerProps & { readonly name: string }) {
  const { text, read, version, base, name } = props;
  const result = useRead<BlockJson>(read, `/blocks/${encodeURIComponent(name)}`, version);
  if (result?.ok !== true) {
    return <Waiting text={text} language={props.language} result={result} name={name} />;
  }
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
