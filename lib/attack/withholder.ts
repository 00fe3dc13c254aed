/**
 * A miner that cuts itself off: says nothing and hears nothing until it is released.
 *
 * With hash power of its own it is the attacker of a double spend, who mines beside the public chain; never
 * released, it withholds blocks for good; put around a victim, it is an eclipse.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { Adversary, AdversaryContext } from "../simulation/sim_node.ts";
import { showTip } from "./trial_network.ts";

export class Withholder implements Adversary {
  #isReleased = false;
  readonly #isVictim: (index: number) => boolean;

  /** @param isVictim whom nothing is told and from whom nothing is heard; everybody otherwise */
  constructor(isVictim: (index: number) => boolean = () => true) {
    this.#isVictim = isVictim;
  }

  intake(input: NodeInput, { world }: AdversaryContext): readonly NodeInput[] {
    if (this.#isReleased || input.type !== "message") return [input];
    const from = world.nodes.find(({ config }) => config.keyPair.publicKey === input.from);
    return from !== undefined && this.#isVictim(from.index) ? [] : [input];
  }

  outlet(effect: NodeEffect, { world }: AdversaryContext): readonly NodeEffect[] {
    if (this.#isReleased || effect.type !== "send") return [effect];
    const to = world.nodes.find(({ url }) => url === effect.url);
    return to !== undefined && this.#isVictim(to.index) ? [] : [effect];
  }

  /** Becomes honest: shows its chain and hears others. */
  release({ world, node }: AdversaryContext): void {
    this.#isReleased = true;
    showTip(world, node);
  }
}
