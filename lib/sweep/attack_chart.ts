/**
 * An attack's plot: points with their 95 % intervals over the lines that theory draws.
 *
 * @module
 */
import type { AttackCell, AxisName } from "../attack/attack.ts";
import { attackOf } from "../attack/attack_table.ts";
import { type ChartRow, drawChart } from "../simulation/chart.ts";
import type { AttackChoice } from "./attack_sweep.ts";
import { type AttackPoint, axesOf, meansOf } from "./attack_results.ts";

/** Points of a line of theory between two ends. */
const LINE_POINTS = 60;

const AXIS_TITLES: Readonly<Record<AxisName, string>> = {
  variant: "variant",
  share: "attacker's share of the hash power",
  gamma: "γ, the share of honest power that follows the attacker in a race",
  confirmations: "confirmations that the merchant waits for",
  depth: "depth, blocks",
  victim: "victim's share of the hash power",
};

/** SVG, the same for the same points. */
export async function drawAttack(
  choice: AttackChoice,
  points: readonly AttackPoint[],
): Promise<string> {
  const attack = attackOf(choice.attack);
  const axis = axisOf(points.map(({ cell }) => cell));
  const title = attack?.figure.title ?? "";
  return await drawChart([...simulated(points, axis), ...theoretical(choice, points, axis)], {
    title: `${choice.attack}: ${title}`,
    xTitle: AXIS_TITLES[axis],
    yTitle: title,
  });
}

/** What goes along x: the share, unless something else varies more. */
function axisOf(cells: readonly AttackCell[]): AxisName {
  const count = (name: AxisName) => new Set(cells.map((cell) => cell[name])).size;
  const names: AxisName[] = ["share", "confirmations", "depth", "gamma", "victim"];
  return names.reduce((best, name) => count(name) > count(best) ? name : best);
}

function simulated(points: readonly AttackPoint[], axis: AxisName): ChartRow[] {
  return points.map(({ cell, estimate: { mean, halfWidth } }) => ({
    x: Number(cell[axis]),
    y: mean,
    halfWidth,
    series: seriesOf(cell, points, axis),
    kind: "simulated",
  }));
}

function theoretical(
  choice: AttackChoice,
  points: readonly AttackPoint[],
  axis: AxisName,
): ChartRow[] {
  const attack = attackOf(choice.attack);
  const rows: ChartRow[] = [];
  for (const group of groupsOf(points, axis)) {
    const [first] = group;
    if (first === undefined || choice.strategySha256 !== null) continue;
    const measured = meansOf(first.runs);
    for (
      const x of attack?.isTheoryDear === true
        ? group.map(({ cell }) => Number(cell[axis]))
        : gridOf(group, axis)
    ) {
      const theory = attack?.theory({ ...first.cell, [axis]: x }, choice.setting, measured) ?? [];
      for (const { name, value } of theory) {
        rows.push({
          x,
          y: value,
          series: seriesOf(first.cell, points, axis),
          kind: "theory",
          theory: name,
        });
      }
    }
  }
  return rows;
}

/** Values along x that a line is drawn through: the points' own, and for shares many between. */
function gridOf(group: readonly AttackPoint[], axis: AxisName): number[] {
  const values = group.map(({ cell }) => Number(cell[axis]));
  if (axis === "confirmations" || axis === "depth") return values;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const between = Array.from(
    { length: LINE_POINTS - 1 },
    (_, index) => low + (high - low) * (index + 1) / LINE_POINTS,
  );
  return [...new Set([...values, ...between])].sort((a, b) => a - b);
}

function groupsOf(points: readonly AttackPoint[], axis: AxisName): AttackPoint[][] {
  return [...Map.groupBy(points, ({ cell }) => seriesOf(cell, points, axis)).values()];
}

/** The other axes of which there are several values, in words. */
function seriesOf(cell: AttackCell, points: readonly AttackPoint[], axis: AxisName): string {
  const names = Object.entries(axesOf(cell)).filter(([name]) =>
    name !== axis && new Set(points.map((point) => point.cell[name as AxisName])).size > 1
  );
  const words = names.map(([name, value]) => `${name === "gamma" ? "γ" : name} ${value}`);
  return words.join(", ") || "simulated";
}
