import assert from "node:assert/strict";
import { randomStream } from "../random/random_stream.ts";
import {
  fullMesh,
  isConnected,
  parseTopology,
  randomRegular,
  smallWorld,
  type Topology,
} from "./topology.ts";

function assertUndirected(topology: Topology): void {
  for (const [node, neighbours] of topology.entries()) {
    assert.equal(new Set(neighbours).size, neighbours.length);
    for (const neighbour of neighbours) {
      assert.notEqual(neighbour, node);
      assert(topology[neighbour]?.includes(node));
    }
  }
}

Deno.test("randomRegular() gives every node its number of neighbours, connected", () => {
  for (const [count, degree] of [[10, 3], [50, 8], [1000, 8], [6, 5], [4, 9]] as const) {
    const topology = randomRegular({ count, degree }, randomStream(count, "topology"));
    assertUndirected(topology);
    assert(isConnected(topology));
    for (const neighbours of topology) assert.equal(neighbours.length, Math.min(degree, count - 1));
  }
});

Deno.test("smallWorld() keeps the number of edges and becomes shorter with rewiring", () => {
  const shape = { count: 100, degree: 6 };
  const lattice = smallWorld({ ...shape, rewired: 0 }, randomStream(1, "topology"));
  const rewired = smallWorld({ ...shape, rewired: 0.2 }, randomStream(1, "topology"));
  for (const topology of [lattice, rewired]) {
    assertUndirected(topology);
    assert.equal(topology.flat().length, 100 * 6);
  }
  assert.deepEqual(lattice[0], [1, 2, 3, 97, 98, 99]);
  assert(eccentricity(rewired) < eccentricity(lattice));
});

Deno.test("parseTopology() reads edges, comments and line ends of both kinds", () => {
  assert.deepEqual(parseTopology("0 1\r\n# a comment\r\n1,2 # another\n", 3), {
    ok: true,
    value: [[1], [0, 2], [1]],
  });
  for (const text of ["0 3", "1 1", "a b", "0"]) assert(!parseTopology(text, 3).ok);
});

Deno.test("isConnected() sees an island", () => {
  assert(isConnected(fullMesh(5)));
  assert(!isConnected([[1], [0], [3], [2]]));
});

/** How many hops the farthest node is away from the first. */
function eccentricity(topology: Topology): number {
  let frontier = [0];
  const reached = new Set(frontier);
  let hops = 0;
  while (reached.size < topology.length) {
    frontier = frontier.flatMap((node) => topology[node] ?? []).filter((node) => {
      if (reached.has(node)) return false;
      reached.add(node);
      return true;
    });
    hops++;
  }
  return hops;
}

Deno.test("W06 parseTopology() refuses a graph in parts, and says which part", () => {
  const parsed = parseTopology("0 1\n2 3\n", 4);
  assert.deepEqual(parsed, {
    ok: false,
    error: { code: "topology-disconnected", parts: [[0, 1], [2, 3]] },
  });
});
