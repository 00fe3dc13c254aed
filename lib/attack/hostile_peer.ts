/**
 * A peer that misleads one victim: around an honest node, so that it knows the chain, is in the ring and
 * keeps its sessions, stands a script that decides what the victim hears of it.
 *
 * To all others it is honest. To the victim it says where it pretends to stand and what its script answers;
 * what the node inside would pass on is withheld, so that nothing good comes from it by accident.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { Message, MessageType, StatusMessage } from "../wire/message.ts";
import type { Adversary, AdversaryContext, SimNode } from "../simulation/sim_node.ts";

/** What the victim hears. */
export interface Lies {
  /** Where the peer pretends to stand, instead of where it does. */
  status?(honest: StatusMessage, context: AdversaryContext): StatusMessage;
  /** What it answers; nothing at all for an empty list, and `undefined` for what the node inside says. */
  answer?(question: Message, context: AdversaryContext): readonly Message[] | undefined;
}

/** What a node sends when it wants to know something. */
const QUESTIONS: ReadonlySet<MessageType> = new Set([
  "get-headers",
  "get-blocks",
  "get-block-transactions",
  "get-pool",
  "get-transactions",
]);

export class HostilePeer implements Adversary {
  readonly #victim: SimNode;
  readonly #lies: Lies;
  readonly #heard = new Map<MessageType, number>();
  /** Questions that the node inside answers itself. */
  #isAnswering = false;

  constructor(victim: SimNode, lies: Lies) {
    this.#victim = victim;
    this.#lies = lies;
  }

  /** How many messages of a type the victim has sent. */
  heard(type: MessageType): number {
    return this.#heard.get(type) ?? 0;
  }

  /** How many questions the victim has asked. */
  get questionCount(): number {
    let sum = 0;
    for (const type of QUESTIONS) sum += this.heard(type);
    return sum;
  }

  /** How many messages the victim has sent in all. */
  get messageCount(): number {
    return this.#heard.values().reduce((sum, count) => sum + count, 0);
  }

  intake(input: NodeInput, context: AdversaryContext): readonly NodeInput[] {
    this.#isAnswering = false;
    if (input.type !== "message" || input.from !== this.#victim.config.keyPair.publicKey) {
      return [input];
    }
    const { message } = input;
    this.#heard.set(message.type, this.heard(message.type) + 1);
    if (!QUESTIONS.has(message.type)) return [input];
    const answers = this.#lies.answer?.(message, context);
    if (answers === undefined) {
      this.#isAnswering = true;
      return [input];
    }
    for (const answer of answers) this.say(answer, context);
    return [];
  }

  outlet(effect: NodeEffect, context: AdversaryContext): readonly NodeEffect[] {
    if (effect.type !== "send" || effect.url !== this.#victim.url) return [effect];
    const { message } = effect;
    if (message.type === "status") {
      return [{ ...effect, message: this.#lies.status?.(message, context) ?? message }];
    }
    return this.#isAnswering && !isNews(message) ? [effect] : [];
  }

  /** Says something to the victim that nobody asked for. */
  say(message: Message, { world, node }: AdversaryContext): void {
    world.sendMessage(node, this.#victim, message);
  }
}

function isNews({ type }: Message): boolean {
  return type === "compact-block" || type === "transactions" || type === "records" ||
    type === "ring";
}
