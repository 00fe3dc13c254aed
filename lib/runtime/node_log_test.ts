import assert from "node:assert/strict";
import { configure, getLogger, type LogRecord, reset } from "@logtape/logtape";
import { createNode } from "../node/node.ts";
import { DEFAULT_TIMING, type NodeState } from "../node/state.ts";
import { MemoryStore } from "../store/memory_store.ts";
import { numberedKeyPair } from "../crypto/numbered_key_pair.ts";
import { signRecord } from "../wire/ring.ts";
import { type NodeWatch, watchNode } from "./node_log.ts";

const BOOTSTRAP_URL = "http://127.0.0.1:5000";

function joiningNode(): NodeState {
  const keyPair = numberedKeyPair(1);
  return createNode({
    keyPair,
    record: signRecord({ url: "http://127.0.0.1:5001", sequence: 1 }, keyPair),
    role: { kind: "member", bootstrapUrl: BOOTSTRAP_URL, expectations: {} },
    isMining: false,
    isFullMesh: true,
    timing: DEFAULT_TIMING,
  }, new MemoryStore());
}

/** Watches a node that joins, with everything that is logged. */
async function withWatch(
  body: (watch: NodeWatch, next: () => Promise<LogRecord>) => Promise<void>,
  patience = { warnAfterMs: 5, warnEveryMs: 5, refusalEveryMs: 5 },
): Promise<void> {
  const records: LogRecord[] = [];
  let wake = () => {};
  await configure({
    reset: true,
    sinks: {
      memory: (record) => {
        records.push(record);
        wake();
      },
    },
    loggers: [
      { category: "watch-test", lowestLevel: "debug", sinks: ["memory"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
    ],
  });
  const next = async () => {
    while (records.length === 0) await new Promise<void>((resolve) => wake = resolve);
    return records.shift() as LogRecord;
  };
  const watch = watchNode(joiningNode(), getLogger("watch-test"), patience);
  try {
    await body(watch, next);
  } finally {
    watch.close();
    await reset();
  }
}

const textOf = (record: LogRecord) => record.message.join("");

Deno.test("N06 watchNode() warns again and again for what a node waits, with the last failure", async () => {
  await withWatch(async (watch, next) => {
    const first = await next();
    assert.equal(first.level, "warning");
    assert.equal(textOf(first), `Still waiting for the bootstrap node at ${BOOTSTRAP_URL}`);
    assert.equal(first.properties["lastFailure"], undefined);

    const failure = { url: BOOTSTRAP_URL, publicKey: undefined, code: "unreachable" };
    watch.peerFailed(failure);
    assert.equal((await next()).level, "debug");
    const second = await next();
    assert.deepEqual(second.properties, { phase: "joining", lastFailure: failure });
  });
});

Deno.test("N08 watchNode() reports a mistake of this node's own address as an error, once", async () => {
  await withWatch(async (watch, next) => {
    const failure = { url: BOOTSTRAP_URL, publicKey: undefined, code: "address-unproven" };
    watch.peerFailed(failure);
    watch.peerFailed(failure);
    const levels = [await next(), await next(), await next()].map((record) => record.level);
    assert.deepEqual(levels, ["debug", "error", "debug"]);
  }, { warnAfterMs: 60_000, warnEveryMs: 60_000, refusalEveryMs: 60_000 });
});

Deno.test("watchNode() is quiet once the node is ready", async () => {
  await withWatch(async (watch, next) => {
    watch.event({ type: "phase", phase: "ready" });
    const first = await next();
    assert.equal(first.level, "info");
    const silence = Symbol("silence");
    const later = new Promise<symbol>((resolve) => setTimeout(() => resolve(silence), 30));
    assert.equal(await Promise.race([next(), later]), silence);
  });
});

Deno.test("watchNode() says once for each reason that callers are turned away, however many there are", async () => {
  const hour = 3_600_000;
  await withWatch(async (watch, next) => {
    for (let count = 0; count < 1000; count++) watch.callerRefused("join-token-wrong");
    watch.callerRefused("peers-busy");
    const records = [await next(), await next()];
    assert.deepEqual(records.map(({ level }) => level), ["warning", "warning"]);
    assert.deepEqual(records.map(({ properties }) => properties), [
      { code: "join-token-wrong", times: 1 },
      { code: "peers-busy", times: 1 },
    ]);
  }, { warnAfterMs: hour, warnEveryMs: hour, refusalEveryMs: hour });
});
