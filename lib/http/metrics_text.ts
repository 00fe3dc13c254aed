/**
 * Metrics in the text format of Prometheus: the node's own gauges, then whatever the runtime counts.
 *
 * @module
 */
import { blockCountOf, healthOf } from "../node/queries.ts";
import type { ApiPorts, Metric } from "./ports.ts";

/** Writes all metrics. */
export function metricsText(ports: ApiPorts): string {
  return [...nodeMetrics(ports), ...ports.metrics()].map(metricText).join("");
}

/**
 * Writes one metric with its help and type.
 *
 * @example
 * ```ts
 * import { metricText } from "./metrics_text.ts";
 * import assert from "node:assert/strict";
 *
 * const text = metricText({ name: "up", help: "Is up", type: "gauge", samples: [{ value: 1 }] });
 * assert.equal(text, "# HELP up Is up\n# TYPE up gauge\nup 1\n");
 * ```
 */
export function metricText({ name, help, type, samples }: Metric): string {
  const lines = [`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`];
  lines.push(`# TYPE ${name} ${type}`);
  for (const { labels = {}, value } of samples) {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    lines.push(`${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

function nodeMetrics(ports: ApiPorts): Metric[] {
  const { node } = ports;
  const nowMs = ports.nowMs();
  const healths = new Map<string, number>();
  for (const peer of node.peers.values()) {
    const health = healthOf(node, peer, nowMs);
    healths.set(health, (healths.get(health) ?? 0) + 1);
  }

  const metrics = [
    gauge("noobcash_ready", "1 once the node is ready", Number(node.phase === "ready")),
    gauge("noobcash_uptime_seconds", "Since the start", (nowMs - ports.startedAtMs) / 1000),
    gauge("noobcash_resident_memory_bytes", "Resident memory", Deno.memoryUsage().rss),
    {
      name: "noobcash_peers",
      help: "Known peers by health",
      type: "gauge" as const,
      samples: [...healths].map(([health, value]) => ({ labels: { health }, value })),
    },
  ];
  if (node.network === undefined) return metrics;

  const { chain, mempool } = node.network;
  return [
    ...metrics,
    gauge("noobcash_chain_height", "Height of the tip", chain.height),
    gauge(
      "noobcash_chain_blocks",
      "Blocks of the tree, side branches included",
      blockCountOf(node.network),
    ),
    gauge("noobcash_chain_rivals", "Other blocks as heavy as the tip", chain.rivals.length),
    gauge("noobcash_utxos", "Unspent outputs", chain.utxos.size),
    gauge("noobcash_supply_coins", "Sum of all unspent outputs", chain.utxos.supply),
    gauge("noobcash_mempool_transactions", "Waiting transactions", mempool.size),
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}
