/**
 * The simulator: events a second in a network and in the fuzzer. Run with `deno task bench` or
 * `deno bench -A bench/simulation_bench.ts`; `bench/simulation_scale.ts` runs the large networks.
 *
 * @module
 */
import { EventQueue } from "../lib/simulation/event_queue.ts";
import { planFuzz } from "../lib/fuzz/fuzz_plan.ts";
import { runFuzz } from "../lib/fuzz/fuzz_run.ts";
import { DEFAULT_NETWORK_CHOICE, planNetwork, runNetwork } from "../lib/simulation/network_plan.ts";
import { randomStream } from "../lib/random/random_stream.ts";

Deno.bench("event queue: put in and take out 100,000", () => {
  const stream = randomStream(1, "bench");
  const queue = new EventQueue<number>();
  for (let event = 0; event < 100_000; event++) queue.push(stream.float(), event);
  while (queue.size > 0) queue.pop();
});

Deno.bench("network: 200 nodes of 8 neighbours, 50 blocks (72,000 events)", () => {
  runNetwork(planNetwork({ ...DEFAULT_NETWORK_CHOICE, nodes: 200, blocks: 50 }), 50);
});

Deno.bench("fuzzer: ten seeds, every event checked", () => {
  for (let seed = 1; seed <= 10; seed++) runFuzz(planFuzz(seed, { horizonMsMax: 3000 }));
});
