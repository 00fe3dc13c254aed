/**
 * The eclipse: an attacker holds all links of a victim, which hears nothing of the others' chain and
 * whose blocks nobody hears.
 *
 * The victim's power is lost to the network, so everybody else's share of the main chain grows: the
 * attacker, who mines honestly otherwise, gets share / (1 - victim). When the victim is let go it comes
 * over to the others' chain and loses all that it has mined and been paid in between; that it does is part
 * of each run.
 *
 * @module
 */
import { invariant } from "../result.ts";
import type { SimNode } from "../simulation/sim_node.ts";
import type { Attack } from "./attack.ts";
import { ATTACKER } from "./race_network.ts";
import { heightOf, pauseMining, planTrial, showTip, tipOf } from "./trial_network.ts";
import { Withholder } from "./withholder.ts";

/** The eclipsed node. */
const VICTIM = 1;

export const ECLIPSE_ATTACK: Attack = {
  name: "eclipse",
  description:
    "an attacker holds all links of a victim: what the victim loses and the attacker gains",
  axes: ["victim"],
  uses: new Set(["honest", "intervalMs", "blocks"] as const),
  figure: { name: "revenue", title: "attacker's share of the main chain", kind: "mean" },
  problemOf: ({ share, victim = 0.1 }) =>
    victim < 0.5 && share + victim < 1
      ? undefined
      : `got ${share} for the attacker and ${victim} for the victim, wanted a victim below 0.5 and ` +
        "power for the others",
  run({ share, victim = 0.1 }, { setting: { honest, intervalMs, blocks }, seed }) {
    const others = new Array<number>(honest).fill((1 - share - victim) / honest);
    const { world } = planTrial({ seed, hashPowers: [share, victim, ...others], intervalMs });
    const [attacker, eclipsed, first] = world.nodes as [SimNode, SimNode, SimNode];
    const wall = new Withholder((index) => index === VICTIM);
    attacker.adversary = wall;
    for (const { index } of world.nodes) {
      if (index === ATTACKER || index === VICTIM) continue;
      world.links.setCut(index, VICTIM, true);
      world.links.setCut(VICTIM, index, true);
    }
    world.run(Infinity, () => heightOf(first) >= blocks);

    const key = attacker.config.keyPair.publicKey;
    const chain = first.state?.network?.chain;
    const main = heightOf(first);
    const lost = heightOf(eclipsed);
    let own = 0;
    for (let height = 1; height <= main; height++) {
      if (chain?.atHeight(height)?.header.miner === key) own++;
    }

    // Let go, the victim hears of the longer chain and comes over.
    for (const node of world.nodes) pauseMining(world, node);
    world.links.heal();
    showTip(world, first);
    world.run(world.nowMs + 600_000, () => tipOf(eclipsed) === tipOf(first));
    invariant(tipOf(eclipsed) === tipOf(first), "A victim that is let go comes over");
    return { revenue: own / main, lostBlocks: lost, lost: lost / (main + lost), blocks: main };
  },
  theory: ({ share, victim = 0.1 }) => [
    { name: "share / (1 - victim)", value: share / (1 - victim), isExact: true },
  ],
};
