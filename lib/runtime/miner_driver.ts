/**
 * Turns what the node wants mined into jobs for the miner's threads, and back.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import { type MinerOptions, type MinerStats, type Solution, startMiner } from "../miner/miner.ts";
import { encodeHeader } from "../primitives/header.ts";
import { targetOfCompact } from "../primitives/target.ts";
import { invariant } from "../result.ts";

/** What a test changes about the threads. */
export type MinerHooks = Pick<MinerOptions, "kernels" | "nonceCount">;

export interface MinerDriver {
  mine(effect: Extract<NodeEffect, { readonly type: "mine" }>): void;
  /** Nothing to mine until the next job. */
  idle(): void;
  status(): { readonly isSearching: boolean; readonly hashesPerSecond: number };
  stats(): MinerStats;
  close(): Promise<void>;
}

export async function startMinerDriver(options: {
  readonly threads: number;
  readonly hashRateLimit: number | undefined;
  readonly hooks: MinerHooks;
  readonly onSolved: (solution: Solution) => void;
  readonly onFault: (text: string) => void;
}): Promise<MinerDriver> {
  const { threads, hashRateLimit, onFault } = options;
  let currentJobId: number | undefined;
  const miner = await startMiner({
    ...options.hooks,
    threads,
    ...(hashRateLimit !== undefined && { hashRateLimit }),
    onSolved: (solution) => {
      if (solution.jobId === currentJobId) currentJobId = undefined;
      options.onSolved(solution);
    },
    onFault,
  });

  return {
    mine({ jobId, template }) {
      const target = targetOfCompact(template.header.compactTarget);
      invariant(target !== undefined, "A template has a target");
      miner.mine({ id: jobId, header: encodeHeader(template.header), target });
      currentJobId = jobId;
    },
    idle() {
      miner.stop();
      currentJobId = undefined;
    },
    status: () => ({
      isSearching: currentJobId !== undefined,
      hashesPerSecond: miner.stats().hashesPerSecond,
    }),
    stats: () => miner.stats(),
    close: () => miner.close(),
  };
}
