/**
 * The parts of the fork tree: its buttons, blocks, the lines between them, the nodes' markers, heights.
 *
 * @module
 */
import type { NetworkView, ViewBlock } from "../../page/network_view.ts";
import { ageText, colourClass } from "../../page/format.ts";
import { nodesText, text } from "./common.tsx";
import { type PlacedBlock, standingOf } from "./tree_layout.ts";

/** The size of a column and a lane, in pixels; `styles/fork_tree.css` has the same numbers. */
export const SIZES = {
  cards: { column: 116, lane: 92, width: 92, height: 66 },
  dots: { column: 30, lane: 34, width: 22, height: 22 },
} as const;
export type Density = keyof typeof SIZES;

const MARKERS_SHOWN_MAX = 40;

/** The title, what is in sight, and the buttons. */
export function TreeHeader(
  { range, density, isFollowing, onJump, onGenesis, onDensity, onFollow }: {
    readonly range: { readonly from: number; readonly to: number };
    readonly density: Density;
    readonly isFollowing: boolean;
    readonly onJump: (step: 1 | -1) => void;
    readonly onGenesis: () => void;
    readonly onDensity: (density: Density) => void;
    readonly onFollow: (follows: boolean) => void;
  },
) {
  return (
    <header>
      <h2 id="forks-title">{text("forks.title")}</h2>
      <span class="hint no-print">{text("forks.range", range)}</span>
      <div class="end">
        <button type="button" onClick={() => onJump(-1)}>{text("forks.previousFork")}</button>
        <button type="button" onClick={() => onJump(1)}>{text("forks.nextFork")}</button>
        <button type="button" onClick={onGenesis}>{text("forks.genesis")}</button>
        <button
          type="button"
          aria-pressed={String(density === "dots")}
          onClick={() => onDensity(density === "dots" ? "cards" : "dots")}
        >
          {text("forks.dense")}
        </button>
        <button
          type="button"
          aria-pressed={String(isFollowing)}
          onClick={() => onFollow(!isFollowing)}
        >
          {text("forks.follow")}
        </button>
      </div>
    </header>
  );
}

/** One block, as a card or a dot. */
export function BlockButton(
  { view, placed, density, nowMs, tips, isChosen, isFocusable, place, onChoose, onFocus }: {
    readonly view: NetworkView;
    readonly placed: PlacedBlock;
    readonly density: Density;
    readonly nowMs: number;
    readonly tips: readonly number[] | undefined;
    readonly isChosen: boolean;
    readonly isFocusable: boolean;
    readonly place: string;
    readonly onChoose: () => void;
    readonly onFocus: () => void;
  },
) {
  const { block } = placed;
  const standing = standingOf(view, block);
  const age = ageText(nowMs - block.at, text);
  const share = Math.min(1, block.transactions / Math.max(1, view.head.capacity));
  const miner = minerText(block);
  const label = text("forks.block.label", {
    height: block.height,
    id: block.id.slice(0, 8),
    standing: standingText(standing),
    miner,
    n: block.transactions,
    age,
    tips: tips === undefined ? "" : text("forks.block.tips", { nodes: nodesText(tips) }),
  });
  return (
    <button
      type="button"
      id={`block-${block.id}`}
      class={`block ${standing} ${colourClass(block.miner)}${isChosen ? " chosen" : ""}`}
      style={place}
      tabindex={isFocusable ? 0 : -1}
      aria-pressed={String(isChosen)}
      aria-label={label}
      onClick={onChoose}
      onFocus={onFocus}
    >
      {density === "cards"
        ? (
          <>
            <span class="top">
              <b>{block.height}</b>
              <span class="age">{age}</span>
            </span>
            <span class="by">{block.height === 0 ? text("genesis") : miner}</span>
            <span class="fill" aria-hidden="true">
              <i style={`width:${Math.round(100 * share)}%`} />
            </span>
            <span class="facts">
              <span>{text("forks.transactions", { n: block.transactions })}</span>
              <span class="mono">{block.id.slice(0, 6)}</span>
            </span>
          </>
        )
        : <span aria-hidden="true">{block.miner ?? "·"}</span>}
    </button>
  );
}

/** A line from each block to its parent. */
export function Edges({ placed, keyOf, xOf, yOf, size, from, to }: {
  readonly placed: readonly PlacedBlock[];
  readonly keyOf: (placed: PlacedBlock) => string;
  readonly xOf: (height: number) => number;
  readonly yOf: (lane: number) => number;
  readonly size: typeof SIZES[Density];
  readonly from: number;
  readonly to: number;
}) {
  const left = xOf(from) - size.column;
  const width = (to - from + 3) * size.column;
  const lanes = Math.max(1, ...placed.map(({ lane }) => lane + 1));
  const height = yOf(lanes);
  return (
    <svg
      class="edges"
      aria-hidden="true"
      width={String(width)}
      height={String(height)}
      style={`transform:translate(${left}px,0)`}
    >
      {placed.map((each) => {
        const { block, lane, parentLane } = each;
        if (block.height === 0) return null;
        const x2 = xOf(block.height) - left;
        const x1 = x2 - size.column + size.width;
        const y2 = yOf(lane) + size.height / 2;
        const y1 = yOf(parentLane ?? lane) + size.height / 2;
        const bend = (x2 - x1) / 2;
        return (
          <path
            key={keyOf(each)}
            class={block.isMain ? "main" : "side"}
            d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
          />
        );
      })}
    </svg>
  );
}

/** Where each node's chain ends. */
export function Markers({ view, tips, places, xOf, yOf, width }: {
  readonly view: NetworkView;
  readonly tips: ReadonlyMap<string, readonly number[]>;
  readonly places: ReadonlyMap<string, PlacedBlock>;
  readonly xOf: (height: number) => number;
  readonly yOf: (lane: number) => number;
  readonly width: number;
}) {
  const perRow = Math.max(1, Math.floor((width + 14) / 17));
  return (
    <>
      {view.nodes.slice(0, MARKERS_SHOWN_MAX).map(({ tip, run }, node) => {
        const placed = tip === undefined ? undefined : places.get(tip);
        if (placed === undefined || run === "down") return null;
        const index = tips.get(placed.block.id)?.indexOf(node) ?? 0;
        if (index >= perRow * 2) return null;
        const x = xOf(placed.block.height) + (index % perRow) * 17;
        const y = yOf(placed.lane) - 15 - Math.floor(index / perRow) * 9;
        return (
          <span
            key={`tip-${node}`}
            class={`marker ${colourClass(node)} ${run}`}
            style={`transform:translate(${x}px,${y}px)`}
            aria-hidden="true"
          >
            {node}
          </span>
        );
      })}
    </>
  );
}

/** The numbers above the columns. */
export function HeightLabels({ from, to, column, xOf, hasty }: {
  readonly from: number;
  readonly to: number;
  readonly column: number;
  readonly xOf: (height: number) => number;
  readonly hasty: boolean;
}) {
  return (
    <ol class="heights" aria-hidden="true">
      {heightLabels(from, to, column).map((height) => (
        <li
          key={String(hasty ? height - from : height)}
          style={`transform:translate(${xOf(height)}px,0)`}
        >
          {height}
        </li>
      ))}
    </ol>
  );
}

/** As many heights as fit beside each other. */
function heightLabels(from: number, to: number, column: number): number[] {
  const step = column >= 60 ? 1 : 5;
  const labels: number[] = [];
  for (let height = Math.ceil(from / step) * step; height <= to; height += step) {
    labels.push(height);
  }
  return labels;
}

/** What the colours mean. */
export function TreeLegend() {
  return (
    <ul class="legend small quiet">
      <li>
        <i class="swatch main" /> {text("forks.legend.main")}
      </li>
      <li>
        <i class="swatch rival" /> {text("forks.legend.rival")}
      </li>
      <li>
        <i class="swatch stale" /> {text("forks.legend.stale")}
      </li>
      <li>
        <i class="marker sample">0</i> {text("forks.legend.tip")}
      </li>
    </ul>
  );
}

export function minerText(block: Pick<ViewBlock, "miner" | "height">): string {
  if (block.height === 0) return text("genesis");
  return block.miner === null ? text("stranger") : text("node", { n: block.miner });
}

export function standingText(standing: ReturnType<typeof standingOf>): string {
  return text(
    standing === "main" ? "forks.main" : standing === "rival" ? "forks.rival" : "forks.stale",
  );
}
