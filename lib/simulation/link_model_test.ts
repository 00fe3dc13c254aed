import assert from "node:assert/strict";
import { LinkModel, PERFECT_LINKS } from "./link_model.ts";

function arrivals(links: LinkModel, from: number, to: number, nowMs: number): number[] {
  const arrivalsMs: number[] = [];
  arrivalsMs.push(...links.send({ from, to, sizeBytes: 1000, nowMs }));
  return arrivalsMs;
}

Deno.test("LinkModel keeps the order of a link under jitter, and breaks it when told to", () => {
  const jitter = { kind: "uniform", min: 0, max: 500 } as const;
  const isOrdered = (links: LinkModel) => {
    const times = Array.from({ length: 200 }, (_, step) => arrivals(links, 0, 1, step)).flat();
    return times.every((timeMs, index) => index === 0 || timeMs >= (times[index - 1] as number));
  };
  assert(isOrdered(new LinkModel(1, { ...PERFECT_LINKS, jitter })));
  assert(!isOrdered(new LinkModel(1, { ...PERFECT_LINKS, jitter, reorderProbability: 0.5 })));
});

Deno.test("LinkModel loses and duplicates the share that it is told to", () => {
  const profile = { ...PERFECT_LINKS, lossProbability: 0.2, duplicateProbability: 0.1 };
  const links = new LinkModel(2, profile);
  let lost = 0;
  let doubled = 0;
  for (let step = 0; step < 10_000; step++) {
    const count = arrivals(links, 0, 1, step).length;
    if (count === 0) lost++;
    if (count === 2) doubled++;
  }
  // Within four standard errors of 2,000 and of 10 % of the other 8,000.
  assert(Math.abs(lost - 2000) < 4 * 40, `lost ${lost}`);
  assert(Math.abs(doubled - 800) < 4 * 27, `doubled ${doubled}`);
});

Deno.test("LinkModel cuts one direction, splits into groups, heals", () => {
  const links = new LinkModel(3, PERFECT_LINKS);
  links.setCut(0, 1, true);
  assert.deepEqual([arrivals(links, 0, 1, 0), arrivals(links, 1, 0, 0)], [[], [20]]);
  links.partition(new Map([[2, 1], [3, 1]]));
  assert.deepEqual([arrivals(links, 2, 3, 0), arrivals(links, 2, 0, 0)], [[20], []]);
  links.heal();
  assert.deepEqual([arrivals(links, 0, 1, 0), arrivals(links, 2, 0, 0)], [[20], [20]]);
});

Deno.test("LinkModel sends one byte after the other where the uplink is limited", () => {
  const uplink = { kind: "constant", value: 100 } as const;
  const links = new LinkModel(4, { ...PERFECT_LINKS, uplink });
  assert.deepEqual([arrivals(links, 0, 1, 0), arrivals(links, 0, 2, 0)], [[30], [40]]);
  assert.deepEqual(arrivals(links, 1, 0, 0), [30]);
});

Deno.test("S01 a link's latency depends on the seed and its two ends only", () => {
  const latency = { kind: "exponential", mean: 100 } as const;
  const first = new LinkModel(5, { ...PERFECT_LINKS, latency });
  const second = new LinkModel(5, { ...PERFECT_LINKS, latency });
  for (let node = 2; node < 50; node++) second.latencyMs(node, 0);
  assert.equal(first.latencyMs(0, 1), second.latencyMs(0, 1));
  assert.notEqual(first.latencyMs(0, 1), first.latencyMs(1, 0));
});
