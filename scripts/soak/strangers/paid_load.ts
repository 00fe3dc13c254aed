/**
 * Payments at a steady rate, whatever the answers take: how many are accepted, and how long they take.
 *
 * @module
 */
import type { NodeProcess } from "../../../lib/testing/spawned_node.ts";

export interface LoadResult {
  readonly offered: number;
  readonly accepted: number;
  readonly acceptedPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the payments through the first payer, and through all others. */
  readonly p99MsOfFirst: number;
  readonly p99MsOfOthers: number;
  /** Answers other than 202, by code. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface Payer {
  readonly node: NodeProcess;
  readonly token: string;
}

/** Lets the payers pay each other in turn. */
export async function payFor(
  payers: readonly Payer[],
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<LoadResult> {
  const latencies: { readonly ms: number; readonly isFirst: boolean }[] = [];
  const refused: Record<string, number> = {};
  const open: Promise<void>[] = [];
  const startedAtMs = performance.now();
  const offered = perSecond * seconds;
  for (let index = 0; index < offered; index++) {
    const dueMs = startedAtMs + index * 1000 / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    open.push(payOnce(index, dueMs));
  }
  await Promise.all(open);
  const tookSeconds = (performance.now() - startedAtMs) / 1000;
  const all = latencies.map(({ ms }) => ms);
  return {
    offered,
    accepted: all.length,
    acceptedPerSecond: all.length / tookSeconds,
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    p99MsOfFirst: quantile(latencies.filter(({ isFirst }) => isFirst).map(({ ms }) => ms), 0.99),
    p99MsOfOthers: quantile(latencies.filter(({ isFirst }) => !isFirst).map(({ ms }) => ms), 0.99),
    refused,
  };

  /** The time counts from when it was due: a load that is late hides nothing. */
  async function payOnce(index: number, dueMs: number): Promise<void> {
    const payer = payers[index % payers.length] as Payer;
    const to = (index + 1) % payers.length;
    let code = "unreachable";
    try {
      const response = await fetch(`${payer.node.url}/api/v1/payments`, {
        method: "POST",
        signal: AbortSignal.timeout(10_000),
        headers: { "content-type": "application/json", authorization: `Bearer ${payer.token}` },
        body: JSON.stringify({ to, amount: 1 }),
      });
      const body = await response.json();
      if (response.status === 202) {
        latencies.push({ ms: performance.now() - dueMs, isFirst: payer === payers[0] });
        return;
      }
      code = body.error?.code ?? String(response.status);
    } catch {
      // Counted as unreachable.
    }
    refused[code] = (refused[code] ?? 0) + 1;
  }
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
}
