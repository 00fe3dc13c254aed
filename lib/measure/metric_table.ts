/**
 * The figures that are averaged over repetitions, with their names, units and meanings.
 *
 * CSV columns, JSON keys, the report's tables and the comparison all follow this list.
 *
 * @module
 */
import type { RunMetrics } from "./run_metrics.ts";

/** A figure. */
export interface MetricDefinition {
  readonly label: string;
  /** The same in Greek, in the words of the course. */
  readonly greek: string;
  readonly unit: string;
  readonly valueOf: (metrics: RunMetrics) => number | null;

  /** Whether more of it is better; null where neither is. */
  readonly moreIsBetter: boolean | null;
}

/** Every figure by its key. */
export const METRICS = {
  txPerSecond: {
    label: "throughput",
    greek: "ρυθμαπόδοση",
    unit: "tx/s",
    valueOf: (metrics) => metrics.txPerSecond,
    moreIsBetter: true,
  },
  blockTimeMs: {
    label: "block time",
    greek: "χρόνος μπλοκ",
    unit: "ms",
    valueOf: (metrics) => metrics.blockTimeMsMean,
    moreIsBetter: false,
  },
  blocks: {
    label: "main-chain blocks",
    greek: "μπλοκ της κύριας αλυσίδας",
    unit: "count",
    valueOf: (metrics) => metrics.blocks,
    moreIsBetter: null,
  },
  miningTimeMs: {
    label: "mining time a block",
    greek: "χρόνος εξόρυξης ενός μπλοκ",
    unit: "ms",
    valueOf: (metrics) => metrics.miningTimeMsMean,
    moreIsBetter: false,
  },
  accepted: {
    label: "accepted",
    greek: "έγιναν δεκτές",
    unit: "lines",
    valueOf: (metrics) => metrics.accepted,
    moreIsBetter: true,
  },
  confirmed: {
    label: "confirmed",
    greek: "επιβεβαιώθηκαν",
    unit: "tx",
    valueOf: (metrics) => metrics.confirmed,
    moreIsBetter: true,
  },
  seconds: {
    label: "duration",
    greek: "διάρκεια",
    unit: "s",
    valueOf: (metrics) => metrics.seconds,
    moreIsBetter: false,
  },
  offeredPerSecond: {
    label: "offered load",
    greek: "φορτίο που στάλθηκε",
    unit: "lines/s",
    valueOf: (metrics) => metrics.offeredPerSecond,
    moreIsBetter: null,
  },
  answeredP50Ms: latency("answered", "p50"),
  answeredP99Ms: latency("answered", "p99"),
  relayedP50Ms: latency("relayed", "p50"),
  relayedP99Ms: latency("relayed", "p99"),
  seenByAllP50Ms: latency("seenByAll", "p50"),
  seenByAllP95Ms: latency("seenByAll", "p95"),
  seenByAllP99Ms: latency("seenByAll", "p99"),
  inBlockP50Ms: latency("inBlock", "p50"),
  inBlockP95Ms: latency("inBlock", "p95"),
  inBlockP99Ms: latency("inBlock", "p99"),
  confirmedP50Ms: latency("confirmed", "p50"),
  confirmedP95Ms: latency("confirmed", "p95"),
  confirmedP99Ms: latency("confirmed", "p99"),
  staleRate: {
    label: "stale blocks of all found",
    greek: "χαμένα μπλοκ από όλα όσα βρέθηκαν",
    unit: "share",
    valueOf: (metrics) => metrics.staleRate,
    moreIsBetter: false,
  },
  reorgs: {
    label: "reorganisations, all nodes",
    greek: "αναδιοργανώσεις, όλοι οι κόμβοι",
    unit: "count",
    valueOf: (metrics) => metrics.reorgs,
    moreIsBetter: false,
  },
  reorgDepthMax: {
    label: "deepest reorganisation",
    greek: "βαθύτερη αναδιοργάνωση",
    unit: "blocks",
    valueOf: (metrics) => metrics.reorgDepthMax,
    moreIsBetter: false,
  },
  blockSpreadMs: {
    label: "a block's way to the last node",
    greek: "διαδρομή ενός μπλοκ ως τον τελευταίο κόμβο",
    unit: "ms",
    valueOf: (metrics) => metrics.blockSpreadMsMean,
    moreIsBetter: false,
  },
  hashRateMeasured: {
    label: "hash rate measured",
    greek: "ρυθμός κατακερματισμού που μετρήθηκε",
    unit: "H/s",
    valueOf: (metrics) => metrics.hashRateMeasured,
    moreIsBetter: true,
  },
  hashRateImplied: {
    label: "hash rate implied",
    greek: "ρυθμός κατακερματισμού από τα μπλοκ",
    unit: "H/s",
    valueOf: (metrics) => metrics.hashRateImplied,
    moreIsBetter: null,
  },
  efficiency: {
    label: "efficiency",
    greek: "αποδοτικότητα",
    unit: "share",
    valueOf: (metrics) => metrics.efficiency?.total ?? null,
    moreIsBetter: true,
  },
  efficiencyFilled: {
    label: "block places filled",
    greek: "θέσεις μπλοκ που γέμισαν",
    unit: "share",
    valueOf: (metrics) => metrics.efficiency?.filled ?? null,
    moreIsBetter: true,
  },
  efficiencyKept: {
    label: "blocks kept",
    greek: "μπλοκ που έμειναν",
    unit: "share",
    valueOf: (metrics) => metrics.efficiency?.kept ?? null,
    moreIsBetter: true,
  },
  efficiencyMining: {
    label: "time spent mining",
    greek: "χρόνος που δόθηκε στην εξόρυξη",
    unit: "share",
    valueOf: (metrics) => metrics.efficiency?.mining ?? null,
    moreIsBetter: true,
  },
  luck: {
    label: "luck: blocks found of expected",
    greek: "τύχη: μπλοκ που βρέθηκαν προς τα αναμενόμενα",
    unit: "ratio",
    valueOf: (metrics) => metrics.efficiency?.luck ?? null,
    moreIsBetter: null,
  },
  messagesPerTransaction: {
    label: "messages a transaction",
    greek: "μηνύματα ανά συναλλαγή",
    unit: "count",
    valueOf: (metrics) => metrics.messagesPerTransaction,
    moreIsBetter: false,
  },
  bytesPerTransaction: {
    label: "bytes a transaction",
    greek: "bytes ανά συναλλαγή",
    unit: "B",
    valueOf: (metrics) => metrics.bytesPerTransaction,
    moreIsBetter: false,
  },
  cpuMsPerNode: {
    label: "processor time a node",
    greek: "χρόνος επεξεργαστή ανά κόμβο",
    unit: "ms",
    valueOf: (metrics) => metrics.cpuMsPerNode,
    moreIsBetter: false,
  },
  memoryBytesPerNode: {
    label: "memory a node",
    greek: "μνήμη ανά κόμβο",
    unit: "B",
    valueOf: (metrics) => metrics.memoryBytesPerNode,
    moreIsBetter: false,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricKey = keyof typeof METRICS;

export const METRIC_KEYS = Object.keys(METRICS) as readonly MetricKey[];

function latency(
  stage: keyof RunMetrics["latencyMs"],
  quantile: "p50" | "p95" | "p99",
): MetricDefinition {
  const stageLabel = {
    answered: "answered",
    relayed: "seen by all, from the first node on",
    seenByAll: "seen by all",
    inBlock: "in a block",
    confirmed: "confirmed",
  }[stage];
  const greekLabel = {
    answered: "από την υποβολή ως την απάντηση",
    relayed: "από τον πρώτο κόμβο ώσπου να την έχουν όλοι",
    seenByAll: "από την υποβολή ώσπου να την έχουν όλοι",
    inBlock: "από την υποβολή ως το μπλοκ",
    confirmed: "από την υποβολή ως την επιβεβαίωση",
  }[stage];
  return {
    label: `submit to ${stageLabel}, ${quantile}`,
    greek: `${greekLabel}, ${quantile}`,
    unit: "ms",
    valueOf: (metrics) => metrics.latencyMs[stage]?.[quantile] ?? null,
    moreIsBetter: false,
  };
}
