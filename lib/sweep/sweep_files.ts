/**
 * What a sweep's folder shows of its parts: tables as CSV and Parquet, figures as JSON, plots as SVG.
 *
 * Everything follows from the plan and the parts: no time, no machine, no order of arrival. So shards
 * that are merged give the same bytes as one run.
 *
 * @module
 */
import { join } from "node:path";
import { parquetOfTable } from "../table/parquet.ts";
import { type Cell, csvOfTable, tableOfRows } from "../table/table.ts";
import { drawAttack } from "./attack_chart.ts";
import { attackPoints, pointRows, runRows, verdictOf } from "./attack_results.ts";
import { fuzzRows } from "./fuzz_results.ts";
import { drawNetworks, networkPointRows, networkRunRows } from "./network_results.ts";
import type { Parts, SweepRecord } from "./sweep_folder.ts";
import { keysOf } from "./sweep_kinds.ts";
import {
  drawVariants,
  variantPointRows,
  variantPoints,
  variantRunRows,
  variantVerdict,
} from "./variant_results.ts";

type Rows = readonly Readonly<Record<string, Cell>>[];

/** The figures of a sweep, as `--json` prints them and `figures.json` holds them. */
export interface SweepFigures {
  readonly kind: string;
  readonly program: string;
  readonly planHash: string;
  readonly doneParts: number;
  readonly totalParts: number;
  readonly verdict: string | null;
  readonly points: Rows;
}

interface Rendered {
  readonly figures: SweepFigures;
  readonly runs: Rows;
  readonly plots: Readonly<Record<string, string>>;
}

export function sweepFigures(record: SweepRecord, parts: Parts): SweepFigures {
  const { plan, program, planHash } = record;
  const totalParts = keysOf(plan).length;
  const head = { kind: plan.kind, program, planHash, doneParts: parts.size, totalParts };
  switch (plan.kind) {
    case "attack": {
      const points = attackPoints(plan.choice, parts);
      return { ...head, verdict: verdictOf(points), points: pointRows(plan.choice, points) };
    }
    case "network":
      return { ...head, verdict: null, points: networkPointRows(plan.choice, parts) };
    case "variants":
      return {
        ...head,
        verdict: variantVerdict(variantPoints(plan.choice, parts)),
        points: variantPointRows(plan.choice, parts),
      };
    case "fuzz":
      return { ...head, verdict: null, points: fuzzRows(plan.choice, parts) };
  }
}

/** Writes everything that follows from the parts. */
export async function writeSweepFiles(
  folder: string,
  record: SweepRecord,
  parts: Parts,
): Promise<void> {
  const { figures, runs, plots } = await render(record, parts);
  const write = (name: string, text: string) => Deno.writeTextFileSync(join(folder, name), text);
  write("figures.json", JSON.stringify(figures, null, 2) + "\n");
  for (const [name, rows] of [["figures", figures.points], ["runs", runs]] as const) {
    if (rows.length === 0) continue;
    const table = tableOfRows(rows);
    write(`${name}.csv`, csvOfTable(table));
    Deno.writeFileSync(join(folder, `${name}.parquet`), await parquetOfTable(table));
  }
  for (const [name, svg] of Object.entries(plots)) write(`${name}.svg`, svg + "\n");
}

async function render(record: SweepRecord, parts: Parts): Promise<Rendered> {
  const figures = sweepFigures(record, parts);
  const { plan } = record;
  switch (plan.kind) {
    case "attack": {
      const points = attackPoints(plan.choice, parts);
      const plots = points.length === 0
        ? {}
        : { [plan.choice.attack]: await drawAttack(plan.choice, points) };
      return { figures, runs: runRows(plan.choice, points), plots };
    }
    case "network":
      return {
        figures,
        runs: networkRunRows(plan.choice, parts),
        plots: await drawNetworks(plan.choice, parts),
      };
    case "variants":
      return {
        figures,
        runs: variantRunRows(plan.choice, parts),
        plots: await drawVariants(plan.choice, parts),
      };
    case "fuzz":
      return { figures, runs: fuzzRows(plan.choice, parts), plots: {} };
  }
}
