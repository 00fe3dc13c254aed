/**
 * Selfish mining (Eyal and Sirer 2014, algorithm 1): a miner keeps its blocks back and shows them only
 * when honest blocks threaten its lead.
 *
 * Wraps an honest node: the node mines on what it knows, which is its own chain first, and goes over to
 * the honest one when that is heavier, as the strategy wants. Only what leaves the node is changed.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { CompactBlockMessage } from "../wire/message.ts";
import type { Adversary, AdversaryContext, SimNode, SimWorld } from "../simulation/sim_node.ts";

export class SelfishMiner implements Adversary {
  /** Own blocks that nobody has been shown, from the bottom up. */
  #withheld: CompactBlockMessage[] = [];
  #publicHeight = 0;
  #privateHeight = 0;
  /** Two branches of one height are public, one of them ours. */
  #isRace = false;

  intake(input: NodeInput, { world, node }: AdversaryContext): readonly NodeInput[] {
    if (input.type === "message" && input.message.type === "compact-block") {
      const { height } = input.message.header;
      if (height > this.#publicHeight) this.#onHonestBlock(height, world, node);
    }
    return [input];
  }

  outlet(effect: NodeEffect, { world, node }: AdversaryContext): readonly NodeEffect[] {
    if (effect.type !== "send" || effect.message.type !== "compact-block") return [effect];
    const { message } = effect;
    if (message.header.miner !== node.config.keyPair.publicKey) return [effect];
    if (message.header.height > this.#privateHeight) this.#onOwnBlock(message, world, node);
    return [];
  }

  #onOwnBlock(message: CompactBlockMessage, world: SimWorld, node: SimNode): void {
    this.#privateHeight = message.header.height;
    this.#withheld.push(message);
    if (!this.#isRace) return;
    // The race is won: everybody goes over.
    this.#isRace = false;
    this.#publicHeight = this.#privateHeight;
    this.#publish(Infinity, world, node);
  }

  #onHonestBlock(height: number, world: SimWorld, node: SimNode): void {
    const lead = this.#privateHeight - this.#publicHeight;
    this.#publicHeight = height;
    if (lead <= 0) {
      this.#withheld = [];
      this.#privateHeight = height;
      this.#isRace = false;
    } else if (lead === 1) {
      this.#isRace = true;
      this.#publish(Infinity, world, node);
    } else if (lead === 2) {
      this.#publicHeight = this.#privateHeight;
      this.#publish(Infinity, world, node);
    } else {
      this.#publish(height, world, node);
    }
  }

  #publish(heightMax: number, world: SimWorld, node: SimNode): void {
    const shown = this.#withheld.filter(({ header }) => header.height <= heightMax);
    this.#withheld = this.#withheld.slice(shown.length);
    for (const message of shown) {
      for (const other of world.nodes) {
        if (other !== node) world.sendMessage(node, other, message);
      }
    }
  }
}
