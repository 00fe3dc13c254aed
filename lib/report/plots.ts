/**
 * Draws the report's plots as SVG: the four graphs of the reference, latency, forks, efficiency.
 *
 * The drawing libraries are loaded when the first plot is drawn; they need no browser and give the same
 * SVG for the same rows.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../measure/summary.ts";
import {
  comparisonRows,
  efficiencyRows,
  forkRows,
  latencyRows,
  SOURCES,
  stageNames,
} from "./plot_data.ts";
import type { PlotRow } from "./plot_data.ts";
import { type ReportTexts, reportTexts } from "./texts.ts";

/** A drawn plot. */
export interface Plot {
  /** Its file name without the ending. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
}

type PlotName =
  | "throughput-by-capacity"
  | "block-time-by-capacity"
  | "throughput-by-nodes"
  | "block-time-by-nodes"
  | "latency"
  | "forks"
  | "efficiency";
interface PlotDefinition {
  readonly name: PlotName;
  readonly rows: Rows;
  readonly spec: TopLevelSpec;
}
type Rows = readonly PlotRow[];

const COLORS = ["#0a7d5a", "#8a8f98", "#c8553d", "#e3a018"];
const DECADES = [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6];
/** How wide a plot is, axes included: as wide as the report's page. */
const PLOT_WIDTH = 1040;
/** What of that is not panels: axes and titles; and the gap between two panels. */
const MARGIN_WIDTH = 130;
const PANEL_GAP = 22;
const FONT = "system-ui, sans-serif";

/** Draws every plot for which there are rows. */
export async function drawPlots(
  results: Results,
  text: ReportTexts = reportTexts("en"),
): Promise<readonly Plot[]> {
  const [{ compile }, vega] = await Promise.all([import("vega-lite"), import("vega")]);
  const plots: Plot[] = [];
  for (const { name, spec } of definePlots(results, text)) {
    const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
    plots.push({
      name,
      title: text(`plot.${name}`),
      caption: text(`caption.${name}`),
      svg: await view.toSVG(),
    });
    view.finalize();
  }
  return plots;
}

function definePlots(results: Results, text: ReportTexts): readonly PlotDefinition[] {
  const throughput = comparisonRows(results, "txPerSecond", text);
  const blockTime = comparisonRows(results, "blockTimeMs", text);
  const [tps, ms] = [text("axis.txPerSecond"), text("axis.blockTimeMs")];
  const forks = forkRows(results, text);
  const efficiency = efficiencyRows(results, text);
  const definitions: readonly PlotDefinition[] = [
    {
      name: "throughput-by-capacity",
      rows: throughput,
      spec: byCapacity(throughput, tps, text),
    },
    { name: "block-time-by-capacity", rows: blockTime, spec: byCapacity(blockTime, ms, text) },
    { name: "throughput-by-nodes", rows: throughput, spec: byNodes(throughput, tps, text) },
    { name: "block-time-by-nodes", rows: blockTime, spec: byNodes(blockTime, ms, text) },
    latencyPlot(results, text),
    { name: "forks", rows: forks, spec: shareChart(forks, text("axis.staleShare"), text) },
    {
      name: "efficiency",
      rows: efficiency,
      spec: shareChart(efficiency, text("axis.efficiency"), text),
    },
  ];
  return definitions.filter(({ rows }) => rows.length > 0);
}

/** Capacity along x; a column for each difficulty, a row for each number of nodes. */
function byCapacity(rows: Rows, title: string, text: ReportTexts): TopLevelSpec {
  return chart(rows, {
    facet: {
      column: facetField("difficulty", "difficultyZeros"),
      row: facetField("nodes", "nodeCount"),
    },
    spec: {
      width: panelWidth(rows, "difficulty"),
      height: 210,
      layer: comparisonLayers(
        rows,
        { field: "capacity", type: "ordinal", title: text("axis.capacity") },
        title,
        text,
      ),
    },
  });
}

/** Number of nodes along x; a column for each capacity, a row for each difficulty. */
function byNodes(rows: Rows, title: string, text: ReportTexts): TopLevelSpec {
  const labelled = rows.map((row) => ({
    ...row,
    capacityLabel: text("slice.capacity", { value: row.capacity }),
  }));
  return chart(labelled, {
    facet: {
      column: facetField("capacityLabel", "capacity"),
      row: facetField("difficulty", "difficultyZeros"),
    },
    spec: {
      width: panelWidth(rows, "capacity"),
      height: 210,
      layer: comparisonLayers(
        rows,
        { field: "nodeCount", type: "ordinal", title: text("axis.nodes") },
        title,
        text,
      ),
    },
  });
}

/** How wide one of the panels is that stand side by side, one for each value of a field. */
function panelWidth(rows: Rows, field: "difficulty" | "capacity"): number {
  const columns = new Set(rows.map((row) => row[field])).size;
  const width = PLOT_WIDTH - MARGIN_WIDTH - PANEL_GAP * (columns - 1);
  return Math.max(110, Math.floor(width / Math.max(1, columns)));
}

/** The colours of the sources that there are points of, each source's own. */
function sourceScale(rows: Rows, text: ReportTexts) {
  const shown = SOURCES.map((source, index) => ({
    name: text(`source.${source}`),
    color: COLORS[index],
  })).filter(({ name }) => rows.some(({ series }) => series === name));
  return { domain: shown.map(({ name }) => name), range: shown.map(({ color }) => color) };
}

function comparisonLayers(rows: Rows, x: object, title: string, text: ReportTexts) {
  const y = {
    field: "value",
    type: "quantitative",
    scale: { type: "log" },
    axis: { values: DECADES, format: "~g" },
    title,
  };
  const color = {
    field: "series",
    type: "nominal",
    scale: sourceScale(rows, text),
    legend: { title: null, orient: "top", symbolStrokeWidth: 2 },
  };
  const theory = JSON.stringify(text("source.theory"));
  const dash = {
    condition: { test: `datum.series === ${theory}`, value: [4, 3] },
    value: [1, 0],
  };
  return [
    { mark: { type: "line", strokeWidth: 1.6 }, encoding: { x, y, color, strokeDash: dash } },
    {
      transform: [{ filter: `datum.series !== ${theory}` }],
      mark: { type: "point", filled: true, size: 42, opacity: 1 },
      encoding: { x, y, color },
    },
    intervalLayer(x, title, color),
  ];
}

function intervalLayer(x: object, title: string, color: object) {
  return {
    transform: [{ filter: "isValid(datum.low)" }],
    mark: { type: "errorbar", ticks: { size: 7 }, thickness: 1.6 },
    encoding: {
      x,
      y: { field: "low", type: "quantitative", title },
      y2: { field: "high" },
      color,
    },
  };
}

function latencyPlot(results: Results, text: ReportTexts): PlotDefinition {
  const rows = latencyRows(results, text).map((row) => ({
    ...row,
    cell: `${row.nodes}, ${row.difficulty}`,
    cellOrder: row.nodeCount * 1000 + row.difficultyZeros,
    capacityLabel: text("slice.capacity", { value: row.capacity }),
  }));
  return {
    name: "latency",
    rows,
    spec: chart(rows, {
      facet: {
        column: facetField("capacityLabel", "capacity"),
        row: facetField("cell", "cellOrder"),
      },
      spec: {
        width: panelWidth(rows, "capacity"),
        height: 190,
        layer: [{
          mark: { type: "line", point: { size: 36 }, strokeWidth: 1.4 },
          encoding: {
            x: {
              field: "stage",
              type: "ordinal",
              sort: stageNames(text),
              title: null,
              axis: { labelAngle: -25 },
            },
            y: {
              field: "value",
              type: "quantitative",
              scale: { type: "symlog" },
              title: text("axis.latency"),
              axis: { values: [0, 1, 10, 100, 1000, 10_000, 100_000] },
            },
            color: {
              field: "series",
              type: "nominal",
              scale: { domain: ["p50", "p95", "p99"], range: ["#0a7d5a", "#e3a018", "#c8553d"] },
              legend: { title: null, orient: "top" },
            },
          },
        }],
      },
    }),
  };
}

function shareChart(rows: Rows, title: string, text: ReportTexts): TopLevelSpec {
  const x = { field: "capacity", type: "ordinal", title: text("axis.capacity") };
  const color = {
    field: "series",
    type: "nominal",
    scale: sourceScale(rows, text),
    legend: { title: null, orient: "top" },
  };
  const y = {
    field: "value",
    type: "quantitative",
    axis: { format: "~%" },
    scale: { domainMin: 0 },
    title,
  };
  return chart(rows, {
    facet: {
      column: facetField("difficulty", "difficultyZeros"),
      row: facetField("nodes", "nodeCount"),
    },
    spec: {
      width: panelWidth(rows, "difficulty"),
      height: 190,
      layer: [
        { mark: { type: "line", point: { size: 42 } }, encoding: { x, y, color } },
        intervalLayer(x, title, color),
      ],
    },
  });
}

/** Panels by the values of a field, in the order of another one. */
function facetField(field: string, orderedBy = field) {
  return {
    field,
    type: "nominal",
    title: null,
    ...(orderedBy === field ? {} : { sort: { field: orderedBy, op: "min" } }),
    header: { labelFontSize: 12, labelFontWeight: "bold" },
  };
}

function chart(rows: Rows, body: object): TopLevelSpec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    padding: 12,
    data: { values: rows },
    config: {
      font: FONT,
      axis: { labelAngle: 0, gridColor: "#e6e8eb", domainColor: "#9aa0a8", tickColor: "#9aa0a8" },
      view: { stroke: "#d5d8dc" },
    },
    ...body,
  } as unknown as TopLevelSpec;
}
