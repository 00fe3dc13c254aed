/**
 * What `deno bench` cannot say about mining: hashes against what theory expects, hash rate by capacity
 * and by threads, how fast threads stop, and how exact the hash rate limit is. Prints Markdown.
 *
 * Run: `deno task bench`, or this file alone with `deno run -A`
 *
 * @module
 */
import { hash } from "node:crypto";
import { type Miner, type Solution, startMiner } from "../lib/miner/miner.ts";
import { merkleRoot } from "../lib/primitives/merkle.ts";
import { compactTargetOfDifficulty, targetOfCompact } from "../lib/primitives/target.ts";

/** How many blocks are mined at each difficulty: fewer where they take longer. */
const BLOCKS = new Map([[1, 2_000], [2, 2_000], [3, 2_000], [4, 2_000], [5, 400], [6, 60]]);
const MEASURE_MS = 1_000;
const WARM_UP_MS = 1_500;
const LATENCY_ROUNDS = 400;

console.log(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}\n`);
await difficultySweep();
await capacitySweep();
await threadSweep();
await latencies();
await rateLimits();

async function difficultySweep(): Promise<void> {
  console.log("| difficulty | blocks | hashes expected | hashes measured | ratio | allowed (3σ) |");
  console.log("| ---: | ---: | ---: | ---: | ---: | ---: |");

  for (const [difficulty, blocks] of BLOCKS) {
    const { hashes } = await mineBlocks(blocks, { difficulty });
    const ratio = hashes / blocks / 16 ** difficulty;
    const mean = Math.round(hashes / blocks);
    const allowed = `± ${(3 / Math.sqrt(blocks)).toFixed(3)}`;
    row(difficulty, blocks, 16 ** difficulty, mean, ratio.toFixed(3), allowed);
  }
}

async function capacitySweep(): Promise<void> {
  console.log("\n| capacity | MH/s | against capacity 1 |\n| ---: | ---: | ---: |");
  const capacities = [1, 10, 100, 1_000];
  const rates = await withMiner(1, async (miner) => {
    await warmUp(miner);

    // Interleaved, and the best of each, so that other work on the machine falls on all alike.
    const best = capacities.map(() => 0);
    for (let round = 0; round < 5; round++) {
      for (const [i, capacity] of capacities.entries()) {
        miner.mine({ id: i, header: headerOfBlock(capacity), target: 0n });
        best[i] = Math.max(best[i]!, await measure(miner, MEASURE_MS / 2));
      }
    }
    return best;
  });

  for (const [i, rate] of rates.entries()) {
    row(capacities[i]!, mhs(rate), (rate / rates[0]!).toFixed(3));
  }
}

async function threadSweep(): Promise<void> {
  console.log("\n| threads | MH/s | against one | kernel |\n| ---: | ---: | ---: | --- |");
  const counts = [1, 2, 2 * navigator.hardwareConcurrency];
  const best = counts.map(() => 0);
  let kernel = "";

  for (let round = 0; round < 3; round++) {
    for (const [i, threads] of counts.entries()) {
      const rate = await withMiner(threads, async (miner) => {
        await warmUp(miner);
        const measured = await measure(miner, MEASURE_MS);
        kernel = miner.stats().kernel;
        return measured;
      });
      best[i] = Math.max(best[i]!, rate);
    }
  }

  for (const [i, rate] of best.entries()) {
    row(counts[i]!, mhs(rate), (rate / best[0]!).toFixed(2), kernel);
  }
}

async function latencies(): Promise<void> {
  const toStop: number[] = [];
  const toStart: number[] = [];
  const toReplace: number[] = [];
  await withMiner(navigator.hardwareConcurrency, async (miner) => {
    await warmUp(miner);
    for (let round = 0; round < LATENCY_ROUNDS; round++) {
      toReplace.push(await settling(miner, () => mineForever(miner)));
      await delay(Math.random() * 6);
      toStop.push(await settling(miner, () => miner.stop()));
      toStart.push(await settling(miner, () => mineForever(miner)));
      await delay(Math.random() * 6);
    }
  });

  const startMs = performance.now();
  await withMiner(1, () => Promise.resolve());
  const lifeMs = performance.now() - startMs;

  console.log("\n| every thread obeys | p50 ms | p99 ms | max ms |\n| --- | ---: | ---: | ---: |");
  for (
    const [name, values] of [["stop", toStop], ["start", toStart], ["replace", toReplace]] as const
  ) {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(2);
    row(name, at(0.5), at(0.99), at(1));
  }
  console.log(`\nA miner of one thread starts and closes in ${lifeMs.toFixed(0)} ms.`);
}

async function rateLimits(): Promise<void> {
  console.log("\n| limit, H/s | threads | measured | error |\n| ---: | ---: | ---: | ---: |");
  for (const threads of [1, 2]) {
    for (const hashRateLimit of [50_000, 100_000, 1_000_000]) {
      const rate = await withMiner(threads, async (miner) => {
        mineForever(miner);
        return await measure(miner, 3 * MEASURE_MS);
      }, { hashRateLimit });
      const error = `${(100 * (rate / hashRateLimit - 1)).toFixed(2)} %`;
      row(hashRateLimit, threads, Math.round(rate), error);
    }
  }

  const blocks = 300;
  const hashRateLimit = 100_000;
  const { blockTimesMs } = await mineBlocks(blocks, { difficulty: 3, hashRateLimit });
  const mean = blockTimesMs.reduce((sum, ms) => sum + ms) / blocks;
  const variance = blockTimesMs.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / (blocks - 1);
  const expected = 1_000 * 16 ** 3 / hashRateLimit;
  console.log(
    `\n${blocks} blocks of difficulty 3 at 100 kH/s: mean ${mean.toFixed(1)} ms (expected ` +
      `${expected.toFixed(1)} ± ${
        (3 * expected / Math.sqrt(blocks)).toFixed(1)
      }), standard deviation ` +
      `${(Math.sqrt(variance) / mean).toFixed(2)} of the mean (exponential: 1).`,
  );
}

/** Mines blocks one after the other, as a node does. */
async function mineBlocks(
  blocks: number,
  { difficulty, hashRateLimit }: { readonly difficulty: number; readonly hashRateLimit?: number },
): Promise<{ readonly hashes: number; readonly blockTimesMs: readonly number[] }> {
  const target = targetOfCompact(compactTargetOfDifficulty(difficulty))!;
  let solved = Promise.withResolvers<Solution>();
  const miner = await startMiner({
    threads: 1,
    onSolved: (solution) => solved.resolve(solution),
    ...(hashRateLimit === undefined ? {} : { hashRateLimit }),
  });

  const blockTimesMs: number[] = [];
  for (let id = 0; id < blocks; id++) {
    solved = Promise.withResolvers();
    const startMs = performance.now();
    miner.mine({ id, header: headerOfBlock(1), target });
    await solved.promise;
    blockTimesMs.push(performance.now() - startMs);
  }

  const { hashes } = miner.stats();
  await miner.close();
  return { hashes, blockTimesMs };
}

/** A header over the Merkle root of so many transactions, unlike any other. */
function headerOfBlock(transactionCount: number): Uint8Array {
  const leaves = Array.from(
    { length: transactionCount },
    () => crypto.getRandomValues(new Uint8Array(32)),
  );
  const header = crypto.getRandomValues(new Uint8Array(116));
  header.set(Uint8Array.fromHex(merkleRoot(leaves)), 32);
  header.set(hash("sha256", header, "buffer"), 0);
  new DataView(header.buffer).setBigUint64(96, BigInt(Date.now()));
  return header;
}

async function withMiner<T>(
  threads: number,
  use: (miner: Miner) => Promise<T>,
  { hashRateLimit }: { readonly hashRateLimit?: number } = {},
): Promise<T> {
  const miner = await startMiner({
    threads,
    onSolved: () => {},
    ...(hashRateLimit === undefined ? {} : { hashRateLimit }),
  });
  try {
    return await use(miner);
  } finally {
    await miner.close();
  }
}

function mineForever(miner: Miner): void {
  miner.mine({ id: 0, header: headerOfBlock(1), target: 0n });
}

async function warmUp(miner: Miner): Promise<void> {
  mineForever(miner);
  await delay(WARM_UP_MS);
}

/** Hashes per second over so long. */
async function measure(miner: Miner, forMs: number): Promise<number> {
  const before = miner.stats();
  await delay(forMs);
  const after = miner.stats();
  return 1_000 * (after.hashes - before.hashes) / (after.activeMs - before.activeMs);
}

async function settling(miner: Miner, command: () => void): Promise<number> {
  const startMs = performance.now();
  command();
  await miner.settled();
  return performance.now() - startMs;
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

function mhs(hashesPerSecond: number): string {
  return (hashesPerSecond / 1e6).toFixed(2);
}

function row(...cells: readonly (string | number)[]): void {
  const text = (cell: string | number) =>
    typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
  console.log(`| ${cells.map(text).join(" | ")} |`);
}
