import assert from "node:assert/strict";
import { sha256Hex } from "../crypto/hash.ts";
import { trappingKernel } from "../testing/trapping_kernel.ts";
import { type Miner, type MinerOptions, type Solution, startMiner } from "./miner.ts";

const EASY_TARGET = 1n << 244n;

/** Runs a test on a miner and closes it, whatever happens. */
async function withMiner(
  options: Partial<MinerOptions>,
  use: (miner: Miner, nextSolution: () => Promise<Solution>) => Promise<void>,
): Promise<void> {
  const solutions: Solution[] = [];
  let waiting: PromiseWithResolvers<Solution> | undefined;
  const miner = await startMiner({
    threads: 2,
    onSolved: (solution) => {
      if (waiting === undefined) return void solutions.push(solution);
      waiting.resolve(solution);
      waiting = undefined;
    },
    ...options,
  });

  try {
    await use(miner, () => {
      const solution = solutions.shift();
      if (solution !== undefined) return Promise.resolve(solution);
      waiting = Promise.withResolvers();
      return waiting.promise;
    });
  } finally {
    await miner.close();
  }
}

function headerOf(seed: number): Uint8Array {
  const header = new Uint8Array(116);
  for (let i = 0; i < header.length; i++) header[i] = (seed + 1) * (i + 7) & 0xff;
  new DataView(header.buffer).setBigUint64(96, 1_700_000_000_000n);
  return header;
}

function solvedHash(header: Uint8Array, { timestampMs, nonce }: Solution): bigint {
  const solved = header.slice();
  new DataView(solved.buffer).setBigUint64(96, BigInt(timestampMs));
  new DataView(solved.buffer).setUint32(112, nonce);
  return BigInt(`0x${sha256Hex(solved)}`);
}

Deno.test("startMiner() solves job after job with the same threads", async () => {
  await withMiner({}, async (miner, nextSolution) => {
    for (let id = 1; id <= 20; id++) {
      const header = headerOf(id);
      miner.mine({ id, header, target: EASY_TARGET });

      const solution = await nextSolution();

      assert.equal(solution.jobId, id);
      assert.ok(solvedHash(header, solution) <= EASY_TARGET);
    }
  });
});

Deno.test("startMiner() reports one solution per job, then is silent until the next", async () => {
  const solutions: Solution[] = [];
  await withMiner({ onSolved: (s) => void solutions.push(s) }, async (miner) => {
    // Every nonce passes, so each of the two threads tries one at most, and both may find it at once.
    for (let id = 1; id <= 50; id++) {
      miner.mine({ id, header: headerOf(id), target: (1n << 256n) - 1n });
      await until(() => solutions.length >= id);
    }

    await new Promise((resolve) => setTimeout(resolve, 20));
    const { hashes } = miner.stats();
    assert.ok(hashes >= 50 && hashes <= 2 * 50, `${hashes} hashes for 50 jobs`);
  });

  assert.deepEqual(solutions.map((s) => s.jobId), Array.from({ length: 50 }, (_, i) => i + 1));
});

/** Waits for a condition, a turn of the event loop at a time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("F07 stop() silences every thread, and mine() replaces the job at once", async () => {
  await withMiner({}, async (miner, nextSolution) => {
    miner.mine({ id: 1, header: headerOf(1), target: 0n });
    await until(() => miner.stats().hashes > 100_000);

    miner.stop();
    await miner.settled();
    const { hashes, activeMs } = miner.stats();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(miner.stats().hashes, hashes);
    assert.equal(miner.stats().activeMs, activeMs);

    miner.mine({ id: 2, header: headerOf(2), target: 0n });
    miner.mine({ id: 3, header: headerOf(3), target: EASY_TARGET });
    assert.equal((await nextSolution()).jobId, 3);
  });
});

Deno.test("F07 a solution that was found before its job was replaced is reported", async () => {
  await withMiner({ threads: 1 }, async (miner, nextSolution) => {
    const header = headerOf(1);
    miner.mine({ id: 1, header, target: (1n << 256n) - 1n });

    // Its first hash passes. Until it is counted, this thread does not look at its messages.
    while (miner.stats().hashes === 0);
    miner.mine({ id: 2, header: headerOf(2), target: EASY_TARGET });

    const first = await nextSolution();
    assert.equal(first.jobId, 1);
    assert.ok(solvedHash(header, first) < 1n << 256n);
    assert.equal((await nextSolution()).jobId, 2);
  });
});

Deno.test("R06 a thread whose kernel traps is replaced, and the job goes on", async () => {
  const faults: string[] = [];
  const trap = await trappingKernel();
  await withMiner({
    kernels: [trap],
    onFault: (text) => void faults.push(text),
  }, async (miner, nextSolution) => {
    const header = headerOf(4);
    miner.mine({ id: 4, header, target: EASY_TARGET });

    const solution = await nextSolution();

    assert.equal(solution.jobId, 4);
    assert.ok(solvedHash(header, solution) <= EASY_TARGET);
    assert.equal(miner.stats().kernel, "scalar");
  });

  assert.ok(
    faults.some((text) => /^Cannot go on mining in thread \d: got "RuntimeError/.test(text)),
    faults.join(),
  );
});

Deno.test("R07 out of nonces, the timestamp moves forward and the solution is valid", async () => {
  await withMiner({ nonceCount: 1_000 }, async (miner, nextSolution) => {
    const header = headerOf(7);
    const givenMs = Number(new DataView(header.buffer).getBigUint64(96));

    // Some 16^4 hashes are needed, and a timestamp has but a thousand.
    const target = (1n << 240n) - 1n;
    miner.mine({ id: 7, header, target });
    const solution = await nextSolution();

    assert.ok(solution.nonce < 1_000);
    assert.ok(solution.timestampMs > givenMs);
    assert.ok(solvedHash(header, solution) <= target);
  });
});

Deno.test("a hash rate limit holds over a second, whatever the number of threads", async () => {
  for (const threads of [1, 2]) {
    await withMiner({ threads, hashRateLimit: 50_000 }, async (miner) => {
      miner.mine({ id: 1, header: headerOf(1), target: 0n });
      // Never more than the limit from the start on, and near it in some second: others on this machine
      // may hold the threads back longer than what they are allowed to catch up.
      let before = miner.stats();
      for (let round = 1;; round++) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const now = miner.stats();
        const mean = now.hashes * 1_000 / now.activeMs;
        assert.ok(mean < 51_000, `${threads} threads hash at ${mean}/s`);

        const rate = (now.hashes - before.hashes) * 1_000 / (now.activeMs - before.activeMs);
        if (rate > 40_000) break;
        assert.ok(round < 60, `${threads} threads hash at ${rate}/s`);
        before = now;
      }
    });
  }
});

Deno.test("close() ends the threads while they mine, while they sleep, and twice", async () => {
  for (const state of ["mining", "idle", "limited"]) {
    const miner = await startMiner({
      threads: 2,
      onSolved: () => {},
      ...(state === "limited" ? { hashRateLimit: 10 } : {}),
    });
    if (state !== "idle") miner.mine({ id: 1, header: headerOf(1), target: 0n });

    await Promise.all([miner.close(), miner.close()]);

    miner.stop();
    assert.throws(() => miner.mine({ id: 2, header: headerOf(2), target: 0n }));
  }
});
