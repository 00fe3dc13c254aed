/**
 * How long blocks stay on nodes' main chains, and after what time they stay for good.
 *
 * A stay begins when a node connects a block and ends when it disconnects it. Of the stays that have lasted so
 * long, a share still ends: where that share falls below a level and never rises to it again, a block is final
 * at that level.
 *
 * @module
 */
import type { NodeEffect } from "../node/effect.ts";
import type { NodeInput } from "../node/input.ts";
import type { BlockHash } from "../primitives/header.ts";
import type { SimNode, WorldObserver } from "./sim_node.ts";

/** Stays of all nodes, by how long they lasted, in ms. */
export interface Stays {
  /** Ended by a reorganisation. */
  readonly lostMs: readonly number[];
  /** Not ended so far. */
  readonly keptMs: readonly number[];
}

export class StayRecorder implements WorldObserver {
  readonly #nowMs: () => number;
  readonly #since = new Map<SimNode, Map<BlockHash, number>>();
  readonly #lostMs: number[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  onStep(node: SimNode, _input: NodeInput, effects: readonly NodeEffect[]): void {
    const [first] = effects;
    if (first?.type !== "commit") return;
    const { connected, disconnected } = first.commit;
    if (connected.length === 0 && disconnected.length === 0) return;
    let since = this.#since.get(node);
    if (since === undefined) this.#since.set(node, since = new Map());
    const nowMs = this.#nowMs();
    for (const { entry: { hash } } of disconnected) {
      const fromMs = since.get(hash);
      since.delete(hash);
      if (fromMs !== undefined) this.#lostMs.push(nowMs - fromMs);
    }
    for (const { entry: { hash } } of connected) since.set(hash, nowMs);
  }

  stays(): Stays {
    const nowMs = this.#nowMs();
    const keptMs = [...this.#since.values()].flatMap((since) =>
      [...since.values()].map((fromMs) => nowMs - fromMs)
    );
    return { lostMs: this.#lostMs, keptMs };
  }
}

/**
 * The time after which less than `level` of the blocks that are still there leave again; undefined where there
 * are too few stays to tell.
 *
 * @example
 * ```ts
 * import { timeToFinality } from "./finality.ts";
 * import assert from "node:assert/strict";
 *
 * // Of a hundred blocks one left after 7 ms and one after 3 ms: 1 in 99 was still to leave after 3 ms.
 * const keptMs = new Array(98).fill(50);
 * assert.equal(timeToFinality({ lostMs: [7, 3], keptMs }, 0.015), 3);
 * assert.equal(timeToFinality({ lostMs: [7, 3], keptMs }, 0.01), 7);
 * assert.equal(timeToFinality({ lostMs: [7, 3], keptMs: [] }, 0.01), undefined);
 * ```
 */
export function timeToFinality({ lostMs, keptMs }: Stays, level: number): number | undefined {
  if (lostMs.length + keptMs.length < 1 / level) return undefined;
  const lost = lostMs.toSorted((a, b) => b - a);
  const kept = keptMs.toSorted((a, b) => b - a);
  // From the longest down: the first age at which too many are still to leave.
  let keptCount = 0;
  for (const [index, ageMs] of lost.entries()) {
    while (keptCount < kept.length && (kept[keptCount] as number) >= ageMs) keptCount++;
    const leaving = index + 1;
    const isLast = lost[index + 1] !== ageMs;
    if (isLast && leaving >= level * (leaving + keptCount)) return ageMs;
  }
  return 0;
}
