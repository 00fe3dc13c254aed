/**
 * How far apart the blocks of a planned run are expected to be: by the founder's difficulty, and by the
 * tip's where it is adjusted.
 *
 * @module
 */
import type { Cell, NetworkRecord } from "../measure/run_record.ts";
import { DEFAULT_PARAMS } from "../params.ts";

/**
 * The interval at the difficulty that the cell names.
 *
 * @param options.hashRateGuessed of all nodes together, where none is set
 */
export function foundersIntervalMs(
  { nodes, difficulty }: Pick<Cell, "nodes" | "difficulty">,
  { network: { hashRateLimit }, hashRateGuessed }: {
    readonly network: Pick<NetworkRecord, "hashRateLimit">;
    readonly hashRateGuessed: number;
  },
): number {
  const hashRate = hashRateLimit === null ? hashRateGuessed : hashRateLimit * nodes;
  return 1000 * 16 ** difficulty / hashRate;
}

/** The interval that an adjusted difficulty keeps; `undefined` where it is not adjusted. */
export function keptIntervalMs({ rules }: Pick<NetworkRecord, "rules">): number | undefined {
  if ((rules?.difficultyAdjustment ?? "none") === "none") return undefined;
  return rules?.blockIntervalMs ?? DEFAULT_PARAMS.blockIntervalMs;
}
