/**
 * Which parts of a sweep are this machine's: by a hash of their keys, so that the number of shards may
 * change between runs and nobody has to be asked.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { err, ok, type Result } from "../result.ts";

/** The shard `index` of `count`, counted from 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface ShardError {
  readonly code: "shard-unreadable";
  readonly message: string;
}

export const WHOLE: Shard = { index: 0, count: 1 };

/** More shards than this nobody has machines for. */
const SHARDS_MAX = 1_000_000;

/**
 * Reads `i/n`, counted from 1 as in `--shard 1/8`.
 *
 * @example
 * ```ts
 * import { parseShard } from "./shard.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseShard("8/8"), { ok: true, value: { index: 7, count: 8 } });
 * assert.equal(parseShard("0/8").ok, false);
 * ```
 */
export function parseShard(text: string): Result<Shard, ShardError> {
  const match = /^([0-9]{1,7})\/([0-9]{1,7})$/.exec(text);
  const [number, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || number < 1 || number > count || count > SHARDS_MAX) {
    return err({ code: "shard-unreadable", message: `got "${text}", wanted i/n as in 1/8` });
  }
  return ok({ index: number - 1, count });
}

/**
 * The shard that a batch system gives a task: a Slurm array's, or that of an Indexed Job of Kubernetes,
 * which does not tell a task how many there are: `NOOBCASH_SHARDS` does.
 */
export function shardOfEnvironment(
  read: (name: string) => string | undefined,
): Result<Shard | undefined, ShardError> {
  const slurm = read("SLURM_ARRAY_TASK_ID");
  if (slurm !== undefined && slurm !== "") {
    const first = Number(read("SLURM_ARRAY_TASK_MIN") ?? "0");
    const step = Number(read("SLURM_ARRAY_TASK_STEP") ?? "1");
    return numbered(
      (Number(slurm) - first) / step,
      read("SLURM_ARRAY_TASK_COUNT"),
      "Slurm's array",
    );
  }
  const kubernetes = read("JOB_COMPLETION_INDEX");
  if (kubernetes !== undefined && kubernetes !== "") {
    return numbered(Number(kubernetes), read("NOOBCASH_SHARDS"), "the Indexed Job");
  }
  return ok(undefined);
}

/** Whether a part is a shard's. */
export function isOfShard(key: string, { index, count }: Shard): boolean {
  if (count === 1) return true;
  const digest = sha256(utf8Bytes(`noobcash/shard/${key}`));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0) % count === index;
}

function numbered(
  index: number,
  countText: string | undefined,
  what: string,
): Result<Shard | undefined, ShardError> {
  const count = Number(countText);
  const isGood = Number.isInteger(index) && index >= 0 && Number.isInteger(count) &&
    index < count && count <= SHARDS_MAX;
  return isGood ? ok({ index, count }) : err({
    code: "shard-unreadable",
    message: `Cannot tell the shard: got task ${index} of "${countText ?? ""}" from ${what}, ` +
      "wanted a task and how many there are; say it with --shard i/n",
  });
}
