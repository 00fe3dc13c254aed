/**
 * A node's events as the lab tells them: with the heights, parents and contents that the events leave out.
 *
 * Used for real nodes by the lab, and for simulated ones by whoever records them.
 *
 * @module
 */
import type { BlockEntry } from "../../consensus/block_tree.ts";
import { difficultyOf } from "../../consensus/check_block.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import type { NodeEvent } from "../../node/effect.ts";
import type { NodeState } from "../../node/state.ts";
import { paymentOf, receiverOf } from "../../primitives/transaction.ts";
import type { LabBlock, LabEvent } from "../../wire/lab.ts";

/** How many of the newest heights are told to whoever begins to listen. */
export const HEIGHTS_TOLD_FIRST = 2_000;
/** How many txids of a block are told. */
const TXIDS_TOLD_MAX = 500;

export class NodeTeller {
  readonly #node: NodeState;
  readonly #idOf: (key: PublicKey) => number;
  /** Blocks that the last reorganisation took off, for the tip that follows it. */
  #dropped = 0;

  /** @param idOf a node's number; -1 for somebody else */
  constructor(node: NodeState, idOf: (key: PublicKey) => number) {
    this.#node = node;
    this.#idOf = idOf;
  }

  /** What an event tells, at this time. */
  eventsOf(event: NodeEvent, at: number): readonly LabEvent[] {
    const { network } = this.#node;
    switch (event.type) {
      case "block": {
        const entry = network?.chain.entry(event.hash);
        const tip: LabEvent = {
          e: "tip",
          at,
          hash: event.hash,
          height: event.height,
          dropped: this.#dropped,
        };
        this.#dropped = 0;
        return entry === undefined
          ? [tip]
          : [{ e: "block", at, block: this.#blockOf(entry, event.own) }, tip];
      }
      case "side-block": {
        const entry = network?.chain.entry(event.hash);
        if (entry === undefined) return [];
        const isOwn = event.miner === this.#node.config.keyPair.publicKey;
        return [{ e: "block", at, block: this.#blockOf(entry, isOwn) }];
      }
      case "reorg": {
        this.#dropped = event.disconnected.length;
        if (event.connected.length > 0 || network === undefined) return [];
        // Somebody took blocks away by hand: the tip is lower now.
        const { tip, height } = network.chain;
        const dropped = this.#dropped;
        this.#dropped = 0;
        return [{ e: "tip", at, hash: tip.hash, height, dropped }];
      }
      case "transaction": {
        const { txid, sender } = event.transaction;
        return [{
          e: "tx",
          at,
          txid,
          from: this.#idOf(sender),
          to: this.#idOf(receiverOf(event.transaction)),
          amount: paymentOf(event.transaction),
          ...(event.isLocal && { isLocal: true }),
        }];
      }
      case "transaction-removed":
        return [{ e: "removed", at, txid: event.txid, code: event.reason.code }];
      default:
        return [];
    }
  }

  /** Everything that the node has, as far as it is told at once. */
  firstEvents(at: number): readonly LabEvent[] {
    const { network } = this.#node;
    if (network === undefined) return [];
    const { chain } = network;
    const blocks: LabBlock[] = [];
    for (const entry of chain.entries()) {
      if (entry.header.height + HEIGHTS_TOLD_FIRST < chain.height) continue;
      blocks.push(this.#blockOf(entry, false));
    }
    return [{ e: "blocks", at, blocks, tip: chain.tip.hash }];
  }

  /** Blocks of these heights, of all branches: for whoever looks further back. */
  blocksBetween(from: number, to: number): readonly LabBlock[] {
    const blocks: LabBlock[] = [];
    for (const entry of this.#node.network?.chain.entries() ?? []) {
      const { height } = entry.header;
      if (height >= from && height <= to) blocks.push(this.#blockOf(entry, false));
    }
    return blocks;
  }

  /** @param isTold whether its transactions are named */
  #blockOf({ hash, header }: BlockEntry, isTold: boolean): LabBlock {
    const { network } = this.#node;
    const transactions = network?.chain.block(hash)?.transactions;
    const isUsual = network === undefined || header.compactTarget === network.params.compactTarget;
    return {
      hash,
      parent: header.previousHash,
      height: header.height,
      miner: this.#idOf(header.miner),
      transactions: transactions?.length ?? 0,
      stampMs: header.timestampMs,
      ...(!isUsual && { difficulty: difficultyOf(header.compactTarget, network.params) }),
      ...(isTold && transactions !== undefined && transactions.length <= TXIDS_TOLD_MAX &&
        { txids: transactions.map(({ txid }) => txid.slice(0, 16)) }),
    };
  }
}
