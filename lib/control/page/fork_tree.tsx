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
import { useEffect, useLayoutEffect, useRef, useState } from "hono/jsx/dom";
import type { NetworkView, ViewBlock } from "../../page/network_view.ts";
import { blocksAt, parentOf, tipsOf } from "../../page/network_view.ts";
import { browser, document, type PageElement } from "../../page/browser.ts";
import { text } from "./common.tsx";
import { BlockButton, type Density, Edges, Markers, SIZES } from "./fork_tree_parts.tsx";
import { isHasty, layoutTree, nextFork, type PlacedBlock } from "./tree_layout.ts";

const TOP = 26;
/** Columns that are drawn beyond both edges. */
const MARGIN_COLUMNS = 2;
/** A browser's element is not wider than some 30 million pixels. */
const COLUMNS_MAX = 250_000;

export function ForkTree({ view, nowMs, chosen, onChoose, onMissing }: {
  readonly view: NetworkView;
  readonly nowMs: number;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  /** Of a network that runs: these heights are looked at and may not be in the picture yet. */
  readonly onMissing: ((view: NetworkView, from: number, to: number) => void) | undefined;
}) {
  const scroller = useRef<PageElement | null>(null);
  /** Where the page put the scroller last: anywhere else is where the reader went. */
  const followedTo = useRef(0);
  const [scrolledTo, setScrollLeft] = useState(0);
  const [width, setWidth] = useState(1200);
  const [isFollowing, setFollowing] = useState(true);
  const [density, setDensity] = useState<Density>("cards");
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const size = SIZES[density];

  // Blocks that are not here yet are asked for when they come into sight; a recording has no others.
  const lowest = onMissing === undefined
    ? view.lowestHeight
    : Math.max(0, view.highestHeight - COLUMNS_MAX);
  const columns = view.highestHeight - lowest + 1;
  const fullWidth = Math.max(columns * size.column + 40, width);
  // Told, not asked: to ask the page would make it lay itself out once more.
  const scrollLeft = isFollowing ? fullWidth - width : scrolledTo;

  useEffect(() => {
    const resize = () => setWidth(scroller.current?.clientWidth ?? 1200);
    resize();
    browser.addEventListener("resize", resize);
    return () => browser.removeEventListener("resize", resize);
  }, []);
  useLayoutEffect(() => {
    const place = scroller.current;
    if (place === null || !isFollowing) return;
    place.scrollLeft = fullWidth;
    followedTo.current = place.scrollLeft;
  }, [fullWidth, isFollowing, width]);

  const [shownFrom, shownTo] = shownHeights();
  useEffect(() => onMissing?.(view, shownFrom, shownTo), [view, shownFrom, shownTo]);

  if (view.best === undefined) {
    return <p class="hint empty">{text("forks.empty")}</p>;
  }

  const [from, to] = [shownFrom, shownTo];
  const { placed, laneCount } = layoutTree(view, from, to);
  const places = new Map(placed.map((each) => [each.block.id, each]));
  const tips = tipsOf(view);
  const hasty = isFollowing && isHasty(view);
  const bodyHeight = TOP + laneCount * size.lane + 8;
  const xOf = (height: number) => 12 + (height - lowest) * size.column;
  const yOf = (lane: number) => TOP + lane * size.lane;
  const current = focused !== undefined && places.has(focused) ? focused : view.best;

  /** The block's own element, or that of whichever stood in its place before; the focus stays. */
  function keyOf({ block, lane }: PlacedBlock): string {
    return !hasty || block.id === focused ? block.id : `${block.height - from}/${lane}`;
  }

  function shownHeights(): readonly [from: number, to: number] {
    const first = Math.max(0, Math.floor(scrollLeft / size.column) - MARGIN_COLUMNS);
    const last = Math.ceil((scrollLeft + width) / size.column) + MARGIN_COLUMNS;
    return [lowest + first, Math.min(view.highestHeight, lowest + last)];
  }

  function scrollTo(height: number): void {
    const place = scroller.current;
    if (place === null) return;
    leaveOrFollow(height >= view.highestHeight);
    place.scrollLeft = Math.max(0, xOf(height) - width / 2);
    setScrollLeft(place.scrollLeft);
  }

  /** Follows the end, or stays where the page stands now. */
  function leaveOrFollow(follows: boolean): void {
    if (isFollowing) setScrollLeft(scrollLeft);
    setFollowing(follows);
  }

  function onScroll(): void {
    const place = scroller.current;
    if (place === null) return;
    const left = place.scrollLeft;
    if (isFollowing && Math.abs(left - (followedTo.current ?? 0)) <= size.column) return;
    setFollowing(false);
    setScrollLeft(left);
  }

  /** Moves the focus from block to block. */
  function onKeyDown(event: { readonly key: string; preventDefault(): void }): void {
    const block = view.blocks.get(current ?? "");
    if (block === undefined) return;
    const next = neighbourOf(view, block, event.key);
    if (event.key === "Escape") return onChoose(undefined);
    if (next === undefined) return;
    event.preventDefault();
    leaveOrFollow(next.id === view.best);
    setFocused(next.id);
    const x = xOf(next.height);
    const place = scroller.current;
    if (place !== null && (x < place.scrollLeft || x + size.column > place.scrollLeft + width)) {
      place.scrollLeft = Math.max(0, x - width / 2);
      setScrollLeft(place.scrollLeft);
    }
    setTimeout(
      () => document.getElementById(`block-${next.id}`)?.focus({ preventScroll: true }),
      0,
    );
  }

  function jump(step: 1 | -1): void {
    const middle = lowest + Math.floor((scrollLeft + width / 2) / size.column);
    const height = nextFork(view, Math.min(middle, view.highestHeight + 1), step);
    if (height !== undefined) scrollTo(height);
  }

  return (
    <section class="panel forks" aria-labelledby="forks-title">
      <header>
        <h2 id="forks-title">{text("forks.title")}</h2>
        <span class="hint no-print">
          {text("forks.range", { from: Math.max(from, lowest), to })}
        </span>
        <div class="end">
          <button type="button" onClick={() => jump(-1)}>{text("forks.previousFork")}</button>
          <button type="button" onClick={() => jump(1)}>{text("forks.nextFork")}</button>
          <button type="button" onClick={() => scrollTo(lowest)}>{text("forks.genesis")}</button>
          <button
            type="button"
            aria-pressed={String(density === "dots")}
            onClick={() => setDensity(density === "dots" ? "cards" : "dots")}
          >
            {text("forks.dense")}
          </button>
          <button
            type="button"
            aria-pressed={String(isFollowing)}
            onClick={() => leaveOrFollow(!isFollowing)}
          >
            {text("forks.follow")}
          </button>
        </div>
      </header>
      <p class="visually-hidden" id="forks-how">{text("forks.description")}</p>
      <div
        class={`tree ${density}${isFollowing ? " following" : ""}${hasty ? " hasty" : ""}`}
        ref={scroller as never}
        onScroll={onScroll}
        onKeyDown={onKeyDown as never}
        role="group"
        aria-labelledby="forks-title"
        aria-describedby="forks-how"
      >
        <div class="tree-body" style={`width:${fullWidth}px;height:${bodyHeight}px`}>
          <Edges
            placed={placed}
            keyOf={keyOf}
            xOf={xOf}
            yOf={yOf}
            size={size}
            from={from}
            to={to}
          />
          <ol class="heights" aria-hidden="true">
            {heightLabels(from, to, size.column).map((height) => (
              <li
                key={String(hasty ? height - from : height)}
                style={`transform:translate(${xOf(height)}px,0)`}
              >
                {height}
              </li>
            ))}
          </ol>
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
          <Markers
            view={view}
            tips={tips}
            places={places}
            xOf={xOf}
            yOf={yOf}
            width={size.width}
          />
        </div>
      </div>
      <ul class="legend small quiet">
        <li>
          <i class="swatch main" /> {text("forks.legend.main")}
        </li>
        <li>
          <i class="swatch stale" /> {text("forks.legend.stale")}
        </li>
        <li>
          <i class="marker sample">0</i> {text("forks.legend.tip")}
        </li>
      </ul>
    </section>
  );
}

function neighbourOf(view: NetworkView, block: ViewBlock, key: string): ViewBlock | undefined {
  const beside = blocksAt(view, block.height);
  const index = beside.findIndex(({ id }) => id === block.id);
  switch (key) {
    case "ArrowLeft":
      return parentOf(view, block);
    case "ArrowRight": {
      const children = block.children.map((id) => view.blocks.get(id))
        .filter((child) => child !== undefined);
      return children.find(({ isMain }) => isMain) ?? children[0];
    }
    case "ArrowUp":
      return beside[index - 1];
    case "ArrowDown":
      return beside[index + 1];
    case "Home":
      return blocksAt(view, view.lowestHeight)[0];
    case "End":
      return view.best === undefined ? undefined : view.blocks.get(view.best);
    default:
      return undefined;
  }
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
