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

/** Where the reader prefers dark: a rule outweighs the colours that stand in the drawing itself. */
const DARK_STYLE = "<style>@media (prefers-color-scheme: dark) {" +
  " svg { background: #15181c; } svg > rect[fill='white'], .background { fill: #15181c; stroke: none; }" +
  " text { fill: #e6e9ed; } .mark-rule.role-axis-grid line, .role-axis line { stroke: #3a424c; }" +
  " }</style>";

function specOf(rows: readonly ChartRow[], options: ChartOptions): TopLevelSpec {
  const simulated = rows.filter(({ kind }) => kind === "simulated").map((row) => {
    const halfWidth = Number.isFinite(row.halfWidth) ? row.halfWidth ?? 0 : 0;
    return { ...row, low: Math.max(0, row.y - halfWidth), high: row.y + halfWidth };
  }).filter(({ low }) => options.isYLogarithmic !== true || low > 0);
  const theory = rows.filter(({ kind }) => kind === "theory");
  const scale = (isLogarithmic = false, zero = true) =>
    isLogarithmic
      ? { type: "log", nice: true } as const
      : { type: "linear", nice: true, zero } as const;
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
    scale: { range: ["#0a7d5a", "#c8553d", "#3d6cc8", "#e3a018", "#8a8f98", "#7a4fb5"] },
  } as const;
  const isNamed = theory.some((row) => row.theory !== undefined);
  const strokeDash = { field: "theory", type: "nominal", title: "theory" } as const;
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
