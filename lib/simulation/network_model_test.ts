import assert from "node:assert/strict";
import { NetworkModel, PERFECT_LINKS } from "./network_model.ts";

function arrivals(network: NetworkModel, from: number, to: number, nowMs: number): number[] {
  const arrivalsMs: number[] = [];
  network.send({ from, to, sizeBytes: 1000, nowMs }, (atMs) => arrivalsMs.push(atMs));
  return arrivalsMs;
}

Deno.test("NetworkModel keeps the order of a link under jitter, and breaks it when told to", () => {
  const jitter = { kind: "uniform", min: 0, max: 500 } as const;
  const isOrdered = (network: NetworkModel) => {
    const times = Array.from({ length: 200 }, (_, step) => arrivals(network, 0, 1, step)).flat();
    return times.every((timeMs, index) => index === 0 || timeMs >= (times[index - 1] as number));
  };
  assert(isOrdered(new NetworkModel(1, { ...PERFECT_LINKS, jitter })));
  assert(!isOrdered(new NetworkModel(1, { ...PERFECT_LINKS, jitter, reorderProbability: 0.5 })));
});

Deno.test("NetworkModel loses and duplicates the share that it is told to", () => {
  const profile = { ...PERFECT_LINKS, lossProbability: 0.2, duplicateProbability: 0.1 };
  const network = new NetworkModel(2, profile);
  let lost = 0;
  let doubled = 0;
  for (let step = 0; step < 10_000; step++) {
    const count = arrivals(network, 0, 1, step).length;
    if (count === 0) lost++;
    if (count === 2) doubled++;
  }
  // Within four standard errors of 2,000 and of 10 % of the other 8,000.
  assert(Math.abs(lost - 2000) < 4 * 40, `lost ${lost}`);
  assert(Math.abs(doubled - 800) < 4 * 27, `doubled ${doubled}`);
});

Deno.test("NetworkModel cuts one direction, splits into groups, heals", () => {
  const network = new NetworkModel(3, PERFECT_LINKS);
  network.setCut(0, 1, true);
  assert.deepEqual([arrivals(network, 0, 1, 0), arrivals(network, 1, 0, 0)], [[], [20]]);
  network.partition(new Map([[2, 1], [3, 1]]));
  assert.deepEqual([arrivals(network, 2, 3, 0), arrivals(network, 2, 0, 0)], [[20], []]);
  network.heal();
  assert.deepEqual([arrivals(network, 0, 1, 0), arrivals(network, 2, 0, 0)], [[20], [20]]);
});

Deno.test("NetworkModel sends one byte after the other where the uplink is limited", () => {
  const uplink = { kind: "constant", value: 100 } as const;
  const network = new NetworkModel(4, { ...PERFECT_LINKS, uplink });
  assert.deepEqual([arrivals(network, 0, 1, 0), arrivals(network, 0, 2, 0)], [[30], [40]]);
  assert.deepEqual(arrivals(network, 1, 0, 0), [30]);
});

Deno.test("S01 a link's latency depends on the seed and its two ends only", () => {
  const latency = { kind: "exponential", mean: 100 } as const;
  const first = new NetworkModel(5, { ...PERFECT_LINKS, latency });
  const second = new NetworkModel(5, { ...PERFECT_LINKS, latency });
  for (let node = 2; node < 50; node++) second.latencyMs(node, 0);
  assert.equal(first.latencyMs(0, 1), second.latencyMs(0, 1));
  assert.notEqual(first.latencyMs(0, 1), first.latencyMs(1, 0));
});
