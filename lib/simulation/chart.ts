/**
 * Plots of simulated results as SVG: points with error bars over lines of theory.
 *
 * The drawing libraries are loaded when the first plot is drawn and give the same SVG for the same rows.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";

/** A point that was measured, or one of a line that theory draws. */
export interface ChartRow {
  readonly x: number;
  readonly y: number;
  /** Half the width of the confidence interval. */
  readonly halfWidth?: number;
  readonly series: string;
  readonly kind: "simulated" | "theory";
  /** Whose theory it is, where there are several. */
  readonly theory?: string;
}

export interface ChartOptions {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly isXLogarithmic?: boolean;
  readonly isYLogarithmic?: boolean;
}

export async function drawChart(rows: readonly ChartRow[], options: ChartOptions): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import("vega-lite"), import("vega")]);
  // The drawing's ids count on from the last one's otherwise.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compile(specOf(rows, options)).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/^<svg[^>]*>/, (head) => head + DARK_STYLE);
}

/** Colours of series on white, and what they are on a dark page. */
const COLORS = [
  ["#0a7d5a", "#4cc79b"],
  ["#c8553d", "#f0806a"],
  ["#3d6cc8", "#7fa6f5"],
  ["#e3a018", "#f0c04a"],
  ["#8a8f98", "#b0b6bf"],
  ["#7a4fb5", "#b48ee8"],
] as const;

/** Where the reader prefers dark: a rule outweighs the colours that stand in the drawing itself. */
const DARK_STYLE = "<style>@media (prefers-color-scheme: dark) {" +
  " svg { background: #15181c; } svg > rect { fill: #15181c; } text { fill: #e6e9ed; }" +
  " .role-axis-grid line, .role-axis line { stroke: #3a424c; }" +
  COLORS.map(([light, dark]) =>
    ` [stroke="${light}"] { stroke: ${dark}; } [fill="${light}"] { fill: ${dark}; }`
  ).join("") + " }</style>";

function specOf(rows: readonly ChartRow[], options: ChartOptions): TopLevelSpec {
  const simulated = rows.filter(({ kind }) => kind === "simulated").map((row) => {
    const halfWidth = Number.isFinite(row.halfWidth) ? row.halfWidth ?? 0 : 0;
    return { ...row, low: Math.max(0, row.y - halfWidth), high: row.y + halfWidth };
  }).filter(({ low }) => options.isYLogarithmic !== true || low > 0);
  const theory = rows.filter(({ kind }) => kind === "theory");
  const scale = (isLogarithmic = false, zero = true) =>
    isLogarithmic
      ? { type: "log", nice: true } as const
      // Where zero is not the edge, the outermost points stand off it.
      : { type: "linear", nice: true, zero, ...(zero ? {} : { padding: 12 }) } as const;
  const x = {
    field: "x",
    type: "quantitative",
    title: options.xTitle,
    scale: scale(options.isXLogarithmic, false),
  } as const;
  const color = {
    field: "series",
    type: "nominal",
    title: null,
    scale: { range: COLORS.map(([light]) => light) },
  } as const;
  // The first that is named is drawn whole, the others are dashed.
  const names = [...new Set(theory.flatMap((row) => row.theory ?? []))];
  const isNamed = names.length > 0;
  const strokeDash = {
    field: "theory",
    type: "nominal",
    title: "theory",
    sort: null,
    scale: { domain: names, range: [[1, 0], [5, 4], [2, 2]] },
  } as const;
  const y = (field: string) =>
    ({
      field,
      type: "quantitative",
      title: options.yTitle,
      scale: scale(options.isYLogarithmic),
    }) as const;
  return {
    title: options.title,
    width: 560,
    height: 340,
    background: "white",
    layer: [
      {
        data: { values: theory as object[] as Record<string, unknown>[] },
        mark: { type: "line", clip: true },
        encoding: { x, y: y("y"), color, ...(isNamed ? { strokeDash } : {}) },
      },
      {
        data: { values: simulated as object[] as Record<string, unknown>[] },
        mark: { type: "rule", clip: true },
        encoding: { x, y: y("low"), y2: { field: "high" }, color },
      },
      {
        data: { values: simulated as object[] as Record<string, unknown>[] },
        mark: { type: "point", filled: true, size: 50, clip: true },
        encoding: { x, y: y("y"), color },
      },
    ],
  };
}
