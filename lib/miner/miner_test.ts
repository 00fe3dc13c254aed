import assert from "node:assert/strict";
import { sha256Hex } from "../crypto/hash.ts";
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
