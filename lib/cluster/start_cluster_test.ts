/** What the nodes of one machine share. */
import assert from "node:assert/strict";
import { verificationThreadsOf } from "./start_cluster.ts";

Deno.test("the nodes of a cluster share the cores for signatures, and each has a thread", () => {
  const cores = navigator.hardwareConcurrency;
  assert.equal(verificationThreadsOf(1), cores);
  for (let nodes = 1; nodes <= 4 * cores; nodes++) {
    const threads = verificationThreadsOf(nodes);
    assert(threads === 1 || threads * nodes <= cores, `${threads} threads at ${nodes} nodes`);
    assert(threads >= 1);
  }
});
