/**
 * What a simulated network did: forks, propagation, revenue, throughput, reorganisations.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { BlockHash } from "../primitives/header.ts";
import { percentiles } from "../statistics/estimate.ts";
import type { SimNode, WorldObserver } from "./sim_node.ts";
import type { World } from "./world.ts";

/** Blocks at the end of a run that may still lose: not counted. */
const UNSETTLED_BLOCKS = 6;

interface FoundBlock {
  readonly height: number;
  readonly miner: number;
  readonly foundAtMs: number;
  readonly transactionCount: number;
  arrivalCount: number;
  /** Sum over all nodes of the time until each had it; the finder counts as 0. */
  arrivalSumMs: number;
}

export interface NetworkFigures {
  /** Blocks that were found and are settled, main chain and beside it. */
  readonly foundBlocks: number;
  readonly mainBlocks: number;
  readonly staleBlocks: number;
  /** Stale blocks in all blocks. */
  readonly staleRate: number;
  /** Heights with more than one block in all heights. */
  readonly forkRate: number;
  readonly meanIntervalMs: number;
  readonly meanPropagationMs: number;
  readonly propagation50Ms: number;
  readonly propagation90Ms: number;
  readonly transactionsPerSec: number;
  readonly reorgCount: number;
  /** How many reorganisations took so many blocks off, by that number. */
  readonly reorgDepths: Readonly<Record<number, number>>;
  /** Each miner's share of the main chain. */
  readonly revenueShares: readonly number[];
  /** The times between main-chain blocks' findings, and between all findings. */
  readonly intervalsMs: readonly number[];
  readonly foundIntervalsMs: readonly number[];
  readonly eventCount: number;
  readonly simulatedMs: number;
}

export class NetworkStatistics implements WorldObserver {
  readonly #found = new Map<BlockHash, FoundBlock>();
  readonly #delaysMs: number[] = [];
  readonly #reorgDepths: Record<number, number> = {};
  readonly #world: () => World;

  constructor(world: () => World) {
    this.#world = world;
  }

  onStep(node: SimNode, input: NodeInput, effects: readonly NodeEffect[]): void {
    const [first] = effects;
    if (first?.type !== "commit") return;
    const { nowMs } = this.#world();
    for (const { entry, block } of first.commit.stored) {
      if (input.type === "mined") {
        this.#found.set(entry.hash, {
          height: entry.header.height,
          miner: node.index,
          foundAtMs: nowMs,
          transactionCount: block.transactions.length,
          arrivalCount: 1,
          arrivalSumMs: 0,
        });
        continue;
      }
      const found = this.#found.get(entry.hash);
      if (found === undefined) continue;
      found.arrivalCount++;
      found.arrivalSumMs += nowMs - found.foundAtMs;
      this.#delaysMs.push(nowMs - found.foundAtMs);
    }
    if (first.commit.disconnected.length === 0) return;
    const depth = first.commit.disconnected.length;
    this.#reorgDepths[depth] = (this.#reorgDepths[depth] ?? 0) + 1;
  }

  figures(): NetworkFigures {
    const [median = 0, ninth = 0] = this.#delaysMs.length === 0
      ? []
      : percentiles(this.#delaysMs, [50, 90]);
    const world = this.#world();
    const network = world.nodes[0]?.state?.network;
    const settledHeight = Math.max(0, (network?.chain.height ?? 0) - UNSETTLED_BLOCKS);
    const main: FoundBlock[] = [];
    for (let height = 1; height <= settledHeight; height++) {
      const hash = network?.chain.atHeight(height)?.hash;
      const found = hash === undefined ? undefined : this.#found.get(hash);
      if (found !== undefined) main.push(found);
    }
    const settled = [...this.#found.values()].filter(({ height }) => height <= settledHeight);
    const perHeight = new Map<number, number>();
    for (const { height } of settled) perHeight.set(height, (perHeight.get(height) ?? 0) + 1);
    const forked = [...perHeight.values()].filter((count) => count > 1).length;

    const revenue = new Array<number>(world.nodes.length).fill(0);
    for (const { miner } of main) revenue[miner] = (revenue[miner] as number) + 1 / main.length;
    const arrivals = settled.reduce((sum, found) => sum + found.arrivalCount, 0);
    const arrivalSumMs = settled.reduce((sum, found) => sum + found.arrivalSumMs, 0);
    const spanMs = (main.at(-1)?.foundAtMs ?? 0) - (main[0]?.foundAtMs ?? 0);
    const transactions = main.slice(1).reduce((sum, found) => sum + found.transactionCount, 0);
    const reorgCount = Object.values(this.#reorgDepths).reduce((sum, count) => sum + count, 0);
    return {
      foundBlocks: settled.length,
      mainBlocks: main.length,
      staleBlocks: settled.length - main.length,
      staleRate: settled.length === 0 ? 0 : 1 - main.length / settled.length,
      forkRate: settledHeight === 0 ? 0 : forked / settledHeight,
      meanIntervalMs: main.length < 2 ? 0 : spanMs / (main.length - 1),
      meanPropagationMs: arrivals === 0 ? 0 : arrivalSumMs / arrivals,
      propagation50Ms: median,
      propagation90Ms: ninth,
      transactionsPerSec: spanMs === 0 ? 0 : 1000 * transactions / spanMs,
      reorgCount,
      reorgDepths: this.#reorgDepths,
      revenueShares: revenue,
      intervalsMs: gapsOf(main),
      foundIntervalsMs: gapsOf(settled),
      eventCount: world.eventCount,
      simulatedMs: world.nowMs,
    };
  }
}

function gapsOf(blocks: readonly FoundBlock[]): number[] {
  return blocks.slice(1).map(({ foundAtMs }, index) =>
    foundAtMs - (blocks[index] as FoundBlock).foundAtMs
  );
}
