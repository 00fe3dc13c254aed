/**
 * Turns what the node wants mined into jobs for the miner's threads, and back.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import {
  type Miner,
  type MinerOptions,
  type MinerStats,
  type MiningJob,
  type Solution,
  startMiner,
} from "../miner/miner.ts";
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
  /** Mines no faster from now on, or as fast as it can: with new threads, the job goes on. */
  setHashRateLimit(hashesPerSecond: number | undefined): Promise<void>;
  close(): Promise<void>;
}

export async function startMinerDriver(options: {
  readonly threads: number;
  readonly hashRateLimit: number | undefined;
  readonly hooks: MinerHooks;
  readonly onSolved: (solution: Solution) => void;
  readonly onFault: (text: string) => void;
}): Promise<MinerDriver> {
  const { threads, onFault } = options;
  let currentJob: MiningJob | undefined;
  let miner = await start(options.hashRateLimit);
  /** What threads did that are gone. */
  let before = { hashes: 0, activeMs: 0 };
  let isClosed = false;
  let changing = Promise.resolve();

  return {
    mine({ jobId, template }) {
      const target = targetOfCompact(template.header.compactTarget);
      invariant(target !== undefined, "A template has a target");
      currentJob = { id: jobId, header: encodeHeader(template.header), target };
      miner.mine(currentJob);
    },
    idle() {
      miner.stop();
      currentJob = undefined;
    },
    status: () => ({
      isSearching: currentJob !== undefined,
      hashesPerSecond: miner.stats().hashesPerSecond,
    }),
    stats,
    setHashRateLimit(hashesPerSecond) {
      changing = changing.then(() => change(hashesPerSecond));
      return changing;
    },
    async close() {
      isClosed = true;
      await changing;
      await miner.close();
    },
  };

  function start(hashRateLimit: number | undefined): Promise<Miner> {
    return startMiner({
      ...options.hooks,
      threads,
      ...(hashRateLimit !== undefined && { hashRateLimit }),
      onSolved: (solution) => {
        if (solution.jobId === currentJob?.id) currentJob = undefined;
        options.onSolved(solution);
      },
      onFault,
    });
  }

  async function change(hashRateLimit: number | undefined): Promise<void> {
    if (isClosed) return;
    const next = await start(hashRateLimit);
    const old = miner;
    const { hashes, activeMs } = stats();
    miner = next;
    before = { hashes, activeMs };
    if (currentJob !== undefined) miner.mine(currentJob);
    await old.close();
  }

  function stats(): MinerStats {
    const now = miner.stats();
    return {
      ...now,
      hashes: before.hashes + now.hashes,
      activeMs: before.activeMs + now.activeMs,
    };
  }
}
