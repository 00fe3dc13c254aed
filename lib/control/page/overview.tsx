/**
 * The first page: figures, the fork tree, a chosen block, the nodes and what can be done to them, and what
 * happened.
 *
 * @module
 */
import { memo } from "hono/jsx/dom";
import type { NetworkView } from "../../page/network_view.ts";
import { ageText, shareText } from "../../page/format.ts";
import { BlockPanel } from "./block_panel.tsx";
import { text } from "./common.tsx";
import { EventList } from "./event_list.tsx";
import { FaultPanel } from "./fault_panel.tsx";
import { figuresOf } from "./figures.ts";
import { ForkTree } from "./fork_tree.tsx";
import { NodeTable } from "./node_table.tsx";

/** Tables are drawn this often while the network runs; the tree is drawn every time. */
const ROWS_INTERVAL_MS = 400;

/** A view that is drawn again when its moment changes, not when the picture does. */
interface RowsProps {
  readonly view: NetworkView;
  readonly moment: number;
  readonly isRecorded: boolean;
  readonly canOrder: boolean;
  readonly onChoose: (id: string | undefined) => void;
}

const Rows = memo(({ view, isRecorded, canOrder, onChoose }: RowsProps) => (
  <div class="halves">
    <NodeTable view={view} hasOrders={!isRecorded} canOrder={canOrder} />
    <div class="stack">
      {!isRecorded && <FaultPanel view={view} canOrder={canOrder} />}
      <EventList view={view} onChoose={onChoose} />
    </div>
  </div>
));

export function Overview({ view, nowMs, isRecorded, canOrder, chosen, onChoose, onMissing }: {
  readonly view: NetworkView;
  readonly nowMs: number;
  /** Then there is nobody who takes orders. */
  readonly isRecorded: boolean;
  /** Not while the room does not answer. */
  readonly canOrder: boolean;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  readonly onMissing: ((view: NetworkView, from: number, to: number) => void) | undefined;
}) {
  return (
    <>
      <Tiles view={view} nowMs={nowMs} />
      <ForkTree
        view={view}
        nowMs={nowMs}
        chosen={chosen}
        onChoose={onChoose}
        onMissing={onMissing}
      />
      {chosen !== undefined && (
        <BlockPanel key={chosen} view={view} id={chosen} nowMs={nowMs} onChoose={onChoose} />
      )}
      <Rows
        view={view}
        moment={canOrder ? Math.floor(nowMs / ROWS_INTERVAL_MS) : view.version}
        isRecorded={isRecorded}
        canOrder={canOrder}
        onChoose={onChoose}
      />
    </>
  );
}

function Tiles({ view, nowMs }: { readonly view: NetworkView; readonly nowMs: number }) {
  const figures = figuresOf(view, nowMs);
  const { height, tipCount, throughput, intervalMs, waiting, lastBlockAt } = figures;
  const { staleCount, staleShare } = figures;
  const lastBlock = lastBlockAt === undefined
    ? text("tile.noBlock")
    : text("tile.lastBlock", { age: ageText(nowMs - lastBlockAt, text) });
  const tiles = [
    { name: "tile.height", value: String(height), note: lastBlock },
    {
      name: "tile.tips",
      value: String(tipCount),
      note: text(
        tipCount === 0 ? "tile.noBlock" : tipCount === 1 ? "tile.tips.one" : "tile.tips.many",
      ),
      isWarning: tipCount > 1,
    },
    {
      name: "tile.throughput",
      value: `${throughput.toFixed(throughput < 10 ? 1 : 0)} tx/s`,
      note: text("tile.throughput.note"),
    },
    {
      name: "tile.interval",
      value: intervalMs === undefined
        ? "–"
        : intervalMs < 1000
        ? `${intervalMs.toFixed(0)} ms`
        : `${(intervalMs / 1000).toFixed(1)} s`,
      note: text("tile.interval.note"),
    },
    {
      name: "tile.stale",
      value: String(staleCount),
      note: staleShare === undefined
        ? text("tile.noBlock")
        : text("tile.stale.note", { share: shareText(staleShare), n: view.blockCount }),
    },
    { name: "tile.waiting", value: String(waiting), note: text("tile.waiting.note") },
  ] as const;
  return (
    <ul class="tiles">
      {tiles.map((tile) => (
        <li key={tile.name} class="panel tile">
          <span class="name">{text(tile.name)}</span>
          <strong>{tile.value}</strong>
          <span class={`note${"isWarning" in tile && tile.isWarning ? " warn" : ""}`}>
            {tile.note}
          </span>
        </li>
      ))}
    </ul>
  );
}
