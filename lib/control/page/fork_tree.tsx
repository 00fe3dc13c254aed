/**
 * The fork tree: every block as a card, heights across, one lane a branch, and each node's tip as a marker
 * that moves along.
 *
 * Only the columns in sight are in the page, however long the chain. When the main chain changes, its
 * blocks change lanes, and the style makes them glide there. Where blocks come faster than that can be
 * followed, nothing glides, and the elements of blocks that have left are used again for those that come.
 *
 * @module
 */
import { useState } from "hono/jsx/dom";
import type { NetworkView } from "../../page/network_view.ts";
import { tipsOf } from "../../page/network_view.ts";
import { document } from "../../page/browser.ts";
import { useEffect } from "../../page/use_effect.ts";
import { text } from "./common.tsx";
import {
  BlockButton,
  type Density,
  Edges,
  HeightLabels,
  Markers,
  SIZES,
  TreeHeader,
  TreeLegend,
} from "./fork_tree_parts.tsx";
import { isHasty, layoutTree, neighbourOf, nextFork, type PlacedBlock } from "./tree_layout.ts";
import { type TreeScroll, useTreeScroll } from "./tree_scroll.ts";

const TOP = 26;
/** Columns that are drawn beyond both edges. */
const MARGIN_COLUMNS = 2;
/** A browser's element is not wider than some 30 million pixels. */
const COLUMNS_MAX = 250_000;

interface ForkTreeProps {
  readonly view: NetworkView;
  readonly nowMs: number;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  /** For a running network: told which heights are in sight, since some may not be loaded yet. */
  readonly onMissing: ((view: NetworkView, from: number, to: number) => void) | undefined;
}

export function ForkTree({ view, nowMs, chosen, onChoose, onMissing }: ForkTreeProps) {
  const [density, setDensity] = useState<Density>("cards");
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const size = SIZES[density];

  // Blocks that are not here yet are asked for when they come into sight; a recording has no others.
  const lowest = onMissing === undefined
    ? view.lowestHeight
    : Math.max(0, view.highestHeight - COLUMNS_MAX);
  const scroll = useTreeScroll((view.highestHeight - lowest + 1) * size.column + 40, size.column);

  const [from, to] = heightsInSight(scroll, { lowest, view, column: size.column });
  useEffect(() => onMissing?.(view, from, to), [view, from, to]);

  if (view.best === undefined) {
    return (
      <section class="panel forks" aria-labelledby="forks-title">
        <header>
          <h2 id="forks-title">{text("forks.title")}</h2>
        </header>
        <p class="hint empty">{text("forks.empty")}</p>
      </section>
    );
  }

  const { placed, laneCount } = layoutTree(view, from, to);
  const places = new Map(placed.map((each) => [each.block.id, each]));
  const tips = tipsOf(view);
  const hasty = scroll.isFollowing && isHasty(view);
  const bodyHeight = TOP + laneCount * size.lane + 8;
  const xOf = (height: number) => 12 + (height - lowest) * size.column;
  const yOf = (lane: number) => TOP + lane * size.lane;
  const current = focused !== undefined && places.has(focused) ? focused : view.best;

  /** The block's own element; in haste the one that stood in its place before, but the focus stays. */
  function keyOf({ block, lane }: PlacedBlock): string {
    return !hasty || block.id === focused ? block.id : `${block.height - from}/${lane}`;
  }

  function scrollTo(height: number): void {
    scroll.follow(height >= view.highestHeight);
    scroll.centre(xOf(height));
  }

  function jump(step: 1 | -1): void {
    const middle = lowest + Math.floor((scroll.left + scroll.width / 2) / size.column);
    const height = nextFork(view, Math.min(middle, view.highestHeight + 1), step);
    if (height !== undefined) scrollTo(height);
  }

  /** Moves the focus from block to block. */
  function onKeyDown(event: { readonly key: string; preventDefault(): void }): void {
    const block = view.blocks.get(current ?? "");
    if (block === undefined) return;
    if (event.key === "Escape") return onChoose(undefined);
    const next = neighbourOf(view, block, event.key);
    if (next === undefined) return;
    event.preventDefault();
    scroll.follow(next.id === view.best);
    setFocused(next.id);
    scroll.reveal(xOf(next.height), size.column);
    setTimeout(
      () => document.getElementById(`block-${next.id}`)?.focus({ preventScroll: true }),
      0,
    );
  }

  return (
    <section class="panel forks" aria-labelledby="forks-title">
      <TreeHeader
        range={{ from: Math.max(from, lowest), to }}
        density={density}
        isFollowing={scroll.isFollowing}
        onJump={jump}
        onGenesis={() => scrollTo(lowest)}
        onDensity={setDensity}
        onFollow={scroll.follow}
      />
      <p class="visually-hidden" id="forks-how">{text("forks.description")}</p>
      <div
        class={`tree ${density}${scroll.isFollowing ? " following" : ""}${hasty ? " hasty" : ""}`}
        ref={scroll.scroller as never}
        onScroll={scroll.onScroll}
        onKeyDown={onKeyDown as never}
        role="group"
        aria-labelledby="forks-title"
        aria-describedby="forks-how"
      >
        <div class="tree-body" style={`width:${scroll.fullWidth}px;height:${bodyHeight}px`}>
          <Edges {...{ placed, keyOf, xOf, yOf, size, from, to }} />
          <HeightLabels from={from} to={to} column={size.column} xOf={xOf} hasty={hasty} />
          {placed.map((each) => (
            <BlockButton
              key={keyOf(each)}
              view={view}
              placed={each}
              density={density}
              nowMs={nowMs}
              tips={tips.get(each.block.id)}
              isChosen={chosen === each.block.id}
              isFocusable={each.block.id === current}
              place={`transform:translate(${xOf(each.block.height)}px,${yOf(each.lane)}px)`}
              onChoose={() => onChoose(chosen === each.block.id ? undefined : each.block.id)}
              onFocus={() => setFocused(each.block.id)}
            />
          ))}
          <Markers {...{ view, tips, places, xOf, yOf }} width={size.width} />
        </div>
      </div>
      <TreeLegend />
    </section>
  );
}

/** The heights that are drawn: those in sight, and a few on both sides. */
function heightsInSight(
  { left, width }: Pick<TreeScroll, "left" | "width">,
  { lowest, view, column }: {
    readonly lowest: number;
    readonly view: NetworkView;
    readonly column: number;
  },
): readonly [from: number, to: number] {
  const first = Math.max(0, Math.floor(left / column) - MARGIN_COLUMNS);
  const last = Math.ceil((left + width) / column) + MARGIN_COLUMNS;
  return [lowest + first, Math.min(view.highestHeight, lowest + last)];
}
