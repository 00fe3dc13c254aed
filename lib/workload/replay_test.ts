import assert from "node:assert/strict";
import { findImpossible } from "./lint_workload.ts";
import { countLines, type LineRecord } from "./line_record.ts";
import type { Payer } from "./payer.ts";
import { type ClosedLoopOptions, replayClosedLoop } from "./replay_closed_loop.ts";
import { replayOpenLoop } from "./replay_open_loop.ts";
import { parseWorkloadFile, type Workload } from "./workload_file.ts";

Deno.test("P04 replayClosedLoop() accounts for every line: offered = accepted + rejected by code", async () => {
  const { records } = await replay(["id1 60\nid1 50\nbob 1\nid7 1\nid1 -2", "id0 1"]);
  assert.deepEqual(countLines(records), {
    offered: 6,
    accepted: 2,
    rejected: {
      "amount-malformed": 1,
      "insufficient-funds": 1,
      "receiver-malformed": 1,
      "wallet-unknown": 1,
    },
  });
});

Deno.test("replayClosedLoop() sends each client's lines in order, one at a time", async () => {
  const text = Array.from({ length: 20 }, (_, index) => `id1 ${index + 1}`).join("\n");
  const { ledger, records } = await replay([text, ""], { leadLines: Infinity });
  assert.equal(ledger.underWayMax, 1);
  assert.deepEqual(records.map(({ lineNumber }) => lineNumber), lineNumbers(20));
});

Deno.test("replayClosedLoop() has as many lines under way as wanted", async () => {
  const text = "id1 1\n".repeat(30);
  const { ledger } = await replay([text, ""], { concurrency: 4, leadLines: Infinity });
  assert.equal(ledger.underWayMax, 4);
});

Deno.test("replayClosedLoop() keeps a fast client within the lead of a slow one", async () => {
  const text = "id1 1\n".repeat(40);
  const slow = new Map([[1, 5]]);
  const { records } = await replay([text, text.replaceAll("id1", "id0")], { leadLines: 3 }, slow);

  const done = [0, 0];
  for (const { nodeId } of records) {
    done[nodeId] = (done[nodeId] ?? 0) + 1;
    assert((done[0] ?? 0) - (done[1] ?? 0) <= 3, `${done}`);
  }
  assert.deepEqual(done, [40, 40]);
});

Deno.test("replayClosedLoop() with retry waits for coins that another client sends later", async () => {
  const texts = ["id1 100\nid1 60\nid1 1", "id2 1\nid2 1\nid0 61"];
  const once = await replay([...texts, ""]);
  assert.deepEqual(countLines(once.records).rejected, { "insufficient-funds": 2 });

  const patient = await replay([...texts, ""], { retry: true });
  assert.deepEqual(countLines(patient.records), { offered: 6, accepted: 6, rejected: {} });
  assert(patient.records.some(({ attempts }) => attempts > 1));
});

Deno.test("P04 replayClosedLoop() with retry ends although a line can never be paid", async () => {
  const impossible = await replay(["id1 900\nid1 5", ""], { retry: true });
  assert.deepEqual(impossible.records.map(({ outcome }) => outcome), ["rejected", "accepted"]);
  assert.equal(impossible.ledger.attemptsAt("0:900"), 1);

  // The 150 that node 0 wants could come together only if node 1 had one coin more.
  const stuck = await replay(["id1 150\nid1 5", "id0 49\nid2 50\nid0 1", ""], {
    retry: true,
    patienceMs: 20,
  });
  assert.deepEqual(countLines(stuck.records), {
    offered: 5,
    accepted: 4,
    rejected: { "insufficient-funds": 1 },
  });
});

Deno.test("replayClosedLoop() stops sending when it is told to", async () => {
  const controller = new AbortController();
  const { records } = await replay(["id1 1\n".repeat(50), ""], {
    leadLines: Infinity,
    signal: controller.signal,
    onRecord: ({ lineNumber }) => lineNumber === 10 && controller.abort(),
  });
  assert.equal(records.length, 10);
});

Deno.test("replayOpenLoop() sends at its rate whether answers come or not", async () => {
  const { clients, ledger } = networkOf(
    ["id1 1\n".repeat(20), "id0 1\n".repeat(20)],
    new Map([[0, 40]]),
  );
  const records: LineRecord[] = [];
  await replayOpenLoop(clients, {
    ratePerSecond: 400,
    underWayMax: 100,
    now: () => performance.now(),
    signal: new AbortController().signal,
    onRecord: (record) => records.push(record),
  });

  assert.equal(countLines(records).accepted, 40);
  assert(ledger.underWayMax > 1, "A slow answer must not hold up the next line");
  const scheduled = records.map(({ scheduledAtMs }) => scheduledAtMs as number).sort((a, b) =>
    a - b
  );
  const spanMs = (scheduled.at(-1) as number) - (scheduled[0] as number);
  assert(Math.abs(spanMs - 39 * 2.5) < 1e-6);
  for (const { submittedAtMs, scheduledAtMs } of records) {
    assert((submittedAtMs as number) >= (scheduledAtMs as number) - 1);
  }
});

async function replay(
  texts: readonly string[],
  options: Partial<ClosedLoopOptions> = {},
  delaysMs: ReadonlyMap<number, number> = new Map(),
) {
  const { clients, ledger, workload } = networkOf(texts, delaysMs);
  const records: LineRecord[] = [];
  await replayClosedLoop(clients, {
    concurrency: 1,
    leadLines: 4,
    retry: false,
    patienceMs: 60_000,
    impossible: new Set(
      findImpossible(workload, { coinsPerNode: 100, fee: 0 }).map(({ line }) => line),
    ),
    now: () => performance.now(),
    signal: new AbortController().signal,
    ...options,
    onRecord: (record) => {
      records.push(record);
      options.onRecord?.(record);
    },
  });
  return { records, ledger };
}

/** Wallets in memory that answer after a delay and tell of arrivals after the answer, as nodes do. */
function networkOf(texts: readonly string[], delaysMs: ReadonlyMap<number, number>) {
  const workload: Workload = texts.map((text, nodeId) => parseWorkloadFile(nodeId, text));
  const balances = texts.map(() => 100);
  const arrivals = texts.map(() => 0);
  const listeners = texts.map(() => new Set<() => void>());
  const attempts = new Map<string, number>();
  let underWay = 0;
  const ledger = { underWayMax: 0, attemptsAt: (key: string) => attempts.get(key) ?? 0 };

  const clients = workload.map(({ nodeId, lines }) => {
    const payer: Payer = {
      nodeId,
      async pay(receiverId, amount) {
        ledger.underWayMax = Math.max(ledger.underWayMax, ++underWay);
        attempts.set(`${nodeId}:${amount}`, ledger.attemptsAt(`${nodeId}:${amount}`) + 1);
        await new Promise((resolve) => setTimeout(resolve, delaysMs.get(nodeId) ?? 0));
        underWay--;
        const balance = balances[nodeId] as number;
        if (balances[receiverId] === undefined) return { kind: "refused", code: "wallet-unknown" };
        if (balance < amount) {
          return { kind: "refused", code: "insufficient-funds", lacking: amount - balance };
        }
        balances[nodeId] = balance - amount;
        balances[receiverId] = (balances[receiverId] as number) + amount;
        queueMicrotask(() => {
          arrivals[receiverId] = (arrivals[receiverId] as number) + 1;
          for (const listener of listeners[receiverId] ?? []) listener();
        });
        return { kind: "accepted", txid: crypto.randomUUID() };
      },
      arrivals: () => arrivals[nodeId] as number,
      onArrival(listener) {
        listeners[nodeId]?.add(listener);
        return () => listeners[nodeId]?.delete(listener);
      },
    };
    return { payer, lines };
  });
  return { clients, ledger, workload };
}

function lineNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
