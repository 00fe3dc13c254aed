/**
 * What a node says while it keeps its own new blocks to itself: everything else.
 *
 * ```
 * compact block of its own → nothing     status → of its last public tip
 * headers, blocks          → up to the first that is kept back
 * ```
 *
 * Kept back is what the node mined itself since it began, and what stands on that.
 *
 * @module
 */
import type { BlockEntry } from "../../consensus/block_tree.ts";
import type { Chain } from "../../consensus/chain.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import type { BlockHash } from "../../primitives/header.ts";
import type { Message } from "../../wire/message.ts";

export class Withholding {
  readonly #chain: Chain;
  readonly #ownKey: PublicKey;
  /** Blocks with a higher place in the order of arrival are kept back, if they are own ones. */
  readonly #sinceSequence: number;

  constructor(chain: Chain, ownKey: PublicKey) {
    this.#chain = chain;
    this.#ownKey = ownKey;
    let last = 0;
    for (const entry of chain.entries()) last = Math.max(last, chain.sequenceOf(entry));
    this.#sinceSequence = last;
  }

  /** What is said instead of a message; `undefined` for nothing. */
  filter(message: Message): Message | undefined {
    switch (message.type) {
      case "compact-block":
        return this.#isKept(message.hash) ? undefined : message;
      case "status": {
        const tip = this.#publicTip();
        if (tip.hash === message.tipHash) return message;
        return {
          ...message,
          tipHash: tip.hash,
          tipHeight: tip.header.height,
          tipWork: tip.work,
        };
      }
      case "headers": {
        // A header names its parent: the first that stands above the last public block is kept.
        const { headers } = message;
        const shown = headers.filter(({ height }) => height <= this.#publicTip().header.height);
        return shown.length === headers.length ? message : { ...message, headers: shown };
      }
      case "blocks": {
        const blocks = message.blocks.filter(({ hash }) => !this.#isKept(hash));
        if (blocks.length === message.blocks.length) return message;
        return blocks.length === 0 ? undefined : { ...message, blocks };
      }
      case "block-transactions":
        return this.#isKept(message.hash) ? undefined : message;
      default:
        return message;
    }
  }

  #publicTip(): BlockEntry {
    let tip = this.#chain.tip;
    let shown = tip;
    // Everything above the lowest block that is kept back stands on it.
    while (this.#isNew(tip) && tip.parent !== undefined) {
      if (this.#isOwnNew(tip)) shown = tip.parent;
      tip = tip.parent;
    }
    return shown;
  }

  #isKept(hash: BlockHash): boolean {
    let entry = this.#chain.entry(hash);
    while (entry !== undefined && this.#isNew(entry)) {
      if (this.#isOwnNew(entry)) return true;
      entry = entry.parent;
    }
    return false;
  }

  #isOwnNew(entry: BlockEntry): boolean {
    return entry.header.miner === this.#ownKey && this.#isNew(entry);
  }

  #isNew(entry: BlockEntry): boolean {
    return this.#chain.sequenceOf(entry) > this.#sinceSequence;
  }
}
