import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { randomStream } from "../random/random_stream.ts";
import {
  checkWorkloadChoice,
  DEFAULT_WORKLOAD_CHOICE,
  generateWorkload,
  type WorkloadChoice,
} from "./generate_workload.ts";
import { DEFAULT_LINT_OPTIONS, lintWorkload } from "./lint_workload.ts";
import { formatWorkloadFile, type PaymentLine } from "./workload_file.ts";

const TRANSACTIONS_FOLDER = fileURLToPath(new URL("../../transactions", import.meta.url));

Deno.test("generateWorkload() makes lines that are all accepted at any pace within the lead", () => {
  const choices = fc.record({
    nodes: fc.integer({ min: 1, max: 6 }),
    linesPerNode: fc.integer({ min: 1, max: 60 }),
    seed: fc.nat(),
    amountMax: fc.integer({ min: 1, max: 30 }),
    impossiblePerNode: fc.constant(0),
    lead: fc.integer({ min: 0, max: 30 }),
    coinsPerNode: fc.integer({ min: 60, max: 200 }),
  });
  fc.assert(fc.property(choices, fc.nat(), (choice, orderSeed) => {
    assert.equal(checkWorkloadChoice(choice), undefined);
    assert.equal(acceptedInOrder(choice, orderSeed), choice.nodes * choice.linesPerNode);
  }));
});

Deno.test("generateWorkload() mixes in as many impossible lines as wanted", () => {
  const workload = generateWorkload({ ...DEFAULT_WORKLOAD_CHOICE, nodes: 4, impossiblePerNode: 7 });
  const report = lintWorkload(workload, { ...DEFAULT_LINT_OPTIONS, orders: 50 });
  assert.equal(report.impossible.length, 28);
  assert.equal(report.ceiling, 372);
  assert.deepEqual(report.evenPace, { orders: 50, min: 372, median: 372, max: 372 });
});

Deno.test("checkWorkloadChoice() refuses more payments than coins", () => {
  assert.match(
    checkWorkloadChoice({ ...DEFAULT_WORKLOAD_CHOICE, linesPerNode: 200 }) ?? "",
    /got 197 payments a node, wanted at most its 100 coins/,
  );
});

for (const nodes of [5, 10]) {
  Deno.test(`transactions/${nodes}nodes is what the generator makes`, () => {
    for (const file of generateWorkload({ ...DEFAULT_WORKLOAD_CHOICE, nodes })) {
      const path = join(TRANSACTIONS_FOLDER, `${nodes}nodes`, file.fileName);
      assert.equal(Deno.readTextFileSync(path), formatWorkloadFile(file.lines as PaymentLine[]));
    }
  });
}

/** Lets clients take turns at random, none more than `lead` lines ahead of the slowest. */
function acceptedInOrder(choice: WorkloadChoice, seed: number): number {
  const workload = generateWorkload(choice);
  const random = randomStream(seed, "order");
  const balances = workload.map(() => choice.coinsPerNode);
  const places = workload.map(() => 0);
  let accepted = 0;
  for (;;) {
    const slowest = Math.min(...places);
    if (slowest === choice.linesPerNode) return accepted;
    const sender = random.pick(
      workload.map((file) => file.nodeId).filter((id) =>
        (places[id] ?? 0) < choice.linesPerNode && (places[id] ?? 0) <= slowest + choice.lead
      ),
    );
    const line = workload[sender]?.lines[places[sender] ?? 0] as PaymentLine;
    places[sender] = (places[sender] ?? 0) + 1;
    if (line.amount > (balances[sender] ?? 0)) continue;
    balances[sender] = (balances[sender] ?? 0) - line.amount;
    balances[line.receiverId] = (balances[line.receiverId] ?? 0) + line.amount;
    accepted++;
  }
}
