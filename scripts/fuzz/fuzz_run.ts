/**
 * Runs the doors in turns until a time is over, and says what was tried and what broke.
 *
 * Each turn has a seed: the run's and its number. A finding names door, seed and place in the turn, and
 * the input stands beside it as hex, so that it can become a regression input.
 *
 * @module
 */
import { formatHex } from "../../lib/bytes.ts";
import { randomStream } from "../../lib/random/random_stream.ts";
import type { Door } from "./doors.ts";
import { mutate } from "./mutate.ts";

export interface Finding {
  readonly door: string;
  readonly seed: number;
  readonly turn: number;
  readonly index: number;
  readonly message: string;
  readonly inputHex: string;
}

export interface FuzzReport {
  readonly seed: number;
  readonly seconds: number;
  readonly inputs: number;
  readonly inputsByDoor: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** A door that has failed so often is left alone: more of the same says nothing new. */
const FINDINGS_PER_DOOR_MAX = 3;

export async function fuzzDoors(
  doors: readonly Door[],
  { seed, untilMs, onTurn }: {
    readonly seed: number;
    readonly untilMs: number;
    readonly onTurn?: (inputs: number) => void;
  },
): Promise<FuzzReport> {
  const startMs = performance.now();
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  let inputs = 0;
  for (let turn = 0; performance.now() < untilMs; turn++) {
    for (const door of doors) {
      if (findings.filter((each) => each.door === door.name).length >= FINDINGS_PER_DOOR_MAX) {
        continue;
      }
      const random = randomStream(seed, `${door.name}/${turn}`);
      for (let index = 0; index < door.turn; index++) {
        const input = mutate(door.corpus, random);
        inputs++;
        counts.set(door.name, (counts.get(door.name) ?? 0) + 1);
        try {
          await door.take(input, random);
        } catch (error) {
          const message = error instanceof Error ? error.stack ?? error.message : String(error);
          const inputHex = formatHex(input.subarray(0, 2000));
          findings.push({ door: door.name, seed, turn, index, message, inputHex });
          break;
        }
      }
    }
    onTurn?.(inputs);
  }
  return {
    seed,
    seconds: (performance.now() - startMs) / 1000,
    inputs,
    inputsByDoor: Object.fromEntries(counts),
    findings,
  };
}
