/**
 * `noobcash hashrate`: how fast this machine mines, and what block times that means.
 *
 * Runs the node's own miner on a target that nothing passes. Knows nothing of blocks or nodes.
 *
 * @module
 */
import { Command } from "@commander-js/extra-typings";
import Table from "cli-table3";
import { defaultThreads } from "../miner/default_threads.ts";
import { KERNEL_HEADER_SIZE_BYTES } from "../miner/kernel.ts";
import { type Miner, startMiner } from "../miner/miner.ts";
import { decimalNumber, wholeNumber } from "../terminal/option_values.ts";

const DIFFICULTIES = [3, 4, 5, 6, 7, 8] as const;
const SECONDS_DEFAULT = 3;

/** The engine optimizes the kernel, and the threads find the fastest one, before the clock starts. */
const WARM_UP_MS = 1_000;

/** What was measured. */
export interface HashRate {
  readonly mhsTotal: number;
  readonly mhsPerThread: number;
  readonly threads: number;
  readonly kernel: string;
  readonly seconds: number;
  readonly expectedBlockTimes: readonly {
    readonly difficulty: number;
    readonly hashes: number;
    readonly seconds: number;
  }[];
}

export function hashrateCommand(): Command {
  const command = new Command("hashrate")
    .description("measure how fast this machine mines, and tell the block times that come of it")
    .option(
      "--seconds <seconds>",
      "how long to measure",
      decimalNumber(0.1, 3_600),
      SECONDS_DEFAULT,
    )
    .option("--threads <count>", "how many threads; all cores but one", wholeNumber(1, 1_024))
    .option("--json", "print one JSON object", false)
    .action(async ({ seconds, threads, json }) => {
      const rate = await measureHashRate(seconds, { threads: threads ?? defaultThreads() });
      console.log(json ? JSON.stringify(rate) : formatHashRate(rate));
    });
  return command as unknown as Command;
}

/** Mines for so long and tells how fast it was. */
export async function measureHashRate(
  seconds: number,
  { threads }: { readonly threads: number },
): Promise<HashRate> {
  const miner = await startMiner({
    threads,
    onSolved: () => {},
    onFault: (text) => console.error(text),
  });

  try {
    miner.mine({ id: 0, header: new Uint8Array(KERNEL_HEADER_SIZE_BYTES), target: 0n });
    await delay(WARM_UP_MS);
    const hashesPerSecond = await observe(miner, seconds);

    return {
      mhsTotal: hashesPerSecond / 1e6,
      mhsPerThread: hashesPerSecond / 1e6 / threads,
      threads,
      kernel: miner.stats().kernel,
      seconds,
      expectedBlockTimes: DIFFICULTIES.map((difficulty) => ({
        difficulty,
        hashes: 16 ** difficulty,
        seconds: 16 ** difficulty / hashesPerSecond,
      })),
    };
  } finally {
    await miner.close();
  }
}

async function observe(miner: Miner, seconds: number): Promise<number> {
  const before = miner.stats();
  await delay(seconds * 1_000);
  const after = miner.stats();

  return (after.hashes - before.hashes) * 1_000 / (after.activeMs - before.activeMs);
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

function formatHashRate({ mhsTotal, mhsPerThread, threads, kernel, expectedBlockTimes }: HashRate) {
  const table = new Table({
    head: ["difficulty", "expected hashes", "expected block time"],
    colAligns: ["right", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const { difficulty, hashes, seconds } of expectedBlockTimes) {
    table.push([difficulty, hashes.toLocaleString("en-US"), formatDuration(seconds)]);
  }

  const threadWord = threads === 1 ? "thread" : "threads";
  return `${mhsTotal.toFixed(2)} MH/s with ${threads} ${threadWord}, ` +
    `${mhsPerThread.toFixed(2)} MH/s each (${kernel} kernel)\n${table.toString()}`;
}

/** A duration in the unit that leaves one to three digits before the point. */
export function formatDuration(seconds: number): string {
  const units = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1], ["ms", 1e-3], ["us", 1e-6]];
  const [unit, size] = (units.find(([, size]) => seconds >= (size as number)) ?? ["us", 1e-6]) as [
    string,
    number,
  ];
  return `${(seconds / size).toPrecision(3)} ${unit}`;
}
