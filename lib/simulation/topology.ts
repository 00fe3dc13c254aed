/**
 * Who talks to whom: undirected graphs without loops or double edges, as lists of neighbours.
 *
 * @module
 */
import { err, invariant, ok, type Result } from "../result.ts";
import type { RandomStream } from "../random/random_stream.ts";

/** The neighbours of each node, ascending. */
export type Topology = readonly (readonly number[])[];

export type TopologyError =
  | { readonly code: "topology-unreadable"; readonly text: string }
  /** The parts, each ascending, by their first nodes: none reaches another. */
  | {
    readonly code: "topology-disconnected";
    readonly parts: readonly (readonly number[])[];
  };

/** Everybody with everybody. */
export function fullMesh(count: number): Topology {
  const all = Array.from({ length: count }, (_, index) => index);
  return all.map((node) => all.filter((other) => other !== node));
}

/**
 * A random graph in which every node has `degree` neighbours.
 *
 * Half edges are paired at random; a pair that would be a loop or a double edge is swapped with a random
 * other pair until all are good. Connected for degrees of 3 and more, but for odd chances, so a graph
 * that is not is drawn again.
 */
export function randomRegular(
  { count, degree }: { readonly count: number; readonly degree: number },
  stream: RandomStream,
): Topology {
  if (degree >= count - 1) return fullMesh(count);
  invariant(
    count * degree % 2 === 0,
    `Cannot pair ${count} × ${degree} half edges: got an odd number`,
  );
  for (;;) {
    const topology = pairHalfEdges(count, degree, stream);
    if (topology !== undefined && isConnected(topology)) return topology;
  }
}

/**
 * A ring in which each node knows its `degree` nearest ones, with a share of the edges moved elsewhere
 * (Watts and Strogatz 1998).
 */
export function smallWorld(
  { count, degree, rewired }: {
    readonly count: number;
    readonly degree: number;
    readonly rewired: number;
  },
  stream: RandomStream,
): Topology {
  if (degree >= count - 1) return fullMesh(count);
  for (;;) {
    const edges = new EdgeSet(count);
    for (let distance = 1; distance <= degree / 2; distance++) {
      for (let node = 0; node < count; node++) {
        let other = (node + distance) % count;
        if (stream.chance(rewired)) {
          do other = stream.integer(0, count - 1); while (other === node || edges.has(node, other));
        }
        edges.add(node, other);
      }
    }
    const topology = edges.topology();
    if (isConnected(topology)) return topology;
  }
}

/**
 * Reads a graph from lines of two node numbers; `#` begins a comment. One that is not connected is
 * refused: its parts would never agree (W06).
 */
export function parseTopology(text: string, count: number): Result<Topology, TopologyError> {
  const edges = new EdgeSet(count);
  for (const line of text.split(/\r?\n/)) {
    const words = line.replace(/#.*/, "").trim();
    if (words === "") continue;
    const match = /^([0-9]+)[\s,;]+([0-9]+)$/.exec(words);
    const a = Number(match?.[1]);
    const b = Number(match?.[2]);
    if (match === null || a >= count || b >= count || a === b) {
      return err({ code: "topology-unreadable", text: line });
    }
    edges.add(a, b);
  }
  const topology = edges.topology();
  const parts = partsOf(topology);
  return parts.length <= 1 ? ok(topology) : err({ code: "topology-disconnected", parts });
}

/** The connected parts of a graph: one of a graph that is connected. */
export function partsOf(topology: Topology): readonly (readonly number[])[] {
  const parts: (readonly number[])[] = [];
  const placed = new Set<number>();
  for (const node of topology.keys()) {
    if (placed.has(node)) continue;
    const part = reachedFrom(topology, node);
    for (const each of part) placed.add(each);
    parts.push([...part].sort((a, b) => a - b));
  }
  return parts;
}

/** Tells whether everybody is reached from the first node. */
export function isConnected(topology: Topology): boolean {
  return topology.length === 0 || reachedFrom(topology, 0).size === topology.length;
}

/** Whom a node reaches, itself included. */
function reachedFrom(topology: Topology, start: number): Set<number> {
  const reached = new Set<number>([start]);
  for (const node of reached) {
    for (const neighbour of topology[node] ?? []) reached.add(neighbour);
  }
  return reached;
}

function pairHalfEdges(
  count: number,
  degree: number,
  stream: RandomStream,
): Topology | undefined {
  const halves = Array.from({ length: count * degree }, (_, index) => Math.floor(index / degree));
  const paired = stream.shuffle(halves);
  const keys = new Map<number, number>();
  const keyOf = (a: number, b: number) => Math.min(a, b) * count + Math.max(a, b);
  const at = (index: number) => paired[index] as number;
  for (let index = 0; index < paired.length; index += 2) {
    const key = keyOf(at(index), at(index + 1));
    keys.set(key, (keys.get(key) ?? 0) + 1);
  }
  const take = (key: number) => {
    const left = (keys.get(key) ?? 0) - 1;
    if (left <= 0) keys.delete(key);
    else keys.set(key, left);
  };

  let attempts = 100 * paired.length;
  for (let index = 0; index < paired.length; index += 2) {
    for (;;) {
      const key = keyOf(at(index), at(index + 1));
      if (at(index) !== at(index + 1) && keys.get(key) === 1) break;
      if (attempts-- === 0) return undefined;
      const other = 2 * stream.integer(0, paired.length / 2 - 1);
      const newKey = keyOf(at(index), at(other + 1));
      const newOtherKey = keyOf(at(other), at(index + 1));
      const isBetter = at(index) !== at(other + 1) && at(other) !== at(index + 1) &&
        !keys.has(newKey) && !keys.has(newOtherKey) && newKey !== newOtherKey;
      if (!isBetter) continue;
      take(key);
      take(keyOf(at(other), at(other + 1)));
      [paired[index + 1], paired[other + 1]] = [at(other + 1), at(index + 1)];
      keys.set(newKey, 1);
      keys.set(newOtherKey, 1);
    }
  }

  const edges = new EdgeSet(count);
  for (let index = 0; index < paired.length; index += 2) edges.add(at(index), at(index + 1));
  return edges.topology();
}

/** Edges without an order or a double. */
class EdgeSet {
  readonly #neighbours: Set<number>[];

  constructor(count: number) {
    this.#neighbours = Array.from({ length: count }, () => new Set<number>());
  }

  has(a: number, b: number): boolean {
    return this.#neighbours[a]?.has(b) ?? false;
  }

  add(a: number, b: number): void {
    this.#neighbours[a]?.add(b);
    this.#neighbours[b]?.add(a);
  }

  topology(): Topology {
    return this.#neighbours.map((neighbours) => [...neighbours].sort((a, b) => a - b));
  }
}
