/**
 * Every attack by name: what the command line takes.
 *
 * @module
 */
import type { Attack } from "./attack.ts";
import { halfBodiesAttack } from "./attack_half_bodies.ts";
import { joinsAttack } from "./attack_joins.ts";
import { openingsAttack } from "./attack_openings.ts";
import { readsAttack } from "./attack_reads.ts";
import { streamsAttack } from "./attack_streams.ts";

export const ATTACKS: Readonly<Record<string, Attack>> = {
  "half-bodies": halfBodiesAttack,
  joins: joinsAttack,
  openings: openingsAttack,
  reads: readsAttack,
  streams: streamsAttack,
};
