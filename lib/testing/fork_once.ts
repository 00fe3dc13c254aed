/**
 * A fork on purpose, in a small simulated network behind an API.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestApi } from "./test_api.ts";
import { networkOf, type TestNode } from "./test_world.ts";

/** Lets two parts of the network find a block each, and then see each other's. */
export function forkOnce({ world }: TestApi): void {
  const [first, second, third] = world.nodes as [TestNode, TestNode, TestNode];
  world.partition([first], [second, third]);
  for (const node of [first, second]) assert(world.pay(node, third.keyPair.publicKey, 1).ok);
  world.run(1_000);
  world.partition([first], [second, third], false);
  const tipOf = (node: TestNode) => networkOf(node).chain.tip.hash;
  world.runUntil(() => tipOf(first) === tipOf(second) && networkOf(first).chain.size > 3);
}
