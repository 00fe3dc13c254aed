/**
 * The time that each of the last blocks took, as bars: the newest on the left, as in the row of cards
 * above it.
 *
 * Drawn at the width that the page has, so that letters keep their size and few bars do not fill it.
 *
 * @module
 */
import { useRef, useState } from "hono/jsx/dom";
import type { BlockSummaryJson } from "../../wire/api_chain.ts";
import { useEffect } from "../../page/use_effect.ts";
import { type PageElement, window } from "./browser.ts";
import { secondsText } from "./format.ts";
import { text } from "./texts.ts";

const HEIGHT = 220;
const LEFT = 46;
const RIGHT = 8;
const TOP = 26;
const BOTTOM = 40;
const BAR_WIDTH_MAX = 30;
const BAR_STEP_MAX = 44;
/** Labels of heights stand no closer than this. */
const LABEL_STEP_MIN = 34;
const TWO_LABELS_WIDTH_MIN = 440;

export function IntervalChart({ blocks }: { readonly blocks: readonly BlockSummaryJson[] }) {
  const place = useRef<PageElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const measure = () => setWidth(place.current?.clientWidth ?? 0);
    measure();
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);

  const bars = blocks.slice(0, -1).map(({ height, timestampMs }, index) => ({
    height,
    ms: Math.max(0, timestampMs - (blocks[index + 1]?.timestampMs ?? 0)),
  })).filter(({ height }) => height > 1);
  return (
    <figure class="intervals" ref={place as never}>
      <h3>{text("intervals")}</h3>
      {bars.length === 0
        ? <p class="hint">{text("intervals.none")}</p>
        : width > 0 && <Bars bars={bars} width={width} />}
    </figure>
  );
}

function Bars(
  { bars, width }: {
    readonly bars: readonly { readonly height: number; readonly ms: number }[];
    readonly width: number;
  },
) {
  const meanMs = bars.reduce((sum, { ms }) => sum + ms, 0) / bars.length;
  const ticks = ticksUpTo(Math.max(...bars.map(({ ms }) => ms), 1) / 1000);
  const top = ticks[ticks.length - 1] as number;
  // Where there is no room for two labels side by side, the mean's stands below.
  const meanLabelY = width < TWO_LABELS_WIDTH_MIN ? 26 : 12;
  const plotTop = TOP + meanLabelY - 12;
  const plotHeight = HEIGHT - plotTop - BOTTOM;
  const y = (seconds: number) => plotTop + plotHeight * (1 - seconds / top);
  const step = Math.min(BAR_STEP_MAX, (width - LEFT - RIGHT) / bars.length);
  const barWidth = Math.min(BAR_WIDTH_MAX, 0.72 * step);
  const labelEvery = Math.max(1, Math.ceil(LABEL_STEP_MIN / step));
  const right = width - RIGHT;
  const mean = { n: bars.length, seconds: secondsText(meanMs) };
  return (
    <svg
      width={String(width)}
      height={String(HEIGHT)}
      role="img"
      aria-label={text("intervals.caption", mean)}
    >
      <text class="axis" x="0" y="12">{text("intervals.axis")}</text>
      {ticks.map((seconds) => (
        <g key={String(seconds)}>
          <line class="grid" x1={String(LEFT)} x2={String(right)} y1={y(seconds)} y2={y(seconds)} />
          <text class="axis end" x={String(LEFT - 6)} y={String(y(seconds) + 4)}>
            {String(Number(seconds.toPrecision(3)))}
          </text>
        </g>
      ))}
      {bars.map(({ height, ms }, index) => {
        const x = LEFT + step * index + (step - barWidth) / 2;
        const size = Math.max(1, plotHeight * ms / 1000 / top);
        return (
          <g key={String(height)}>
            <rect
              x={x.toFixed(1)}
              y={String(plotTop + plotHeight - size)}
              width={barWidth.toFixed(1)}
              height={String(size)}
              rx="1.5"
            >
              <title>{text("intervals.bar", { height, seconds: secondsText(ms) })}</title>
            </rect>
            {index % labelEvery === 0 && (
              <text class="axis middle" x={(x + barWidth / 2).toFixed(1)} y={HEIGHT - BOTTOM + 15}>
                {height}
              </text>
            )}
          </g>
        );
      })}
      <line
        class="mean"
        x1={String(LEFT)}
        x2={String(right)}
        y1={String(y(meanMs / 1000))}
        y2={String(y(meanMs / 1000))}
      />
      <text class="axis end mean" x={String(right)} y={String(meanLabelY)}>
        {text("intervals.mean", mean)}
      </text>
      <text class="axis" x={String(LEFT)} y={String(HEIGHT - 6)}>{text("intervals.height")}</text>
    </svg>
  );
}

/** Round values from 0 to at least so much, four or five of them. */
function ticksUpTo(max: number): readonly number[] {
  const rough = max / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((each) => each * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => index * step);
}
