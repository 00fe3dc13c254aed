/**
 * What a node has counted so far: hashes, time spent mining, messages and bytes sent, its processor time
 * and the most memory that it had.
 *
 * Read from the node's metrics page, in the text format of Prometheus.
 *
 * @module
 */
import { API_PATH } from "../wire/api_basics.ts";

/** Counters that only grow. */
export interface NodeCounters {
  readonly cpuMs: number;
  /** The most memory that it ever had resident. */
  readonly memoryBytes: number;
  readonly hashes: number;
  readonly miningMs: number;
  readonly messagesSent: number;
  readonly bytesSent: number;
}

const TIMEOUT_MS = 30_000;

/** Reads the counters of the node at this URL. */
export async function readNodeCounters(url: string): Promise<NodeCounters> {
  const response = await fetch(`${url}${API_PATH}/metrics`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`Cannot read metrics: got status ${response.status}, wanted 200`);
  }
  return {
    cpuMs: sumOfMetric(text, "noobcash_processor_milliseconds_total"),
    memoryBytes: sumOfMetric(text, "noobcash_memory_bytes_max"),
    hashes: sumOfMetric(text, "noobcash_hashes_total"),
    miningMs: sumOfMetric(text, "noobcash_mining_milliseconds_total"),
    messagesSent: sumOfMetric(text, "noobcash_messages_sent_total"),
    bytesSent: sumOfMetric(text, "noobcash_bytes_sent_total"),
  };
}

/** Sums a metric over its labels; 0 when there is none. */
export function sumOfMetric(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split("\n")) {
    const match = /^([a-z_]+)(?:\{[^}]*\})? ([0-9.eE+-]+)/.exec(line);
    if (match?.[1] === name) sum += Number(match[2]);
  }
  return sum;
}
