/**
 * How one block or transaction went through a network: who heard it from whom, and when.
 *
 * A node heard it from whoever's message about it arrived first. Messages name what they are about by
 * the first characters of its hash; a node of which none is known (an answer that names nothing, a
 * recording that has left messages out) hangs on nobody, and is said to. When a node has it, its own word says;
 * where there is none, as in recordings of real networks, which tell of a transaction's first node and of tips
 * alone, the message does.
 *
 * @module
 */
import type { FeedEvent } from "../page/feed.ts";

/** One node's first hearing. */
export interface Hearing {
  readonly node: number;
  /** `undefined` for the maker, and where no message is known. */
  readonly from: number | undefined;
  readonly at: number;
  /** Since the first had it. */
  readonly delay: number;
}

export interface PropagationTree {
  readonly id: string;
  readonly what: "block" | "transaction";
  /** In the order of time. */
  readonly hearings: readonly Hearing[];
}

/** Messages that bring what they name; a status or a question only speaks of it. */
const BEARERS = new Set(["compact-block", "blocks", "block-transactions", "transactions"]);
/** The shortest name in a message's words. */
const NAME_LENGTH_MIN = 8;

/** The trees of everything whose id begins so, in the order in which they began. */
export function propagationTrees(
  events: readonly FeedEvent[],
  prefix: string,
): readonly PropagationTree[] {
  const trees = new Map<string, { what: PropagationTree["what"]; hearings: Hearing[] }>();
  const heard = new Map<string, Map<number, { readonly from: number; readonly at: number }>>();
  for (const event of events) {
    switch (event.kind) {
      case "message":
        if (!event.isLost && BEARERS.has(event.type)) {
          noteMessage(event);
        }
        break;
      case "block":
        if (event.miner !== null) note(event.id, "block", event.miner, event.at, true);
        break;
      // A tip says that the node has the block.
      case "tip":
      case "seen":
        note(event.id, "block", event.node, event.at, false);
        break;
      case "tx":
        note(event.id, "transaction", event.node, event.at, false);
        break;
    }
  }
  return [...trees].map(([id, { what, hearings }]) => {
    const known = new Set(hearings.map(({ node }) => node));
    const firstAt = hearings[0]?.at ?? 0;
    const told = [...heard.get(id.slice(0, NAME_LENGTH_MIN)) ?? []].flatMap((
      [node, { from, at }],
    ) => known.has(node) ? [] : [{ node, from, at, delay: Math.max(0, at - firstAt) }]);
    // Sorting is stable: the maker stays first.
    return { id, what, hearings: [...hearings, ...told].sort((a, b) => a.delay - b.delay) };
  });

  function noteMessage({ detail, to, from, at }: FeedEvent & { readonly kind: "message" }): void {
    for (const [name] of detail.matchAll(/[0-9a-f]{8,}/g)) {
      const key = name.slice(0, NAME_LENGTH_MIN);
      let byNode = heard.get(key);
      if (byNode === undefined) heard.set(key, byNode = new Map());
      if (!byNode.has(to)) byNode.set(to, { from, at });
    }
  }

  function note(
    id: string,
    what: PropagationTree["what"],
    node: number,
    at: number,
    isMaker: boolean,
  ): void {
    if (!id.startsWith(prefix)) return;
    let tree = trees.get(id);
    if (tree === undefined) trees.set(id, tree = { what, hearings: [] });
    if (tree.hearings.some((hearing) => hearing.node === node)) return;
    const from = isMaker ? undefined : heard.get(id.slice(0, NAME_LENGTH_MIN))?.get(node)?.from;
    const firstAt = tree.hearings[0]?.at ?? at;
    tree.hearings.push({ node, from, at, delay: at - firstAt });
  }
}

/**
 * A tree as indented lines.
 *
 * @example
 * ```ts
 * import { formatTree } from "./propagation_tree.ts";
 * import assert from "node:assert/strict";
 *
 * const hearings = [
 *   { node: 2, from: undefined, at: 5, delay: 0 },
 *   { node: 0, from: 2, at: 25, delay: 20 },
 * ];
 * const text = formatTree({ id: "ab", what: "block", hearings });
 * assert.equal(text, "block ab\nn2 at 5 ms\n└ n0 +20 ms");
 * ```
 */
export function formatTree({ id, what, hearings }: PropagationTree): string {
  const lines = [`${what} ${id}`];
  const told = new Set<number>();
  const isRoot = ({ from }: Hearing) =>
    from === undefined || !hearings.some(({ node }) => node === from);
  for (const [index, root] of hearings.filter(isRoot).entries()) {
    const from = index === 0 ? "" : ", from nobody who is known";
    lines.push(`n${root.node} at ${Math.round(root.at)} ms${from}`);
    told.add(root.node);
    addChildren(root.node, "");
  }
  return lines.join("\n");

  function addChildren(node: number, indent: string): void {
    const children = hearings.filter((hearing) => hearing.from === node && !told.has(hearing.node));
    for (const { node } of children) told.add(node);
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1;
      lines.push(`${indent}${isLast ? "└" : "├"} n${child.node} +${Math.round(child.delay)} ms`);
      addChildren(child.node, indent + (isLast ? "  " : "│ "));
    }
  }
}
