import assert from "node:assert/strict";
import { measureNetwork } from "./network_experiment.ts";
import { DEFAULT_NETWORK_CHOICE, type NetworkChoice } from "./network_plan.ts";
import { MEASURED_COST, processingMs } from "./processing.ts";

const CHOICE: NetworkChoice = { ...DEFAULT_NETWORK_CHOICE, nodes: 40, blocks: 40, intervalMs: 500 };

Deno.test("abstract validation gives the figures of full validation, bit by bit", () => {
  const choices: readonly Partial<NetworkChoice>[] = [
    {},
    { seed: 2, transactionsPerSec: 10, capacity: 8 },
    { seed: 3, uplink: { kind: "constant", value: 5 }, blockSizeBytes: 500 },
    {
      seed: 4,
      nodes: 12,
      transactionsPerSec: 10,
      processing: MEASURED_COST,
      topology: { kind: "full" },
    },
  ];
  for (const change of choices) {
    const full = measureNetwork({ ...CHOICE, ...change, validation: "full" });
    const abstract = measureNetwork({ ...CHOICE, ...change, validation: "abstract" });
    assert(full.figures.forkRate > 0);
    assert.deepEqual(abstract, full);
  }
});

Deno.test("processor time slows blocks down, by what they weigh", () => {
  const meanMs = (change: Partial<NetworkChoice>) =>
    measureNetwork({ ...CHOICE, intervalMs: 5_000, blocks: 20, ...change }).figures
      .meanPropagationMs;
  const free = meanMs({});
  const cost = { messageUs: 0, kilobyteUs: 0, transactionUs: 0 };
  // No cost is no delay.
  assert.equal(meanMs({ processing: cost }), free);
  const perMessage = meanMs({ processing: { ...cost, messageUs: 20_000 } });
  // Nobody but the finder has it before one message's time has passed.
  assert(perMessage > free + 20, `${perMessage} against ${free}`);
  const light = meanMs({ processing: { ...cost, kilobyteUs: 100 } });
  const heavy = meanMs({ processing: { ...cost, kilobyteUs: 100 }, blockSizeBytes: 400_000 });
  assert(heavy > light + 40, `${heavy} against ${light}`);
});

Deno.test("processingMs() adds up messages, bytes and transactions", () => {
  const cost = { messageUs: 10, kilobyteUs: 4, transactionUs: 100 };
  assert.equal(processingMs({ type: "get-pool" }, 2_000, cost), 0.018);
  const transactions = [{}, {}, {}] as never;
  assert.equal(processingMs({ type: "transactions", transactions }, 0, cost), 0.31);
});
