/**
 * Writes down a simulated world as a feed: what recordings of real networks hold, too, so that players,
 * trace viewers and trees take either.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import {
  BLOCK_ID_LENGTH,
  type FeedEvent,
  type FeedHead,
  messageClass,
  NO_NODE_FAULTS,
  TRANSACTION_ID_LENGTH,
} from "../page/feed.ts";
import type { Params } from "../params.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { messageDetail } from "../wire/message_detail.ts";
import {
  type PassedMessage,
  type SimNode,
  WORLD_EPOCH_MS,
  type WorldObserver,
} from "./sim_node.ts";

export class FeedRecorder implements WorldObserver {
  readonly events: FeedEvent[] = [];
  readonly #nowMs: () => number;
  readonly #byKey = new Map<PublicKey, number>();
  readonly #known = new Set<string>();

  /** @param nowMs the world's time */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  onStart(node: SimNode): void {
    this.#byKey.set(node.config.keyPair.publicKey, node.index);
    this.#noteRun(node, "up");
  }

  onCrash(node: SimNode): void {
    this.#noteRun(node, "down");
  }

  onMessage({ from, to, message, sentAtMs, atMs, isLost }: PassedMessage): void {
    this.events.push({
      kind: "message",
      at: atMs,
      sentAt: sentAtMs,
      isLost,
      from: from.index,
      to: to.index,
      type: message.type,
      class: messageClass(message.type),
      detail: messageDetail(message),
    });
  }

  onStep(node: SimNode, _input: NodeInput, effects: readonly NodeEffect[]): void {
    const at = this.#nowMs();
    for (const effect of effects) {
      if (effect.type !== "event" || effect.event.type !== "transaction") continue;
      this.#noteTransaction(node, effect.event.transaction, at);
    }
    const [first] = effects;
    if (first?.type !== "commit") return;
    this.#noteGenesis(node, at);
    const { stored, disconnected, tip } = first.commit;
    for (const { entry: { hash, header }, block: { transactions } } of stored) {
      const id = hash.slice(0, BLOCK_ID_LENGTH);
      if (this.#isNew(`block ${id}`)) {
        this.events.push({
          kind: "block",
          at,
          id,
          parent: header.previousHash.slice(0, BLOCK_ID_LENGTH),
          height: header.height,
          miner: this.#byKey.get(header.miner) ?? null,
          transactions: transactions.length,
          txids: transactions.map(({ txid }) => txid.slice(0, TRANSACTION_ID_LENGTH)),
          stamp: header.timestampMs - WORLD_EPOCH_MS,
        });
      }
      this.events.push({ kind: "seen", at, id, node: node.index });
    }
    if (tip === undefined) return;
    const dropped = disconnected.length;
    this.events.push({
      kind: "tip",
      at,
      node: node.index,
      id: tip.slice(0, BLOCK_ID_LENGTH),
      dropped,
    });
  }

  /** Genesis is stored with no step: it is there with the network. */
  #noteGenesis(node: SimNode, at: number): void {
    const genesis = node.state?.network?.params.genesis;
    if (genesis === undefined || !this.#isNew(`genesis ${node.index}`)) return;
    const id = genesis.hash.slice(0, BLOCK_ID_LENGTH);
    if (this.#isNew(`block ${id}`)) {
      this.events.push({
        kind: "block",
        at,
        id,
        parent: genesis.header.previousHash.slice(0, BLOCK_ID_LENGTH),
        height: 0,
        miner: null,
        transactions: genesis.transactions.length,
        stamp: genesis.header.timestampMs - WORLD_EPOCH_MS,
      });
    }
    this.events.push({ kind: "seen", at, id, node: node.index });
  }

  #noteTransaction(node: SimNode, { txid, sender, outputs }: Transaction, at: number): void {
    const id = txid.slice(0, TRANSACTION_ID_LENGTH);
    if (!this.#isNew(`tx ${id} ${node.index}`)) return;
    const paid = outputs.find(({ owner }) => owner !== sender) ?? outputs[0];
    this.events.push({
      kind: "tx",
      at,
      id,
      node: node.index,
      from: this.#byKey.get(sender) ?? null,
      to: paid === undefined ? null : this.#byKey.get(paid.owner) ?? null,
      amount: paid?.amount ?? 0,
    });
  }

  #noteRun(node: SimNode, run: "up" | "down"): void {
    const at = this.#nowMs();
    this.events.push({ kind: "node", at, node: node.index, run, faults: NO_NODE_FAULTS });
  }

  #isNew(key: string): boolean {
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    return true;
  }
}

/** The head of a simulated feed. */
export function simulatedHead(
  { capacity, difficulty }: Pick<Params, "capacity" | "difficulty">,
  { title, nodes }: Pick<FeedHead, "title" | "nodes">,
): FeedHead {
  return { origin: "simulation", title, originMs: WORLD_EPOCH_MS, capacity, difficulty, nodes };
}
