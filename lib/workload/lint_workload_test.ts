import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isThere } from "../store/is_there.ts";
import { DEFAULT_LINT_OPTIONS, findImpossible, lintWorkload } from "./lint_workload.ts";
import { readWorkload } from "./read_workload.ts";
import { parseWorkloadFile, type Workload } from "./workload_file.ts";

/** The course's own files stand beside the checkout where there are any. */
const COURSE_FOLDER = fileURLToPath(new URL("../../../shared/workload/5nodes", import.meta.url));

Deno.test("lintWorkload() tells malformed, impossible and possible lines apart", () => {
  const workload = workloadOf(["id1 60\nid1 50\nid1 201\nid2 1\nid1 -1", "id0 20"]);
  const report = lintWorkload(workload, { ...DEFAULT_LINT_OPTIONS, orders: 20 });

  assert.equal(report.offered, 6);
  assert.deepEqual(report.malformed.map(({ line }) => line.lineNumber), [5]);
  assert.deepEqual(
    report.impossible.map(({ line, reason, reachable }) => [line.lineNumber, reason, reachable]),
    [[3, "coins-never-enough", 120], [4, "receiver-unknown", 120]],
  );
  assert.equal(report.ceiling, 3);

  // Node 0 has 100 and pays 60; 50 more need the 20 of node 1, which arrive in the first round.
  assert.deepEqual(report.evenPace, { orders: 20, min: 3, median: 3, max: 3 });
});

Deno.test("findImpossible() sees that a payment which cannot come in cannot be passed on", () => {
  // Node 1 could pay 150 only with the 120 that node 0 never has.
  const workload = workloadOf(["id1 120", "id0 150\nid2 1", "id1 2"]);
  const found = findImpossible(workload, { coinsPerNode: 100, fee: 0 });
  assert.deepEqual(
    found.map(({ fileName, line }) => [fileName, line.amount]),
    [["transactions0.txt", 120], ["transactions1.txt", 150]],
  );
});

Deno.test("lintWorkload() bounds what is accepted by the cheapest lines of each node", () => {
  // 100 own coins and 5 that come in pay 1 + 2 + 50 + 50 but not 60 as well.
  const workload = workloadOf(["id1 60\nid1 50\nid1 50\nid1 2\nid1 1", "id0 5"]);
  assert.equal(lintWorkload(workload, { ...DEFAULT_LINT_OPTIONS, orders: 0 }).ceiling, 5);
});

Deno.test("lintWorkload() counts the fee", () => {
  const workload = workloadOf(["id1 99", "id0 1\nid0 1"]);
  const free = lintWorkload(workload, { ...DEFAULT_LINT_OPTIONS, orders: 1 });
  assert.deepEqual([free.impossible.length, free.ceiling], [0, 3]);

  // With a fee of 2, node 0 would need 101 coins; it can get 2 from node 1.
  const paid = lintWorkload(workload, { ...DEFAULT_LINT_OPTIONS, fee: 2, orders: 30 });
  assert.deepEqual([paid.impossible.length, paid.ceiling], [0, 3]);
  assert.deepEqual([paid.evenPace?.min, paid.evenPace?.max], [2, 3]);
});

Deno.test({
  name: "P04 lintWorkload() finds the 15 impossible lines of the course's workload and its ceiling",
  ignore: !isThere(COURSE_FOLDER),
  fn() {
    const workload = readWorkload(COURSE_FOLDER);
    assert(workload.ok);
    const report = lintWorkload(workload.value, { ...DEFAULT_LINT_OPTIONS, orders: 200 });
    assert.equal(report.offered, 500);
    assert.equal(report.malformed.length, 0);
    assert.equal(report.impossible.length, 15);
    assert.equal(report.ceiling, 484);
    const { min, max } = report.evenPace ?? { min: 0, max: 0 };
    assert(min >= 462 && max <= 484, `${min} to ${max}`);
  },
});

function workloadOf(texts: readonly string[]): Workload {
  return texts.map((text, nodeId) => parseWorkloadFile(nodeId, text));
}
