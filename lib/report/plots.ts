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
  STAGE_NAMES,
} from "./plot_data.ts";

/** A drawn plot. */
export interface Plot {
  /** Its file name without the ending. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
}

type PlotDefinition = Omit<Plot, "svg"> & { readonly spec: TopLevelSpec };
type Rows = readonly object[];

const COLORS = ["#0a7d5a", "#8a8f98", "#c8553d", "#e3a018"];
const DECADES = [0.001, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6];
/** How wide a plot is, axes included: as wide as the report's page. */
const PLOT_WIDTH = 1040;
/** What of that is not panels: axes and titles; and the gap between two panels. */
const MARGIN_WIDTH = 130;
const PANEL_GAP = 22;
const FONT = "system-ui, sans-serif";

/** Draws every plot for which there are rows. */
export async function drawPlots(results: Results): Promise<readonly Plot[]> {
  const [{ compile }, vega] = await Promise.all([import("vega-lite"), import("vega")]);
  const plots: Plot[] = [];
  for (const { spec, ...definition } of definePlots(results)) {
    const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
    plots.push({ ...definition, svg: await view.toSVG() });
    view.finalize();
  }
  return plots;
}

function definePlots(results: Results): readonly PlotDefinition[] {
  const throughput = comparisonRows(results, "txPerSecond");
  const blockTime = comparisonRows(results, "blockTimeMs");
  const definitions: readonly (PlotDefinition & { readonly rows: Rows })[] = [
    {
      name: "throughput-by-capacity",
      title: "Throughput by capacity and difficulty",
      caption:
        "Confirmed transactions a second of the whole network. Theory: the most that proof " +
        "of work allows at the measured hash rate, capacity · H / 16^d.",
      rows: throughput,
      spec: byCapacity(throughput, "tx/s"),
    },
    {
      name: "block-time-by-capacity",
      title: "Block time by capacity and difficulty",
      caption: "Mean interval between main-chain blocks at one observing node. Theory: 16^d / H.",
      rows: blockTime,
      spec: byCapacity(blockTime, "block time, ms"),
    },
    {
      name: "throughput-by-nodes",
      title: "Throughput by number of nodes",
      caption: "The same figures, by the size of the network.",
      rows: throughput,
      spec: byNodes(throughput, "tx/s"),
    },
    {
      name: "block-time-by-nodes",
      title: "Block time by number of nodes",
      caption: "The same figures, by the size of the network.",
      rows: blockTime,
      spec: byNodes(blockTime, "block time, ms"),
    },
    latencyPlot(results),
    forkPlot(results),
    efficiencyPlot(results),
  ];
  return definitions.filter(({ rows }) => rows.length > 0)
    .map(({ rows: _rows, ...definition }) => definition);
}

/** Capacity along x; a column for each difficulty, a row for each number of nodes. */
function byCapacity(rows: Rows, title: string): TopLevelSpec {
  return chart(rows, {
    facet: { column: facetField("difficulty"), row: facetField("nodes", "nodeOrder") },
    spec: {
      width: panelWidth(rows, "difficulty"),
      height: 210,
      layer: comparisonLayers(
        rows,
        { field: "capacity", type: "ordinal", title: "capacity" },
        title,
      ),
    },
  });
}

/** Number of nodes along x; a column for each capacity, a row for each difficulty. */
function byNodes(rows: Rows, title: string): TopLevelSpec {
  const labelled = rows.map((row) => ({
    ...row,
    capacityLabel: `capacity ${(row as { capacity: number }).capacity}`,
    nodeCount: Number.parseInt((row as { nodes: string }).nodes),
  }));
  return chart(labelled, {
    facet: {
      column: facetField("capacityLabel", "capacity"),
      row: facetField("difficulty"),
    },
    spec: {
      width: panelWidth(rows, "capacity"),
      height: 210,
      layer: comparisonLayers(
        rows,
        { field: "nodeCount", type: "ordinal", title: "nodes" },
        title,
      ),
    },
  });
}

/** How wide one of the panels is that stand side by side, one for each value of a field. */
function panelWidth(rows: Rows, field: string): number {
  const columns =
    new Set(rows.map((row) => (row as Readonly<Record<string, unknown>>)[field])).size;
  const width = PLOT_WIDTH - MARGIN_WIDTH - PANEL_GAP * (columns - 1);
  return Math.max(110, Math.floor(width / Math.max(1, columns)));
}

/** The colours of the sources that there are points of, each source's own. */
function sourceScale(rows: Rows) {
  const isShown = (source: string) =>
    rows.some((row) => (row as { series: string }).series === source);
  return {
    domain: SOURCES.filter(isShown),
    range: COLORS.filter((_, index) => isShown(SOURCES[index] as string)),
  };
}

function comparisonLayers(rows: Rows, x: object, title: string) {
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
    scale: sourceScale(rows),
    legend: { title: null, orient: "top", symbolStrokeWidth: 2 },
  };
  const dash = {
    condition: { test: "datum.series === 'theory'", value: [4, 3] },
    value: [1, 0],
  };
  return [
    { mark: { type: "line", strokeWidth: 1.6 }, encoding: { x, y, color, strokeDash: dash } },
    {
      transform: [{ filter: "datum.series !== 'theory'" }],
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

function latencyPlot(results: Results): PlotDefinition & { readonly rows: Rows } {
  const rows = latencyRows(results).map((row) => ({
    ...row,
    cell: `${row.nodes}, ${row.difficulty}`,
    cellOrder: Number.parseInt(row.nodes) * 1000 + Number(row.difficulty.split(" ")[1]),
    capacityLabel: `capacity ${row.capacity}`,
  }));
  return {
    name: "latency",
    title: "Latency of a payment by stage",
    caption:
      "From the submit until the answer, until the last node has it, until the first block " +
      "holds it, and until the last node has that block. Logarithmic.",
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
              sort: STAGE_NAMES,
              title: null,
              axis: { labelAngle: -25 },
            },
            y: {
              field: "value",
              type: "quantitative",
              scale: { type: "symlog" },
              title: "ms",
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

function forkPlot(results: Results): PlotDefinition & { readonly rows: Rows } {
  const rows = forkRows(results);
  return {
    name: "forks",
    title: "Stale blocks: wasted work",
    caption:
      "Blocks that were found but are not on the main chain, as a share of all. Theory: the " +
      "bound 1 - exp(-s / t) from the mean time s that a block takes to the last node and the mean " +
      "time t to find one.",
    rows,
    spec: shareChart(rows, "share of blocks found"),
  };
}

function efficiencyPlot(results: Results): PlotDefinition & { readonly rows: Rows } {
  const rows = efficiencyRows(results);
  return {
    name: "efficiency",
    title: "Efficiency",
    caption: "Measured throughput as a share of the ideal one, capacity · H / 16^d.",
    rows,
    spec: shareChart(rows, "measured / ideal"),
  };
}

function shareChart(rows: Rows, title: string): TopLevelSpec {
  const x = { field: "capacity", type: "ordinal", title: "capacity" };
  const color = {
    field: "series",
    type: "nominal",
    scale: sourceScale(rows),
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
    facet: { column: facetField("difficulty"), row: facetField("nodes", "nodeOrder") },
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
  const values = rows.map((row) => ({
    ...row,
    nodeOrder: Number.parseInt((row as { nodes: string }).nodes),
  }));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    padding: 12,
    data: { values },
    config: {
      font: FONT,
      axis: { labelAngle: 0, gridColor: "#e6e8eb", domainColor: "#9aa0a8", tickColor: "#9aa0a8" },
      view: { stroke: "#d5d8dc" },
    },
    ...body,
  } as unknown as TopLevelSpec;
}
