/**
 * A node that lies: an honest state machine whose owner sends forgeries to chosen victims, and answers
 * for them when it is asked.
 *
 * @module
 */
import type { NodeInput } from "../node/input.ts";
import type { Network } from "../node/state.ts";
import { PROTOCOL_VERSION } from "../params.ts";
import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/header.ts";
import { addWork } from "../primitives/target.ts";
import type { Message } from "../wire/message.ts";
import { forge, type ForgeryKind } from "./forgery.ts";
import type { RandomStream } from "../random/random_stream.ts";
import type { Adversary, AdversaryContext, SimNode } from "../simulation/sim_node.ts";
import type { World } from "../simulation/world.ts";

export class Liar implements Adversary {
  /** Stops lying; goes on as an honest node. */
  isQuiet = false;
  readonly #stream: RandomStream;
  /** Forged blocks by hash, for whoever asks for them. */
  readonly #blocks = new Map<BlockHash, Block>();
  /** The last branch that was forged, from the bottom up. */
  #branch: readonly Block[] = [];

  /** @param boastShare how often it claims a branch in place of sending its blocks */
  constructor(stream: RandomStream, readonly boastShare = 0.5) {
    this.#stream = stream;
  }

  /** How many blocks it has forged so far. */
  get blockCount(): number {
    return this.#blocks.size;
  }

  /** Sends a forgery to a victim. */
  attack(
    world: World,
    { node, to, forgery }: {
      readonly node: SimNode;
      readonly to: SimNode;
      readonly forgery: ForgeryKind;
    },
  ): void {
    const network = node.state?.network;
    if (network === undefined || node === to) return;
    const { keyPair } = node.config;
    const nowMs = world.clockOf(node) + node.wallOffsetMs;
    const victim = to.config.keyPair.publicKey;
    const stream = this.#stream;
    const forged = forge(forgery, { network, keyPair, victim, nowMs, stream });
    if (forged === undefined) return;
    if (forged.kind === "transaction") {
      world.sendMessage(node, to, { type: "transactions", transactions: [forged.transaction] });
      return;
    }
    this.#branch = forged.blocks;
    for (const block of forged.blocks) this.#blocks.set(block.hash, block);
    if (stream.chance(this.boastShare)) return this.#boast(world, { node, to, network });
    for (const { hash, header, transactions } of forged.blocks) {
      const txids = transactions.map(({ txid }) => txid);
      world.sendMessage(node, to, { type: "compact-block", hash, header, txids, prefilled: [] });
    }
  }

  /** Claims the forged branch as its own tip, so that the victim comes and fetches it. */
  #boast(
    world: World,
    { node, to, network }: {
      readonly node: SimNode;
      readonly to: SimNode;
      readonly network: Network;
    },
  ): void {
    const top = this.#branch[this.#branch.length - 1];
    if (top === undefined) return;
    const { chain, mempool, params } = network;
    world.sendMessage(node, to, {
      type: "status",
      protocolVersion: PROTOCOL_VERSION,
      genesisHash: params.genesis.hash,
      hasRing: true,
      tipHash: top.hash,
      tipHeight: top.header.height,
      tipWork: addWork(chain.tip.work, params.workPerBlock),
      poolSize: mempool.size,
      poolDigest: mempool.digest,
      clockMs: world.clockOf(node) + node.wallOffsetMs,
    });
  }

  /** Answers questions about forged blocks in the node's place. */
  intake(input: NodeInput, { world, node }: AdversaryContext): readonly NodeInput[] {
    if (input.type !== "message" || this.isQuiet || this.#branch.length === 0) return [input];
    const asker = world.nodes.find((other) => other.config.keyPair.publicKey === input.from);
    const answer = this.#answerTo(input.message);
    if (asker === undefined || answer === undefined) return [input];
    world.sendMessage(node, asker, answer);
    return [];
  }

  #answerTo(message: Message): Message | undefined {
    switch (message.type) {
      case "get-block-transactions": {
        const block = this.#blocks.get(message.hash);
        if (block === undefined) return undefined;
        const transactions = message.indexes.flatMap((index) => block.transactions[index] ?? []);
        return { type: "block-transactions", hash: message.hash, transactions };
      }
      case "get-blocks": {
        const blocks = message.hashes.flatMap((hash) => this.#blocks.get(hash) ?? []);
        return blocks.length === 0 ? undefined : { type: "blocks", blocks };
      }
      case "get-headers": {
        const bottom = this.#branch[0]?.header.previousHash;
        if (bottom === undefined || !message.locator.includes(bottom)) return undefined;
        return { type: "headers", headers: this.#branch.map(({ header }) => header) };
      }
      default:
        return undefined;
    }
  }
}
