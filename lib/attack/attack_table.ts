/**
 * All attacks, by the name that a user gives them.
 *
 * @module
 */
import type { Attack } from "./attack.ts";
import { DOUBLE_SPEND_ATTACK } from "./double_spend_attack.ts";
import { ECLIPSE_ATTACK } from "./eclipse_attack.ts";
import { MAJORITY_ATTACK } from "./majority_attack.ts";
import { PARTITION_ATTACK } from "./partition_attack.ts";
import { SELFISH_ATTACK, STUBBORN_ATTACK, WITHHOLD_ATTACK } from "./revenue_attack.ts";

export const ATTACKS: readonly Attack[] = [
  SELFISH_ATTACK,
  STUBBORN_ATTACK,
  DOUBLE_SPEND_ATTACK,
  WITHHOLD_ATTACK,
  ECLIPSE_ATTACK,
  MAJORITY_ATTACK,
  PARTITION_ATTACK,
];

export function attackOf(name: string): Attack | undefined {
  return ATTACKS.find((attack) => attack.name === name);
}
