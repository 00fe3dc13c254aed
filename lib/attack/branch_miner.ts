/**
 * A miner that follows a strategy: stands around an honest node and decides what it hears and shows.
 *
 * The node inside mines on the own branch and hears of no other block until the strategy adopts; own
 * blocks are kept until the strategy shows them. Everything else that comes and goes passes.
 *
 * ```
 * honest block → known? → where does it stand? → strategy → show, adopt or wait
 * own block → kept → strategy → show or wait
 * ```
 *
 * Invariant: `base` is the newest block that both branches stand on, and what is counted below it is
 * settled.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { BlockHash } from "../primitives/header.ts";
import { invariant } from "../result.ts";
import type { CompactBlockMessage } from "../wire/message.ts";
import type { Adversary, AdversaryContext, SimNode } from "../simulation/sim_node.ts";
import { type BranchView, problemOfMove, type Strategy } from "./strategy.ts";

/** A strategy asked for a move that cannot be made. */
export class ImpossibleMove extends Error {
  override readonly name = "ImpossibleMove";
}

/** Public blocks that are remembered to find out what a new one stands on. */
const PUBLIC_BLOCKS_MAX = 4096;

export class BranchMiner implements Adversary {
  readonly #strategy: Strategy;
  /** The newest block of both branches; `undefined` for genesis. */
  #base: BlockHash | undefined;
  #baseHeight = 0;
  /** The own branch above the base, from the bottom up. */
  #own: CompactBlockMessage[] = [];
  /** Own blocks by hash: a branch may be thousands long where the attacker has half of the power. */
  readonly #ownHeights = new Map<BlockHash, number>();
  #shownCount = 0;
  /** How much longer than the base the honest branch is. */
  #honest = 0;
  /** What others have shown, by hash: to find out what a block stands on. */
  readonly #public = new Map<BlockHash, CompactBlockMessage>();
  /** Honest blocks that the node inside has not heard of. */
  #unheard: NodeInput[] = [];
  /** Whom the node inside knows: nobody comes or goes in these worlds. */
  #neighbours: readonly SimNode[] = [];
  #raceCount = 0;
  #followedCount = 0;

  constructor(strategy: Strategy) {
    this.#strategy = strategy;
  }

  /** Up to which height the main chain is settled. */
  get settledHeight(): number {
    return this.#baseHeight;
  }

  /** How long the own branch is. */
  get ownCount(): number {
    return this.#own.length;
  }

  /** How many races an honest block has decided, and how many of these blocks stood on ours. */
  get races(): { readonly count: number; readonly followed: number } {
    return { count: this.#raceCount, followed: this.#followedCount };
  }

  intake(input: NodeInput, context: AdversaryContext): readonly NodeInput[] {
    if (input.type !== "message" || input.message.type !== "compact-block") return [input];
    const { message } = input;
    if (this.#public.has(message.hash) || this.#ownIndexOf(message.hash) >= 0) return [];
    this.#remember(message);
    this.#unheard.push(input);
    return this.#onHonestBlock(message, context);
  }

  outlet(effect: NodeEffect, context: AdversaryContext): readonly NodeEffect[] {
    if (effect.type !== "send" || effect.message.type !== "compact-block") return [effect];
    const { message } = effect;
    if (message.header.miner !== context.node.config.keyPair.publicKey) return [effect];
    const heightMax = this.#baseHeight + this.#own.length;
    if (message.header.height > heightMax) this.#onOwnBlock(message, context);
    return [];
  }

  #onOwnBlock(message: CompactBlockMessage, context: AdversaryContext): void {
    this.#own.push(message);
    this.#ownHeights.set(message.hash, message.header.height);
    // Nothing is adopted here: an own branch that has just grown is not given up.
    const inputs = this.#decide("own", context);
    invariant(inputs.length === 0, "An own block makes nobody adopt");
  }

  #onHonestBlock(message: CompactBlockMessage, context: AdversaryContext): readonly NodeInput[] {
    const { height } = message.header;
    const standsOn = this.#ownAncestorOf(message);
    if (standsOn >= 0) {
      if (height <= this.#baseHeight + this.#honest) return [];
      if (this.#isRace) {
        this.#raceCount++;
        this.#followedCount++;
      }
      this.#moveBase(standsOn + 1);
    } else {
      if (height <= this.#baseHeight + this.#honest) return [];
      if (this.#isRace) this.#raceCount++;
    }
    this.#honest = height - this.#baseHeight;
    return this.#decide("honest", context);
  }

  get #isRace(): boolean {
    return this.#honest > 0 && this.#shownCount === this.#honest;
  }

  #decide(found: "own" | "honest", context: AdversaryContext): readonly NodeInput[] {
    const view: BranchView = {
      own: this.#own.length,
      honest: this.#honest,
      isRace: this.#isRace,
      found,
    };
    const move = this.#strategy.react(view);
    const problem = problemOfMove(move, view);
    if (problem !== undefined) throw new ImpossibleMove(`${this.#strategy.name}: ${problem}`);
    switch (move) {
      case "wait":
        return [];
      case "match":
        this.#show(this.#honest, context);
        return [];
      case "override":
        this.#show(this.#honest + 1, context);
        this.#moveBase(this.#honest + 1);
        this.#honest = 0;
        // Whatever was not heard of has lost.
        this.#unheard = [];
        return [];
      case "adopt":
        return this.#adopt();
    }
  }

  /** Shows own blocks to everybody that the node knows, until this many are shown. */
  #show(count: number, { world, node }: AdversaryContext): void {
    const shown = this.#own.slice(this.#shownCount, count);
    if (shown.length === 0) return;
    this.#shownCount = count;
    if (this.#neighbours.length === 0) {
      const urls = new Set(node.state?.peers.values().map(({ url }) => url));
      this.#neighbours = world.nodes.filter((other) => other !== node && urls.has(other.url));
    }
    for (const message of shown) {
      for (const other of this.#neighbours) world.sendMessage(node, other, message);
    }
  }

  /** This many of the own blocks are on everybody's chain now. */
  #moveBase(count: number): void {
    const base = this.#own[count - 1];
    invariant(base !== undefined, "A base is an own block");
    this.#base = base.hash;
    this.#baseHeight = base.header.height;
    for (const { hash } of this.#own.splice(0, count)) this.#ownHeights.delete(hash);
    this.#shownCount = Math.max(0, this.#shownCount - count);
  }

  /** Gives up the own branch: the node inside hears what it has missed, and goes over by itself. */
  #adopt(): readonly NodeInput[] {
    const inputs = this.#unheard;
    this.#unheard = [];
    this.#own = [];
    this.#ownHeights.clear();
    this.#shownCount = 0;
    this.#baseHeight += this.#honest;
    this.#honest = 0;
    let tip: CompactBlockMessage | undefined;
    for (const input of inputs) {
      if (input.type !== "message" || input.message.type !== "compact-block") continue;
      if (input.message.header.height === this.#baseHeight) tip ??= input.message;
    }
    this.#base = tip?.hash ?? this.#base;
    return inputs;
  }

  /** Which own block a public one stands on, however far above it; -1 for none. */
  #ownAncestorOf({ header }: CompactBlockMessage): number {
    let hash = header.previousHash;
    for (;;) {
      const index = this.#ownIndexOf(hash);
      if (index >= 0 || hash === this.#base) return index;
      const parent = this.#public.get(hash);
      if (parent === undefined || parent.header.height <= this.#baseHeight) return -1;
      hash = parent.header.previousHash;
    }
  }

  #ownIndexOf(hash: BlockHash): number {
    const height = this.#ownHeights.get(hash);
    return height === undefined ? -1 : Math.max(-1, height - this.#baseHeight - 1);
  }

  #remember(message: CompactBlockMessage): void {
    this.#public.set(message.hash, message);
    for (const oldest of this.#public.keys()) {
      if (this.#public.size <= PUBLIC_BLOCKS_MAX) break;
      this.#public.delete(oldest);
    }
  }
}

/** Puts a strategy around a node. */
export function besetBy(node: SimNode, strategy: Strategy): BranchMiner {
  const miner = new BranchMiner(strategy);
  node.adversary = miner;
  return miner;
}
