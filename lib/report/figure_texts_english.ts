/**
 * What the report calls figures, plots, columns, what was planned and what was found wrong, in English.
 *
 * The names of figures are those of `lib/measure/metric_table.ts`. Files for programs (CSV, JSON, Parquet)
 * keep their keys in every language.
 *
 * @module
 */
import { type MetricKey, METRICS } from "../measure/metric_table.ts";

export type LabelKey = `metric.${MetricKey}`;

const LABELS = Object.fromEntries(
  Object.entries(METRICS).map(([key, { label }]) => [`metric.${key}`, label]),
) as Readonly<Record<LabelKey, string>>;

export const FIGURES_ENGLISH = {
  "plot.throughput-by-capacity": "Throughput by capacity and difficulty",
  "plot.block-time-by-capacity": "Block time by capacity and difficulty",
  "plot.throughput-by-nodes": "Throughput by number of nodes",
  "plot.block-time-by-nodes": "Block time by number of nodes",
  "plot.latency": "Latency of a payment by stage",
  "plot.forks": "Stale blocks: wasted work",
  "plot.efficiency": "Efficiency",
  "caption.throughput-by-capacity":
    "Confirmed transactions a second of the whole network. Theory: the most that proof of work allows at the measured hash rate, capacity · H / 16^d.",
  "caption.block-time-by-capacity":
    "Mean interval between main-chain blocks at one observing node. Theory: 16^d / H.",
  "caption.throughput-by-nodes": "The same figures, by the size of the network.",
  "caption.block-time-by-nodes": "The same figures, by the size of the network.",
  "caption.latency":
    "From the submit until the answer, until the last node has it, until the first block holds it, and until the last node has that block. Logarithmic.",
  "caption.forks":
    "Blocks that were found but are not on the main chain, as a share of all. Theory: the bound 1 - exp(-s / t) from the mean time s that a block takes to the last node and the mean time t to find one.",
  "caption.efficiency": "Measured throughput as a share of the ideal one, capacity · H / 16^d.",
  "axis.txPerSecond": "throughput, tx/s",
  "axis.blockTimeMs": "block time, ms",
  "axis.latency": "latency, ms",
  "axis.staleShare": "share of blocks found",
  "axis.efficiency": "measured / ideal",
  "source.ours": "Noobcash",
  "source.theory": "theory",
  "source.reference": "reference",
  "source.others": "best of 18 others",
  "stage.answered": "answered",
  "stage.seenByAll": "seen by all",
  "stage.inBlock": "in a block",
  "stage.confirmed": "confirmed",

  "column.txPerSecond": "tx/s",
  "column.bound": "bound",
  "column.reference": "reference",
  "column.others": "others",
  "column.best": "ours / best",
  "column.blockTimeMs": "block time, ms",
  "column.blockTimeBoundMs": "16^d / H, ms",
  "column.referenceMs": "reference, ms",
  "column.stale": "stale",
  "column.efficiency": "efficiency",
  "column.withoutLuck": "without luck",
  "column.cell": "cell",
  "column.filled": "places filled",
  "column.kept": "blocks kept",
  "column.mining": "time mining",
  "column.luck": "luck",
  "column.measured": "H measured",
  "column.implied": "H implied",
  "column.repeat": "repeat",
  "column.judged": "judged",
  "column.code": "code",
  "column.reason": "reason",
  "column.figure": "figure",
  "column.unit": "unit",
  "column.mean": "mean",
  "column.deviation": "deviation",
  "column.interval": "95 %",
  "column.what": "what",
  "column.value": "value",
  "efficiency.product": "Efficiency = places filled × blocks kept × time spent mining × luck.",
  "cell.runs": "{cell}, {n} valid run|{cell}, {n} valid runs",
  "generator":
    "Load generator: its own limit was measured before each run, {low} to {high} payments a second; at most {share} of it was used.",

  "plan.machine": "machine",
  "plan.machine.value": "{processor}, {cores} cores, {memory}",
  "plan.system": "system",
  "plan.runtime": "runtime",
  "plan.resumed": "resumed by another program from {time} on",
  "plan.repetitions": "repetitions",
  "plan.repetitions.value": "{repeats}, order seed {seed}",
  "plan.workload": "workload",
  "plan.workload.lines": "{workload}, {lines} lines a node",
  "plan.load": "load",
  "plan.load.closed": "closed loop, {concurrency} under way a client, lead of {lead} lines",
  "plan.load.open": "open loop, {rate} lines a second",
  "plan.network": "network",
  "plan.network.strict": "full blocks only",
  "plan.network.wait": "block wait {wait} ms",
  "plan.network.value":
    "{blocks}, {threads} mining thread a node, link latency {latency} ms, loss {loss}|{blocks}, {threads} mining threads a node, link latency {latency} ms, loss {loss}",

  "markdown.title": "Results: {name}",
  "markdown.made":
    "Made by `{command}` on {processor}, {cores} cores ({os}, Deno {deno}); {speed}. {valid} of {runs} runs are valid. Intervals are 95 % confidence intervals. `docs/experiments.md` defines every figure.",
  "markdown.shared": "all nodes share its cores",
  "markdown.limited": "each node is limited to {rate} kH/s",
  "markdown.drawn": "Drawn by code from the data.",

  "unit.count": "count",
  "unit.lines": "lines",
  "unit.lines/s": "lines/s",
  "unit.share": "share",
  "unit.blocks": "blocks",
  "unit.ratio": "ratio",
  "unit.tx": "tx",

  "finding.invalid": "invalid",
  "finding.flagged": "flagged",
  "finding.hash-rate-off": "Blocks found and hashes made do not agree",
  "finding.generator-limited": "The load generator came near its own limit",
  "finding.hash-rate-missed": "The machine was too busy for the hash rate",
  "finding.nothing-confirmed": "No transaction was confirmed",
  "finding.not-settled": "Transactions waited, and nothing moved any more",
  "finding.not-converged": "The nodes did not end on one tip",
  "finding.states-differ": "At one tip the nodes hold different unspent outputs",
  "finding.supply-wrong": "A node counts another number of coins",
  "finding.not-confirmed": "Accepted transactions were not confirmed",
  "finding.events-missed": "Events were not heard in time; reorganisations may lack",
  "finding.times-missing": "When some transactions were confirmed is not known",
  "finding.clocks-differ": "The machines' clocks differ",
  "finding.run-failed": "The run failed",
  ...LABELS,
} as const;

export type FigureTextKey = keyof typeof FIGURES_ENGLISH;
