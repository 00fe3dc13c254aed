import assert from "node:assert/strict";
import { NetworkStatistics } from "./network_statistics.ts";
import {
  DEFAULT_NETWORK_CHOICE,
  type NetworkChoice,
  planNetwork,
  runNetwork,
} from "./network_plan.ts";
import type { NetworkFigures } from "./network_statistics.ts";
import { OldNews } from "./old_news.ts";
import type { World } from "./world.ts";

const CHOICE: NetworkChoice = {
  ...DEFAULT_NETWORK_CHOICE,
  nodes: 30,
  blocks: 60,
  // Forks are frequent, so branches overtake each other and parents are missing.
  intervalMs: 300,
};

Deno.test("leaving out old news changes nothing but the number of events", () => {
  const choices: readonly Partial<NetworkChoice>[] = [
    {},
    { seed: 2, jitter: { kind: "exponential", mean: 80 } },
    { seed: 3, transactionsPerSec: 20, capacity: 10 },
    { seed: 4, uplink: { kind: "constant", value: 2 }, topology: { kind: "full" } },
  ];
  for (const change of choices) {
    const whole = figuresOf({ ...CHOICE, ...change }, false);
    const short = figuresOf({ ...CHOICE, ...change }, true);
    assert(whole.forkRate > 0 && whole.reorgCount > 0);
    assert(short.eventCount <= whole.eventCount);
    assert.deepEqual({ ...short, eventCount: 0 }, { ...whole, eventCount: 0 });
  }
});

Deno.test("OldNews forgets the oldest blocks, and then leaves nothing out", () => {
  const news = new OldNews<string>(2);
  const hashOf = (number: number) => `${number}` as never;
  news.note(1, hashOf(0));
  assert(news.isKnown(1, hashOf(0)));
  for (let number = 1; number < 64; number++) news.note(0, hashOf(number));
  assert(news.isKnown(1, hashOf(0)));
  news.note(0, hashOf(64));
  assert(!news.isKnown(1, hashOf(0)));
  assert(news.isKnown(0, hashOf(64)));
});

Deno.test("OldNews keeps what waits for a first arrival that brings nothing", () => {
  const news = new OldNews<string>(1);
  const header = { height: 2, previousHash: "unknown" } as never;
  const announcement = { hash: "b" as never, header, txids: [] };
  const plan = (arrivalMs: number) => news.plan({ node: 0, news: announcement, arrivalMs });
  assert.equal(plan(10), "event");
  assert.equal(plan(20), "held");
  news.hold(0, announcement, { arrivalMs: 20, delivery: "second" });
  assert.equal(plan(5), "event");
  assert.deepEqual(news.settle(0, "b" as never), [{ arrivalMs: 20, delivery: "second" }]);
  assert.equal(plan(30), "event");
  news.note(0, "b" as never);
  assert.deepEqual(news.settle(0, "b" as never), []);
  assert.equal(plan(40), "held");
});

function figuresOf(choice: NetworkChoice, skipsOldNews: boolean): NetworkFigures {
  const statistics: NetworkStatistics = new NetworkStatistics((): World => planned.world);
  const planned = planNetwork(choice, { observers: [statistics], skipsOldNews });
  runNetwork(planned, choice.blocks);
  return statistics.figures();
}
