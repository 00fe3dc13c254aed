/**
 * Live charts of the last minutes, drawn by uPlot.
 *
 * @module
 */
import { useRef } from "hono/jsx/dom";
import uPlot from "uplot";
import type { NetworkView, ViewSecond } from "../../page/network_view.ts";
import { momentText } from "../../page/format.ts";
import { browser, type PageElement } from "../../page/browser.ts";
import type { TextKey } from "../../page/texts/english.ts";
import { useEffect } from "../../page/use_effect.ts";
import { text } from "./common.tsx";
import { intervals, mean, stalePercents } from "./chart_values.ts";
import { nodeColour } from "./diagram.ts";
import { rivalsOf } from "./tree_layout.ts";

const SECONDS_SHOWN = 180;
const HEIGHT = 200;

interface Series {
  readonly label: string;
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

export function ChartsView({ view }: { readonly view: NetworkView }) {
  const seconds = view.seconds.slice(-SECONDS_SHOWN - 1, -1);
  if (seconds.length < 3) return <p class="hint empty">{text("chart.empty")}</p>;
  const first = (seconds[0] as ViewSecond).second;
  const last = (seconds[seconds.length - 1] as ViewSecond).second;
  const bySecond = new Map(seconds.map((second) => [second.second, second]));
  const times = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const at = times.map((second) => bySecond.get(second));
  const one = (label: TextKey, values: readonly (number | null)[]): Series => ({
    label: text(label),
    colour: cssColour("--accent"),
    values,
  });

  const charts: readonly { readonly title: TextKey; readonly series: readonly Series[] }[] = [
    {
      title: "chart.throughput",
      series: [one("tile.throughput", mean(at.map((second) => second?.confirmed ?? 0), 5))],
    },
    { title: "chart.interval", series: [one("tile.interval", intervals(at))] },
    { title: "chart.stale", series: [one("tile.stale", stalePercents(at, rivalsOf(view)))] },
    {
      title: "chart.pool",
      series: [one("tile.waiting", at.map((second) => second?.pool ?? null))],
    },
    {
      title: "chart.hashrate",
      series: view.nodes.map((_, node) => ({
        label: text("node", { n: node }),
        colour: nodeColour(node),
        values: at.map((second) => {
          const rate = second?.hashRates[node];
          return rate === undefined || rate === null ? null : rate / 1000;
        }),
      })),
    },
    {
      title: "chart.spread",
      series: [
        one(
          "chart.spread.label",
          at.map((second) =>
            second === undefined || second.spreadCount === 0
              ? null
              : second.spreadSum / second.spreadCount
          ),
        ),
      ],
    },
  ];
  return (
    <div class="charts">
      {charts.map(({ title, series }) => (
        <section key={title} class="panel" aria-labelledby={`${title}-title`}>
          <header>
            <h2 id={`${title}-title`}>{text(title)}</h2>
            <span class="hint">{latestText(series)}</span>
          </header>
          <Chart times={times} series={series} />
        </section>
      ))}
    </div>
  );
}

function Chart({ times, series }: {
  readonly times: readonly number[];
  readonly series: readonly Series[];
}) {
  const place = useRef<PageElement | null>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [times, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const axis = { stroke: cssColour("--quiet"), grid: { stroke: cssColour("--line"), width: 1 } };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: series.length > 1, live: false },
        cursor: { y: false },
        scales: {
          x: { time: false },
          y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
        },
        axes: [
          {
            ...axis,
            label: text("chart.time"),
            labelSize: 20,
            labelFont: "12px system-ui",
            values: (_, ticks) => ticks.map((tick) => momentText(1000 * tick).replace(/\.0$/, "")),
          },
          { ...axis, size: 64 },
        ],
        series: [
          { label: "s" },
          ...series.map(({ label, colour }) => ({
            label,
            stroke: colour,
            width: 1.8,
            spanGaps: true,
            points: { show: false },
          })),
        ],
      },
      data,
      element as never,
    );
    plot.current = made;
    const resize = () => made.setSize({ width: element.clientWidth, height: HEIGHT });
    browser.addEventListener("resize", resize);
    return () => {
      browser.removeEventListener("resize", resize);
      made.destroy();
      plot.current = null;
    };
  }, [series.length]);
  useEffect(() => plot.current?.setData(data));
  return <div class="chart" ref={place as never} />;
}

/** The last value of each line, in words: for those who cannot see the chart. */
function latestText(series: readonly Series[]): string {
  return series.slice(0, 8).map(({ label, values }) => {
    const value = values.findLast((each) => each !== null);
    if (value === undefined || value === null) return "";
    const shown = value >= 100 ? value.toFixed(0) : Number(value.toFixed(2));
    return series.length === 1 ? String(shown) : `${label}: ${shown}`;
  }).filter((each) => each !== "").join(" · ");
}

function cssColour(name: string): string {
  return browser.getComputedStyle(browser.document.documentElement).getPropertyValue(name).trim();
}
