/**
 * Every attack by name: what the command line takes.
 *
 * @module
 */
import type { Attack } from "./attack.ts";
import { joinsAttack } from "./attack_joins.ts";
import { openingsAttack } from "./attack_openings.ts";
import { streamsAttack } from "./attack_streams.ts";

export const ATTACKS: Readonly<Record<string, Attack>> = {
  joins: joinsAttack,
  openings: openingsAttack,
  streams: streamsAttack,
};
