/**
 * Sweeps of attacks: cells of parameters, each run several times.
 *
 * @module
 */
import { utf8Bytes } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { type AttackCell, type AttackFigures, AXIS_NAMES } from "../attack/attack.ts";
import { attackOf } from "../attack/attack_table.ts";
import type { AttackSetting } from "../attack/race_network.ts";
import type { Strategy } from "../attack/strategy.ts";
import { invariant } from "../result.ts";

export interface AttackChoice {
  readonly attack: string;
  readonly cells: readonly AttackCell[];
  readonly setting: AttackSetting;
  readonly repeat: number;
  readonly seed: number;
  /** The hash of the file of one's own strategy; the attack's own otherwise. */
  readonly strategySha256: string | null;
}

/** A cell in words, as in `share=0.3 gamma=0.5`. */
export function keyOfCell(cell: AttackCell): string {
  return AXIS_NAMES.filter((name) => cell[name] !== undefined)
    .map((name) => `${name}=${cell[name]}`).join(" ");
}

export function attackKeys({ cells, repeat }: AttackChoice): string[] {
  return cells.flatMap((cell) =>
    Array.from({ length: repeat }, (_, index) => `${keyOfCell(cell)} #${index}`)
  );
}

/** One run of one cell. Its random numbers are those of no other cell. */
export function runAttackPart(
  { attack: name, cells, setting, seed }: AttackChoice,
  key: string,
  strategy: Strategy | undefined,
): AttackFigures {
  const attack = attackOf(name);
  const cell = cells.find((candidate) => key.startsWith(`${keyOfCell(candidate)} #`));
  invariant(attack !== undefined && cell !== undefined, `A sweep knows its parts: ${name} ${key}`);
  return attack.run(cell, { setting, seed: seedOf(`${seed}/${name}/${key}`), strategy });
}

/** A seed of 32 bits for a name. */
function seedOf(name: string): number {
  const digest = sha256(utf8Bytes(`noobcash/attack/${name}`));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}
