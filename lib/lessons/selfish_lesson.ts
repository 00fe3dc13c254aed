/**
 * *selfish*: a pool that keeps its blocks secret makes the others work for nothing (Eyal and Sirer 2014).
 *
 * The pool is a real node that hears nobody; its blocks and the others' are carried across by hand, when
 * the strategy says so:
 *
 * ```
 * pool ahead by two, others find one → publish all: the pool wins
 * pool ahead by one, others find one → publish: a race; whoever finds the next wins
 * others ahead                       → the pool gives up its branch and follows
 * ```
 *
 * @module
 */
import type { ClusterNode } from "../cluster/start_cluster.ts";
import { selfishRevenue } from "../simulation/published_theory.ts";
import type { BlockSummaryJson } from "../wire/api_chain.ts";
import type { Lesson, Stage } from "./lesson.ts";
import {
  answered,
  cut,
  heal,
  lostBlocks,
  pauseMining,
  rawBlocks,
  tipOf,
  untilOneTip,
} from "./network_steps.ts";

const POOL_RATE = 108_000;
const HONEST_RATE = 66_000;
const POOL_SHARE = POOL_RATE / (POOL_RATE + 2 * HONEST_RATE);

/** How far the public chain grows while the pool plays. */
const BLOCKS = 60;
const LOOK_MS = 15;

export const SELFISH_LESSON: Lesson = {
  name: "selfish",
  network: {
    nodes: 3,
    capacity: 5,
    difficulty: 4,
    emptyBlocks: true,
    hashRateLimits: [HONEST_RATE, HONEST_RATE, POOL_RATE],
  },
  async play(stage) {
    const { nodes } = stage;
    const [open, other, pool] = nodes as [ClusterNode, ClusterNode, ClusterNode];
    const share = percent(POOL_SHARE);

    await stage.step("selfish.hide", { pool: pool.id, share });
    await cut([[open, other], [pool]]);
    const { height: startHeight } = await carryAll(pool, open);

    await stage.step("selfish.play", { n: BLOCKS });
    await playSelfishly(stage, { open, pool, startHeight });
    await pauseMining(nodes);
    await heal(nodes);
    await untilOneTip(stage, nodes);
    await stage.showTips();

    const lost = await lostBlocks(nodes);
    const main = await mainBlocks(open, startHeight);
    const byPool = ({ miner }: BlockSummaryJson) => miner.address === pool.address;
    const later = lost.filter(({ height }) => height > startHeight);
    const [poolMain, poolLost] = [main, later].map((blocks) => blocks.filter(byPool).length);
    const [mainCount, lostCount] = [main.length, later.length];
    const poolFound = poolMain! + poolLost!;
    const othersFound = mainCount + lostCount - poolFound;
    const poolWaste = poolLost! / Math.max(1, poolFound);
    const othersWaste = (lostCount - poolLost!) / Math.max(1, othersFound);
    stage.note("selfish.found", {
      pool: poolFound,
      poolLost: poolLost!,
      others: othersFound,
      othersLost: lostCount - poolLost!,
    });
    stage.check("selfish.check.waste", {
      expected: `> ${percent(poolWaste)}`,
      observed: percent(othersWaste),
      agreed: othersWaste > poolWaste,
    });
    const foundShare = poolFound / Math.max(1, poolFound + othersFound);
    const chainShare = poolMain! / Math.max(1, mainCount);
    stage.check("selfish.check.share", {
      expected: `> ${percent(foundShare)}`,
      observed: percent(chainShare),
      agreed: chainShare > foundShare,
    });
    stage.note("selfish.theory", {
      share,
      low: percent(selfishRevenue(POOL_SHARE, 0)),
      high: percent(selfishRevenue(POOL_SHARE, 1)),
    });
  },
};

/** Carries blocks across by the strategy until the public chain has grown enough. */
async function playSelfishly(
  stage: Stage,
  { open, pool, startHeight }: {
    readonly open: ClusterNode;
    readonly pool: ClusterNode;
    readonly startHeight: number;
  },
): Promise<void> {
  let openHeight = startHeight;
  let isRacing = false;
  while (openHeight < startHeight + BLOCKS) {
    stage.signal.throwIfAborted();
    const [now, secret] = await Promise.all([tipOf(open), tipOf(pool)]);
    if (isRacing && secret.height > now.height) {
      await carryAll(pool, open);
      isRacing = false;
    } else if (now.height > openHeight) {
      const lead = secret.height - now.height;
      if (lead < 0) {
        await carryAll(open, pool);
        isRacing = false;
      } else if (lead <= 1 && secret.hash !== now.hash) {
        await carryAll(pool, open);
        isRacing = lead === 0;
      }
    }
    openHeight = Math.max(openHeight, (await tipOf(open)).height);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await carryAll(pool, open);
}

/** Hands another node every block of one node's chain that may be new to it; gives its tip afterwards. */
async function carryAll(
  from: ClusterNode,
  to: ClusterNode,
): Promise<Awaited<ReturnType<typeof tipOf>>> {
  const { height } = await tipOf(to);
  const common = await commonHeight(from, to, height);
  for (const hex of await rawBlocks(from.client, common + 1)) {
    const taken = await to.client.submitBlock(hex);
    const isFine = taken.ok || taken.error.code === "block-already-known";
    if (!isFine) await answered(Promise.resolve(taken));
  }
  return await tipOf(to);
}

/** The height up to which two nodes have the same chain, looked for from above. */
async function commonHeight(a: ClusterNode, b: ClusterNode, height: number): Promise<number> {
  for (let common = height; common > 0; common--) {
    const [one, two] = await Promise.all([a, b].map(({ client }) => client.block(common)));
    if (one!.ok && two!.ok && one!.value.hash === two!.value.hash) return common;
  }
  return 0;
}

async function mainBlocks(
  { client }: ClusterNode,
  above: number,
): Promise<readonly BlockSummaryJson[]> {
  return (await answered(client.blocks({ from: above + 1, limit: 200 }))).blocks;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
